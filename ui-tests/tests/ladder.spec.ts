import AxeBuilder from '@axe-core/playwright';
import type { Page } from '@playwright/test';

import {
  expect,
  notification,
  openConnected,
  picture,
  question,
  statusItem,
  test,
  withSettings
} from '../helpers/test';

test.use({
  mockSettings: withSettings({
    baseDelayMs: 100,
    delayCapMs: 6000,
    maxAttempts: 2
  })
});

/** Open a connected page with a new notebook. */
async function openNotebook(page: Page) {
  await openConnected(page);
  await page.evaluate(async () => {
    await window.jupyterapp.commands.execute('notebook:create-new', {
      kernelName: 'python3'
    });
  });
}

/** The widths of the item under each label, from now on. */
async function followWidths(page: Page) {
  await page.evaluate(() => {
    const node = document.querySelector('.jp-AiConnectionStatus')!;
    const widths: Record<string, number[]> = {};
    Object.assign(window, { widths });
    new MutationObserver(() => {
      const label = node.querySelector('.jp-AiConnectionStatus-label')!;
      const seen = (widths[label.textContent!] ??= []);
      const { width } = node.getBoundingClientRect();
      if (!seen.includes(width)) {
        seen.push(width);
      }
    }).observe(node, { childList: true, characterData: true, subtree: true });
  });
  return () =>
    page.evaluate(
      () => (window as never as { widths: Record<string, number[]> }).widths
    );
}

/** How long after the page has noticed a cut a notification comes, by its own clock. */
async function followDelay(page: Page): Promise<() => Promise<number>> {
  await page.evaluate(() => {
    const item = document.querySelector('.jp-AiConnectionStatus')!;
    const times: { cutMs?: number; toldMs?: number } = {};
    Object.assign(window, { times });
    new MutationObserver(() => {
      if (item.textContent!.includes('reconnecting')) {
        times.cutMs ??= performance.now();
      }
      if (document.querySelector('.Toastify__toast')) {
        times.toldMs ??= performance.now();
      }
    }).observe(document.body, {
      childList: true,
      characterData: true,
      subtree: true
    });
  });
  return () =>
    page.evaluate(() => {
      const { times } = window as never as {
        times: { cutMs: number; toldMs: number };
      };
      return times.toldMs - times.cutMs;
    });
}

test('an outage climbs from item to notification to dialog, and all go on recovery', async ({
  page,
  line
}) => {
  await page.clock.install();
  const item = await openConnected(page);
  const widths = await followWidths(page);
  const delay = await followDelay(page);

  await test.step('under 5 s only the item speaks', async () => {
    await line.lose(page);
    await expect(item).toHaveAccessibleName(
      /^AI connection: reconnecting, attempt \d/
    );
    await page.clock.runFor(6000);
    await expect(notification(page)).toHaveCount(1);
    expect(await delay()).toBeGreaterThan(4900);
  });

  await test.step('then one notification, with what to do in it', async () => {
    await expect(item).toContainText(/\d s$/);
    await picture(item, 'item-reconnecting');
    await picture(page, 'notification');
    await expect(question(page)).toHaveCount(0);
  });

  await test.step('after 30 s the dialog instead of it', async () => {
    await page.clock.fastForward(26_000);
    await expect(question(page)).toContainText(
      'The Jupyter server cannot be reached.'
    );
    await expect(notification(page)).toHaveCount(0);
    await expect(question(page).getByRole('button')).toHaveText([
      'Keep waiting',
      'Refresh page',
      'Reconnect now'
    ]);
    await expect(
      question(page).getByRole('button', { name: 'Reconnect now' })
    ).toBeFocused();
    await expect(question(page)).toContainText(/Next attempt in \d+ second/);
    await picture(page, 'question');
    await picture(item, 'item-asking');
    const axe = await new AxeBuilder({ page: page as never })
      .include('.jp-AiConnectionQuestion')
      .analyze();
    expect(axe.violations).toEqual([]);
  });

  await test.step('a refresh that would lose the page is not done', async () => {
    await page.route(/\/lab/, route => route.abort('connectionrefused'));
    await question(page).getByRole('button', { name: 'Refresh page' }).click();
    await expect(page.locator('.Toastify__toast')).toContainText([
      'Not refreshed, as the Jupyter server does not answer'
    ]);
    await page.unroute(/\/lab/);
  });

  await test.step('whoever has answered sees the notification again', async () => {
    await expect(notification(page)).toHaveCount(1);
    await expect(question(page)).toHaveCount(0);
    await notification(page).getByRole('button', { name: 'Details' }).click();
    await expect(question(page)).toBeVisible();
    await expect(notification(page)).toHaveCount(0);
  });

  await test.step('and all go on recovery', async () => {
    await line.restore(page);
    await page.clock.fastForward(8000);
    await expect(item).toHaveText('AI connection: connected');
    await expect(question(page)).toHaveCount(0);
    await expect(page.locator('.Toastify__toast')).toHaveCount(0);
  });

  await test.step('the bar has stood still while the item counted', async () => {
    for (const [label, seen] of Object.entries(await widths())) {
      expect(seen, label).toHaveLength(1);
    }
  });
});

