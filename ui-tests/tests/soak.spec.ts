import type { Page } from '@playwright/test';

import { expect, openConnected, test } from '../helpers/test';

/*
 * By hand, in real time: SOAK=real SOAK_CUTS=200 SOAK_OUTAGES=60.
 */
const CUTS = Number(process.env.SOAK_CUTS ?? 4);
const OUTAGES = Number(process.env.SOAK_OUTAGES ?? 3);
const REAL = process.env.SOAK === 'real';

/** A delay that is drawn anew for each, and the same in each run. */
function spread(index: number, of: number, from: number, to: number): number {
  const shuffled = (index * 7 + 3) % of;
  return from + ((to - from) * shuffled) / Math.max(of - 1, 1);
}

/** Count dialogs, notifications and announcements from now on. */
async function countInterruptions(page: Page) {
  await page.evaluate(() => {
    const counts = { dialogs: 0, notifications: 0, announcements: 0 };
    Object.assign(window, { counts });
    new MutationObserver(changes => {
      for (const { addedNodes, target } of changes) {
        const spoken = (target as Element).closest?.(
          '.jp-AiConnectionStatus-announcer'
        );
        counts.announcements += spoken ? 1 : 0;
        for (const node of addedNodes) {
          if (node instanceof Element) {
            counts.dialogs += node.matches('.jp-Dialog') ? 1 : 0;
            const toast = node.querySelector('.Toastify__toast');
            counts.notifications +=
              toast || node.matches('.Toastify__toast') ? 1 : 0;
          }
        }
      }
    }).observe(document.body, { childList: true, subtree: true });
  });
  return () =>
    page.evaluate(() => (window as never as { counts: object }).counts);
}

/** Let time pass; without a person who waits the page's clock alone. */
async function pass(page: Page, ms: number): Promise<void> {
  await (REAL ? page.waitForTimeout(ms) : page.clock.runFor(ms));
}

/** Let time pass in small steps until something holds. */
async function until(
  page: Page,
  holds: () => Promise<void>,
  firstMs = 50
): Promise<void> {
  let stepMs = firstMs;
  await expect(async () => {
    await pass(page, REAL ? 0 : stepMs);
    stepMs = 50;
    await holds();
  }).toPass({ timeout: 60_000, intervals: [20] });
}

test(`${CUTS} cuts of 0.1 to 4.5 s interrupt nobody, and ${OUTAGES} outages of up to 60 s need no reload`, async ({
  page,
  line
}) => {
  test.setTimeout(60_000 + CUTS * 10_000 + OUTAGES * 100_000);
  if (!REAL) {
    await page.clock.install();
  }
  const item = await openConnected(page);
  if (!REAL) {
    await page.clock.pauseAt(Date.now() + 60_000);
  }
  const shows = async (text: string) =>
    expect(item).toContainText(text, { timeout: 10 });
  const counts = await countInterruptions(page);
  for (let cut = 0; cut < CUTS; cut++) {
    const lostMs = Date.now();
    await line.lose(page);
    await until(page, () => shows('AI connection: reconnecting'));
    const seenMs = REAL ? Date.now() - lostMs : 0;
    await pass(page, Math.max(0, spread(cut, CUTS, 100, 4500) - seenMs));
    await line.restore(page);
    await until(page, () => shows('AI connection: connected'));
    await pass(page, 500);
  }
  expect(await counts()).toEqual({
    dialogs: 0,
    notifications: 0,
    announcements: 0
  });

  await page.evaluate(() => Object.assign(window, { first: true }));
  for (let outage = 0; outage < OUTAGES; outage++) {
    await line.lose(page);
    await until(page, () => shows('AI connection: reconnecting'));
    await pass(page, spread(outage, OUTAGES, 6000, 60_000));
    await line.restore(page);
    await until(
      page,
      () => shows('AI connection: connected'),
      // The longest wait between two tries.
      8000
    );
    await expect(page.locator('.jp-Dialog')).toHaveCount(0);
  }
  expect(await page.evaluate(() => 'first' in window)).toBe(true);
});
