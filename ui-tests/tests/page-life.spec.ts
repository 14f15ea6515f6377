import type { Page } from '@playwright/test';

import {
  expect,
  openConnected,
  question,
  statusItem,
  test
} from '../helpers/test';

const CONNECTED = 'AI connection: connected';

/** The same server, by a name that is not this machine's. */
const REMOTE = 'remote.test';

/** So soon a page that is back tells the truth. */
const AT_ONCE = { timeout: 1000 };

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

test('a page that was frozen, or rested in the back/forward cache, tells the truth within 1 s of its return', async ({
  page
}) => {
  const item = await openConnected(page);
  const sessions = followSessions(page);

  await test.step('frozen by the browser', async () => {
    // Galata's page is not Playwright's own.
    const [own] = page.context().pages();
    const cdp = await page.context().newCDPSession(own);
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
    await see('visible');
    await expect(item).toHaveText(CONNECTED, AT_ONCE);
  });

  // The session was resumed each time.
  expect(sessions.size).toBeLessThanOrEqual(1);
});

test('a machine that wakes with a dead line shows no stale state for longer than 1 s', async ({
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
});

for (const host of ['127.0.0.1', REMOTE]) {
  test(`offline and back from a server on ${host}, the right state shows within 1 s`, async ({
    context,
    line
  }) => {
    const url = new URL('lab', line.url);
    url.hostname = host;
    const page = await context.newPage();
    await page.goto(url.href);
    const item = statusItem(page);
    await expect(item).toHaveText(CONNECTED, { timeout: 60_000 });

    await context.setOffline(true);
    if (host === REMOTE) {
      // A server elsewhere is gone with the network, one on this machine is not.
      await line.lose(page);
      await expect(item).toContainText('AI connection: offline');
      await line.restore(page);
    } else {
      await expect(item).toHaveText(CONNECTED, AT_ONCE);
    }
    await context.setOffline(false);
    await expect(item).toHaveText(CONNECTED, AT_ONCE);
  });
}

test('a duplicated tab has a connection of its own, and neither disturbs the other', async ({
  page,
  line
}) => {
  const item = await openConnected(page);
  const opened = page.context().waitForEvent('page');
  await page.evaluate(() => window.open(window.location.href));
  const twin = await opened;
  await expect(statusItem(twin)).toHaveText(CONNECTED, { timeout: 60_000 });

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
