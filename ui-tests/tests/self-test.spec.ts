import AxeBuilder from '@axe-core/playwright';

import { expect, picture, statusItem, test } from '../helpers/test';

test('the self-test loses, doubles and reorders nothing over ten cuts', async ({
  page,
  line,
  complaints
}) => {
  test.setTimeout(120_000);
  await page.goto();
  await expect(statusItem(page)).toHaveText('AI connection: connected');

  await page.keyboard.press('Control+Shift+C');
  await page.keyboard.type('self-test');
  await page.getByText('Run Self-Test').first().click();

  const dialog = page.getByRole('dialog', { name: 'AI Connection Self-Test' });
  await expect(dialog.getByRole('progressbar')).toBeVisible();
  await expect(dialog).toContainText(/[1-9] of 10 cuts/);
  await picture(page, 'self-test-running');
  await expect(dialog.getByRole('status')).toContainText(
    '2,000 records each way, 10 cuts: 0 lost, 0 doubled, 0 out of order.',
    { timeout: 60_000 }
  );
  await picture(page, 'self-test');
  const axe = await new AxeBuilder({ page: page as never })
    .include('.jp-Dialog')
    .analyze();
  expect(axe.violations).toEqual([]);
  expect(line.opened).toBe(11);

  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toBeHidden();
  expect(complaints).toEqual([]);
});