test('whoever types in a notebook is not interrupted, and "Refresh page" saves what was typed', async ({
  page,
  line
}) => {
  await page.clock.install();
  await openNotebook(page);
  const editor = page.locator('.jp-Notebook .jp-CodeCell .cm-content');
  await editor.click();
  await page.keyboard.type('never to ');

  await line.lose(page, 404);
  await expect(statusItem(page)).toContainText('AI connection: switched off');
  await page.clock.runFor(8000);
  await expect(notification(page)).toHaveCount(1);
  await page.keyboard.type('be lost');
  await page.clock.runFor(5000);
  await expect(question(page)).toHaveCount(0);
  await expect(editor).toBeFocused();
  await expect(editor).toHaveText('never to be lost');

  await editor.blur();
  await page.clock.runFor(2000);
  await expect(question(page)).toContainText(
    'The Jupyter server no longer offers the AI connection.'
  );
  await expect(notification(page)).toHaveCount(0);
  await line.restore(page);
  const saved = page.waitForRequest(
    request => request.method() === 'PUT' && /\.ipynb/.test(request.url())
  );
  const loaded = page.waitForEvent('load');
  await question(page).getByRole('button', { name: 'Refresh page' }).click();
  expect((await saved).postData()).toContain('never to be lost');
  await loaded;
  await expect(statusItem(page)).toHaveText('AI connection: connected');
});

test('whoever gives a notebook commands is not interrupted, and no cell is lost by the way', async ({
  page,
  line
}) => {
  await page.clock.install();
  await openNotebook(page);
  const cells = page.locator('.jp-Notebook .jp-CodeCell');
  await cells.locator('.cm-content').click();
  await page.keyboard.press('Escape');
  await page.keyboard.press('b');
  await expect(cells).toHaveCount(2);

  await line.lose(page, 404);
  await expect(statusItem(page)).toContainText('AI connection: switched off');
  await page.clock.runFor(8000);
  await expect(notification(page)).toHaveCount(1);
  await page.clock.runFor(30_000);
  await expect(question(page)).toHaveCount(0);
  await page.keyboard.press('Enter');
  await page.keyboard.type('dd = x');
  await expect(cells).toHaveCount(2);
  await expect(cells.nth(1)).toContainText('dd = x');

  await test.step('nor is whoever has just pressed a key elsewhere', async () => {
    await cells.nth(1).locator('.cm-content').blur();
    await page.keyboard.press('Shift');
    await page.clock.runFor(1500);
    await expect(question(page)).toHaveCount(0);
    await page.clock.runFor(4000);
    await expect(question(page)).toBeVisible();
    await expect(notification(page)).toHaveCount(0);
  });
});
