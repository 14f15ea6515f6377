import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@jupyterlab/galata';

test.use({ autoGoto: false });

test('the status bar shows the AI connection and the console stays clean', async ({
  page
}) => {
  const complaints: string[] = [];
  page.on('pageerror', error => complaints.push(String(error)));
  page.on('console', message => {
    if (['error', 'warning'].includes(message.type())) {
      complaints.push(message.text());
    }
  });

  await page.goto();

  const item = page.getByRole('button', { name: 'AI connection' });
  await expect(item).toHaveText('AI connection: connected');
  const axe = await new AxeBuilder({ page: page as never })
    .include('.jp-AiConnectionStatus')
    .analyze();
  expect(axe.violations).toEqual([]);
  expect(complaints).toEqual([]);
});

test('the item says so when the server half is missing, and asks again on a click', async ({
  page
}) => {
  const health = /\/jupyter-ai-ws\/health/;
  await page.route(health, route => route.fulfill({ status: 404, json: {} }));
  await page.goto();

  const item = page.getByRole('button', { name: 'AI connection' });
  await expect(item).toHaveText('AI connection: not available');

  await page.unroute(health);
  await item.click();
  await expect(item).toHaveText('AI connection: connected');
});
