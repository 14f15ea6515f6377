import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import {
  expect,
  notification,
  openConnected,
  picture,
  question,
  test
} from '../helpers/test';

const THEMES = [
  'JupyterLab Light',
  'JupyterLab Dark',
  'JupyterLab Dark High Contrast'
];

async function changeTheme(page: Page, theme: string): Promise<void> {
  await page.evaluate(
    theme =>
      window.jupyterapp.commands.execute('apputils:change-theme', { theme }),
    theme
  );
  await expect(page.locator('body')).toHaveAttribute(
    'data-jp-theme-name',
    theme
  );
}

test('item, popup, settings and dialog can be read in every theme', async ({
  page,
  line
}) => {
  await page.clock.install();
  const item = await openConnected(page);

  const expectReadable = async (what: string, ...selectors: string[]) => {
    for (const theme of THEMES) {
      await changeTheme(page, theme);
      const axe = new AxeBuilder({ page: page as never });
      selectors.forEach(selector => axe.include(selector));
      if (what === 'settings') {
        // JupyterLab gives the fields of its editor no label, nor can a plugin.
        axe.disableRules(['label', 'label-title-only']);
      }
      expect((await axe.analyze()).violations).toEqual([]);
      await picture(page, `${what}-${theme.toLowerCase().replace(/ /g, '-')}`);
    }
  };

  await item.click();
  const popup = page.getByRole('dialog', { name: 'AI connection' });
  await expectReadable(
    'popup',
    '.jp-AiConnectionStatus',
    '.jp-AiConnectionDetails'
  );
  await popup.getByRole('button', { name: 'Settings', exact: true }).click();
  await expect(
    page.getByRole('group', { name: 'AI Connection' })
  ).toBeVisible();
  await expectReadable('settings', '.jp-SettingsForm');
  // Whoever types is not interrupted, and the editor has a field to search in.
  await item.focus();

  await line.lose(page, 403);
  await page.clock.runFor(8000);
  await expect(question(page)).toBeVisible();
  await expectReadable('question', '.jp-AiConnectionQuestion');

  await test.step('under a theme that has none of the variables, too', async () => {
    await line.restore(page);
    await question(page).getByRole('button', { name: 'Reconnect now' }).click();
    await expect(item).toHaveText('AI connection: connected');
    await changeTheme(page, 'JupyterLab Light');
    await page.evaluate(() =>
      document
        .querySelectorAll('link[href*="/themes/"]')
        .forEach(link => link.remove())
    );
    // Without a theme JupyterLab's own parts cover each other.
    await item.press('Enter');
    await expect(popup).toHaveCSS('background-color', 'rgb(255, 255, 255)');
    const axe = await new AxeBuilder({ page: page as never })
      .include('.jp-AiConnectionDetails')
      .analyze();
    expect(axe.violations).toEqual([]);
    await picture(page, 'popup-no-theme');
  });
});

test('everything fits and nothing moves at 400 % and with reduced motion', async ({
  page,
  line
}) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.clock.install();
  const item = await openConnected(page);
  // 1280 by 1024 at 400 %.
  await page.setViewportSize({ width: 320, height: 256 });
  await expect(item).toBeInViewport();
  await expect(item).toHaveAccessibleName('AI connection: connected');

  await item.click();
  const popup = page.getByRole('dialog', { name: 'AI connection' });
  await expect(popup).toBeVisible();
  for (const button of await popup.getByRole('button').all()) {
    await button.scrollIntoViewIfNeeded();
    await expect(button).toBeInViewport({ ratio: 1 });
  }
  await picture(page, 'popup-400-percent');
  await page.keyboard.press('Escape');

  await line.lose(page, 403);
  await page.clock.runFor(8000);
  await expect(question(page)).toBeVisible();
  for (const button of await question(page).getByRole('button').all()) {
    await button.scrollIntoViewIfNeeded();
    await expect(button).toBeInViewport({ ratio: 1 });
  }
  await picture(page, 'question-400-percent');
  await page.keyboard.press('Escape');
  await expect(notification(page)).toHaveCount(1);
  const moving = await page.evaluate(() =>
    document
      .getAnimations()
      .map(({ effect }) => (effect as KeyframeEffect).target)
      .filter(node => node?.closest('[class*="jp-AiConnection"]'))
  );
  expect(moving).toEqual([]);
});
