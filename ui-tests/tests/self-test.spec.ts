import AxeBuilder from '@axe-core/playwright';

import { expect, picture, test, openConnected } from '../helpers/test';

test('the self-test loses, doubles and reorders nothing over ten cuts', async ({
  page,
  line,
  complaints
}) => {
  await openConnected(page);
  // It may be over before this test looks again.
  await page.evaluate(() => {
    const told: string[] = [];
    Object.assign(window, { told });
    new MutationObserver(() => {
      const text = document.querySelector('.jp-Dialog')?.textContent ?? '';
      told.push(...(text.match(/[1-9] of 10 cuts/) ?? []));
    }).observe(document.body, {
      childList: true,
      characterData: true,
      subtree: true
    });
  });

  await page.keyboard.press('Control+Shift+C');
  await page.keyboard.type('self-test');
  await page.getByText('Run Self-Test').first().click();

  const dialog = page.getByRole('dialog', { name: 'AI Connection Self-Test' });
  await expect(dialog.getByRole('progressbar')).toBeVisible();
  await expect(dialog.getByRole('status')).toContainText(
    '2,000 records each way, 10 cuts: 0 lost, 0 doubled, 0 out of order.'
  );
  const told = await page.evaluate(
    () => (window as never as { told: string[] }).told
  );
  expect(told).not.toEqual([]);
  await picture(page, 'self-test');
  const axe = await new AxeBuilder({ page: page as never })
    .include('.jp-Dialog')
    .analyze();
  expect(axe.violations).toEqual([]);
  // More where a loaded machine answered too late.
  expect(line.opened).toBeGreaterThan(10);

  await dialog.getByRole('button', { name: 'Close' }).click();
  await expect(dialog).toBeHidden();
  expect(complaints).toEqual([]);
});
