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
