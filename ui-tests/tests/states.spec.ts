import { expect, picture, statusItem, test } from '../helpers/test';

test('says that it connects for the first time', async ({ page, line }) => {
  line.sockets = 'hole';
  await page.goto();
  const item = statusItem(page);
  await expect(item).toHaveText('AI connection: connecting');
  await picture(item, 'item-connecting');
});

test('says that the server takes the connection and does not answer', async ({
  page,
  line
}) => {
  await page.goto();
  const item = statusItem(page);
  await expect(item).toHaveText('AI connection: connected');
  await line.lose(page, 'hang');
  await expect(item).toContainText('AI connection: not answering', {
    timeout: 15_000
  });
  await picture(item, 'item-busy');
});

test('says that the computer is offline, and comes back with the network', async ({
  page,
  line,
  context
}) => {
  await page.goto();
  const item = statusItem(page);
  await expect(item).toHaveText('AI connection: connected');
  await context.setOffline(true);
  await line.lose(page);
  await expect(item).toContainText('AI connection: offline');
  await picture(item, 'item-offline');
  await line.restore(page);
  await context.setOffline(false);
  await expect(item).toHaveText('AI connection: connected');
});

test('says that it sleeps while the page is frozen, and wakes with it', async ({
  page
}) => {
  await page.goto();
  const item = statusItem(page);
  await expect(item).toHaveText('AI connection: connected');
  await page.evaluate(() => document.dispatchEvent(new Event('freeze')));
  await expect(item).toHaveText('AI connection: sleeping');
  await picture(item, 'item-sleeping');
  await page.evaluate(() => document.dispatchEvent(new Event('resume')));
  await expect(item).toHaveText('AI connection: connected');
});
