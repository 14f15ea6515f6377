import AxeBuilder from '@axe-core/playwright';

import {
  expect,
  followItem,
  picture,
  test,
  openConnected
} from '../helpers/test';

test('the item says connected, the popup says more, and the console stays clean', async ({
  page,
  line,
  complaints
}) => {
  const item = await openConnected(page);
  await picture(item, 'item-connected');

  await item.focus();
  await page.keyboard.press('Enter');
  const popup = page.getByRole('dialog', { name: 'AI connection' });
  await expect(popup).toContainText('AI assistants can reach the server.');
  await expect(popup.getByRole('button')).toHaveText([
    'Reconnect now',
    'Self-test',
    'Copy report',
    'Settings'
  ]);
  await expect(popup.getByRole('button').first()).toBeFocused();
  const axe = await new AxeBuilder({ page: page as never })
    .include('.jp-AiConnectionStatus')
    .include('.jp-AiConnectionDetails')
    .analyze();
  expect(axe.violations).toEqual([]);

  await page.keyboard.press('Escape');
  await expect(popup).toBeHidden();
  await expect(item).toBeFocused();

  await page.keyboard.press('Enter');
  // Once it is shown it takes the focus to its first button.
  await expect(popup.getByRole('button').first()).toBeFocused();
  await popup.getByRole('button').last().focus();
  await page.keyboard.press('Tab');
  await expect(popup).toBeHidden();

  await test.step('a cut shows for a moment, heals by itself and bothers nobody', async () => {
    const seen = await followItem(page);
    line.cut();
    await expect
      .poll(seen)
      .toEqual(['AI connection: reconnecting', 'AI connection: connected']);
    await expect(page.getByRole('dialog')).toHaveCount(0);

    await item.click();
    await expect(page.getByRole('dialog')).toContainText(
      'Interruptions survived1'
    );
  });
  expect(complaints).toEqual([]);
});

test('the popup is within windows of every width, with a notebook open', async ({
  page
}) => {
  const item = await openConnected(page);
  await page.evaluate(async () => {
    await window.jupyterapp.commands.execute('notebook:create-new', {
      kernelName: 'python3'
    });
  });
  await expect(page.locator('.jp-Notebook .jp-CodeCell')).toHaveCount(1);
  const popup = page.getByRole('dialog', { name: 'AI connection' });
  for (const width of [900, 760, 400]) {
    await page.setViewportSize({ width, height: 700 });
    // The bar takes its items away and brings them back as it finds room.
    await expect(item).toBeInViewport();
    await item.press('Enter');
    await expect(popup, `at ${width}`).toBeInViewport({ ratio: 1 });
    const first = popup.getByRole('button').first();
    await expect(first).toBeFocused();
    const box = (await popup.boundingBox())!;
    expect(box.x).toBeGreaterThanOrEqual(0);
    expect(box.x + box.width).toBeLessThanOrEqual(width);
    await picture(page, `popup-${width}`);
    await page.keyboard.press('Escape');
    await expect(popup).toBeHidden();
    await expect(item).toBeFocused();
  }
});
