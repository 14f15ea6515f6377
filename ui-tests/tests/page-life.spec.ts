import type { Page } from '@playwright/test';

import { exchange, heard, listen, send } from '../helpers/peer';
import {
  expect,
  openConnected,
  picture,
  question,
  statusItem,
  test,
  withSettings
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

/** A second: so late at most is a page that is back connected, by its own clock. */
const BACK_MS = 1000;

/** What the item has shown, and what has happened to the page, each with its time. */
interface IHistory {
  readonly shown: [text: string, atMs: number][];
  readonly happened: [type: string, atMs: number][];
}

/** Note it from now on. */
async function note(page: Page): Promise<void> {
  await page.evaluate(() => {
    const history: IHistory = { shown: [], happened: [] };
    Object.assign(window, { history_: history });
    const label = document.querySelector('.jp-AiConnectionStatus-label')!;
    new MutationObserver(() => {
      const text = label.textContent!;
      if (history.shown.at(-1)?.[0] !== text) {
        history.shown.push([text, performance.now()]);
      }
    }).observe(label, { childList: true, characterData: true, subtree: true });
    for (const type of ['freeze', 'resume', 'pageshow', 'visibilitychange']) {
      window.addEventListener(
        type,
        () => history.happened.push([type, performance.now()]),
        { capture: true }
      );
    }
  });
}

/** What was noted since the last look. */
function noted(page: Page): Promise<IHistory> {
  return page.evaluate(() => {
    const { history_ } = window as never as { history_: IHistory };
    return {
      shown: history_.shown.splice(0),
      happened: history_.happened.splice(0)
    };
  });
}

/** Expect that the page was not connected, in these words, and soon after it was back. */
function expectBackSoon(
  { shown, happened }: IHistory,
  away: RegExp,
  back: string
): void {
  const texts = shown.map(([text]) => text);
  expect(texts.pop()).toBe(CONNECTED);
  expect(texts.length).toBeGreaterThan(0);
  for (const text of texts) {
    expect(text).toMatch(away);
  }
  const backMs = happened.filter(([type]) => type === back).pop()![1];
  const connectedMs = shown[shown.length - 1][1];
  expect(connectedMs).toBeGreaterThan(backMs);
  expect(connectedMs - backMs).toBeLessThan(BACK_MS);
}

test.describe('where the next try is far away', () => {
  // What is connected sooner has not waited for it.
  test.use({
    mockSettings: withSettings({ baseDelayMs: 60_000, delayCapMs: 300_000 })
  });

  test('a page that was frozen, hidden or in the back/forward cache tells the truth within a second, and gets each record once', async ({
    page,
    context,
    line
  }) => {
    const item = await openConnected(page);
    const sessions = followSessions(page);
    await listen(page);
    await note(page);
    const told: unknown[] = ['open'];
    /** Let the peer say what it says in 2 s, and something happen meanwhile. */
    const meanwhile = async (happen: () => Promise<void>) => {
      await send(page, 'do stream 100 20');
      await expect
        .poll(async () => (await heard(page)).length)
        .toBeGreaterThan(told.length + 10);
      await happen();
      told.push(...Array.from({ length: 100 }, (_, number) => `${number}`));
      await expect.poll(() => heard(page)).toEqual(told);
    };

    // Chromium freezes no page that Playwright shows.
    await test.step('frozen by the browser', () =>
      meanwhile(async () => {
        const turn = (type: string) =>
          page.evaluate(type => {
            document.dispatchEvent(new Event(type));
          }, type);
        await turn('freeze');
        await expect(item).toHaveText('AI connection: sleeping', AT_ONCE);
        await expect.poll(() => line.open).toBe(0);
        await turn('resume');
        await expect(item).toHaveText(CONNECTED, AT_ONCE);
        expectBackSoon(
          await noted(page),
          /: (sleeping|reconnecting)/,
          'resume'
        );
      }));

    await test.step('in the back/forward cache', () =>
      meanwhile(async () => {
        const turn = (type: string) =>
          page.evaluate(type => {
            window.dispatchEvent(
              new PageTransitionEvent(type, { persisted: true })
            );
          }, type);
        await turn('pagehide');
        await expect(item).toHaveText('AI connection: sleeping', AT_ONCE);
        await expect.poll(() => line.open).toBe(0);
        await picture(item, 'item-sleeping');
        await turn('pageshow');
        await expect(item).toHaveText(CONNECTED, AT_ONCE);
        expectBackSoon(
          await noted(page),
          /: (sleeping|reconnecting)/,
          'pageshow'
        );
      }));

    await test.step('hidden, with the line cut meanwhile', () =>
      meanwhile(async () => {
        const see = (state: DocumentVisibilityState) =>
          page.evaluate(state => {
            Object.defineProperty(document, 'visibilityState', {
              value: state,
              configurable: true
            });
            document.dispatchEvent(new Event('visibilitychange'));
          }, state);
        await see('hidden');
        await line.lose(page);
        // A try that is under way would be the one that being seen asks for (R7).
        await expect(
          item.locator('.jp-AiConnectionStatus-countdown')
        ).toHaveText(/^\d\d s$/);
        await line.restore(page);
        await see('visible');
        await expect(item).toHaveText(CONNECTED, AT_ONCE);
        expectBackSoon(await noted(page), /: reconnecting/, 'visibilitychange');
      }));

    await test.step('offline, which a server on this machine is not', async () => {
      for (const offline of [true, false]) {
        await context.setOffline(offline);
        await page.waitForFunction(
          offline => navigator.onLine !== offline,
          offline
        );
      }
      await page.evaluate(() => new Promise(requestAnimationFrame));
      expect((await noted(page)).shown).toEqual([]);
      await expect(item).toHaveText(CONNECTED);
    });

    // The session was resumed each time.
    expect(sessions.size).toBe(1);
  });
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
  // A try that is under way would be the one that the network asks for (R7), and fail.
  await expect(item).toContainText(/offline.*[3-8] s/);
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
  await expect.poll(() => line.opened).toBeGreaterThanOrEqual(before + 2);
  for (const tab of [page, twin]) {
    expect(await exchange(tab)).toEqual(['hello', 4000]);
    await expect(statusItem(tab)).toHaveText(CONNECTED);
  }
  expect(sessions.map(({ size }) => size)).toEqual([1, 1]);
  expect([...sessions[0]]).not.toEqual([...sessions[1]]);

  await twin.close();
  expect(await exchange(page)).toEqual(['hello', 4000]);
  await expect(item).toHaveText(CONNECTED);
  expect(sessions[0].size).toBe(1);
});
