import { exchange, followSockets, heard, listen, send } from '../helpers/peer';
import { expect, statusItem, test, withSettings } from '../helpers/test';

test.use({ mockSettings: withSettings({ baseDelayMs: 100, delayCapMs: 500 }) });

const CONNECTED = 'AI connection: connected';

test('a guarded socket notices nothing of cuts, and loses, doubles and reorders nothing', async ({
  page,
  line
}) => {
  const sockets = followSockets(page);
  await page.goto();
  await expect(statusItem(page)).toHaveText(CONNECTED);
  await listen(page);
  await send(page, 'do stream 100 20');
  for (const part of [10, 30, 50]) {
    await expect
      .poll(async () => (await heard(page)).length)
      .toBeGreaterThan(part);
    // Looked at seldom, it may be far beyond the part: no cut before the line is back.
    const { opened } = line;
    line.cut();
    await expect.poll(() => line.opened).toBeGreaterThan(opened);
  }
  const numbers = Array.from({ length: 100 }, (_, number) => `${number}`);
  await expect.poll(() => heard(page)).toEqual(['open', ...numbers]);
  expect(sockets.filter(path => path.startsWith('/peer'))).toEqual([]);
});

test('what is sent while the line is cut arrives once, and the socket stays open', async ({
  page,
  line
}) => {
  await page.goto();
  await expect(statusItem(page)).toHaveText(CONNECTED);
  await listen(page);
  await line.lose(page);
  await expect(statusItem(page)).toContainText('reconnecting');
  await send(page, 'one');
  await send(page, 'two');
  expect(await heard(page)).toEqual(['open']);
  await line.restore(page);
  await expect.poll(() => heard(page)).toEqual(['open', 'one', 'two']);
  await send(page, 'three');
  await expect.poll(() => heard(page)).toEqual(['open', 'one', 'two', 'three']);
});

test('a socket that is opened while the line is cut opens when it is back, and not natively', async ({
  page,
  line
}) => {
  const sockets = followSockets(page);
  await page.goto();
  await expect(statusItem(page)).toHaveText(CONNECTED);
  await line.lose(page);
  await expect(statusItem(page)).toContainText('reconnecting');
  const told = exchange(page);
  await line.restore(page);
  expect(await told).toEqual(['hello', 4000]);
  expect(sockets.filter(path => path.startsWith('/peer'))).toEqual([]);
});
