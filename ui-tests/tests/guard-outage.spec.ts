import { exchange, followSockets, heard, listen, send } from '../helpers/peer';
import {
  expect,
  statusItem,
  test,
  withSettings,
  openConnected
} from '../helpers/test';

test.use({ mockSettings: withSettings({ baseDelayMs: 100, delayCapMs: 500 }) });

test('a guarded socket notices nothing of cuts, and loses, doubles and reorders nothing', async ({
  page,
  line
}) => {
  const sockets = followSockets(page);
  await openConnected(page);
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

test('what is sent while the line is cut arrives once, and a socket that is opened then opens when it is back', async ({
  page,
  line
}) => {
  const sockets = followSockets(page);
  await openConnected(page);
  await listen(page);
  await line.lose(page);
  await expect(statusItem(page)).toContainText('reconnecting');
  await send(page, 'one');
  await send(page, 'two');
  const told = exchange(page);
  expect(await heard(page)).toEqual(['open']);
  await line.restore(page);
  await expect.poll(() => heard(page)).toEqual(['open', 'one', 'two']);
  await send(page, 'three');
  await expect.poll(() => heard(page)).toEqual(['open', 'one', 'two', 'three']);
  expect(await told).toEqual(['hello', 4000]);
  expect(sockets.filter(path => path.startsWith('/peer'))).toEqual([]);
});
