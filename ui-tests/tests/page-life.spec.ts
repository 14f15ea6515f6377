import type { Page } from '@playwright/test';

import {
  expect,
  followItem,
  openConnected,
  picture,
  question,
  statusItem,
  test
} from '../helpers/test';

const CONNECTED = 'AI connection: connected';

/**
 * So soon a page that is back tells the truth: in less than 1 s, on a loaded
 * machine a little later, but never as late as one that waits for its heartbeat.
 */
const AT_ONCE = { timeout: 4000 };

/** The sessions that pages have asked for. */
function followSessions(page: Pick<Page, 'on'>): Set<string> {
  const sessions = new Set<string>();
  page.on('websocket', socket => {
    const sid = new URL(socket.url()).searchParams.get('sid');
    if (sid) {
      sessions.add(sid);
    }
  });
  return sessions;
}

test('a page that was frozen, or rested in the back/forward cache, tells the truth at once', async ({
  page,
  context,
  line
}) => {
  const item = await openConnected(page);
  const sessions = followSessions(page);

  await test.step('frozen by the browser', async () => {
    const cdp = await context.newCDPSession(page);
    await cdp.send('Page.setWebLifecycleState', { state: 'frozen' });
    await cdp.send('Page.setWebLifecycleState', { state: 'active' });
    await expect(item).toHaveText(CONNECTED, AT_ONCE);
  });

  await test.step('in the back/forward cache', async () => {
    const turn = (type: string) =>
      page.evaluate(type => {
        window.dispatchEvent(
          new PageTransitionEvent(type, { persisted: true })
        );
      }, type);
    await turn('pagehide');
    await expect(item).toHaveText('AI connection: sleeping', AT_ONCE);
    await picture(item, 'item-sleeping');
    await turn('pageshow');
    await expect(item).toHaveText(CONNECTED, AT_ONCE);
  });

  await test.step('hidden, with the line cut meanwhile', async () => {
    const see = (state: DocumentVisibilityState) =>
      page.evaluate(state => {
        Object.defineProperty(document, 'visibilityState', {
          value: state,
          configurable: true
        });
        document.dispatchEvent(new Event('visibilitychange'));
      }, state);
    await see('hidden');
    const { opened } = line;
    line.cut();
    await see('visible');
    await expect.poll(() => line.opened, AT_ONCE).toBeGreaterThan(opened);
    await expect(item).toHaveText(CONNECTED, AT_ONCE);
  });

  await test.step('offline, which a server on this machine is not', async () => {
    const seen = await followItem(page);
    for (const offline of [true, false]) {
      await context.setOffline(offline);
      await page.waitForFunction(
        offline => navigator.onLine !== offline,
        offline
      );
    }
    await page.evaluate(() => new Promise(requestAnimationFrame));
    expect(await seen()).toEqual([]);
    await expect(item).toHaveText(CONNECTED);
  });

  // The session was resumed each time.
  expect(sessions.size).toBeLessThanOrEqual(1);
});

test('a machine that wakes with a dead line shows no stale state, nor does one whose server does not answer', async ({
  page,
  line
}) => {
  await page.clock.install();
  const item = await openConnected(page);
  // Nobody has told the page: what it sends is swallowed.
  line.sockets = 'hole';
  line.swallow();
  // The page's own clock stands still in the sleep, the wall clock does not.
  const asleep = await page.evaluate(() => {
    const now = Date.now.bind(Date);
    Date.now = () => now() + 8 * 3_600_000;
    return performance.now();
  });
  expect(asleep).toBeGreaterThan(0);
  await page.clock.runFor(1000);
  await expect(item).toContainText('AI connection: reconnecting', AT_ONCE);

  line.sockets = 'through';
  await page.clock.runFor(12_000);
  await expect(item).toHaveText(CONNECTED);
  await expect(question(page)).toHaveCount(0);

  await line.lose(page, 'hang');
  await expect(item).toContainText('AI connection: reconnecting');
  await expect(async () => {
    await page.clock.runFor(1000);
    await expect(item).toContainText('AI connection: not answering', AT_ONCE);
  }).toPass();
  await picture(item, 'item-busy');
});

test('offline and back from a server elsewhere, the right state shows at once', async ({
  context,
  line
}) => {
  const url = new URL('lab', line.url);
  // The same server, by a name that is not this machine's.
  url.hostname = 'remote.test';
  const page = await context.newPage();
  await page.goto(url.href);
  const item = statusItem(page);
  await expect(item).toHaveText(CONNECTED);

  await context.setOffline(true);
  await line.lose(page);
  await expect(item).toContainText('AI connection: offline');
  await picture(item, 'item-offline');
  await line.restore(page);
  await context.setOffline(false);
  await expect(item).toHaveText(CONNECTED, AT_ONCE);
});

test('a duplicated tab has a connection of its own, and neither disturbs the other', async ({
  page,
  line
}) => {
  const item = await openConnected(page);
  const opened = page.context().waitForEvent('page');
  await page.evaluate(() => window.open(window.location.href));
  const twin = await opened;
  await expect(statusItem(twin)).toHaveText(CONNECTED);

  const sessions = [page, twin].map(followSessions);
  const before = line.opened;
  line.cut();
  await expect.poll(() => line.opened).toBe(before + 2);
  await expect(item).toHaveText(CONNECTED);
  await expect(statusItem(twin)).toHaveText(CONNECTED);
  expect(sessions.map(({ size }) => size)).toEqual([1, 1]);
  expect([...sessions[0]]).not.toEqual([...sessions[1]]);

  await twin.close();
  await expect(item).toHaveText(CONNECTED);
  expect(line.opened).toBe(before + 2);
});
