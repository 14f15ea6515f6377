import type { Browser } from '@playwright/test';
import { expect, test } from '@playwright/test';

import { Model } from '../helpers/model';
import { PackageServer } from '../helpers/package-server';
import { pathOfPicture } from '../helpers/test';
import { pass } from './faults';
import { notebookIntelligence as tested } from './packages';
import { Session } from './session';

/** How long the line is cut. */
const CUT_S = 8;
/** When pictures are taken, in seconds after the cut. */
const MOMENTS_S = [0, 6, 30];
/** How long a connection is in use before its popup is opened. */
const USE_S = 200;
/** What has nothing to do with it. */
const STYLE = '.jp-Launcher { visibility: hidden } .Toastify { display: none }';
/** The page below its menus. */
const CLIP = { x: 0, y: 28, width: 440, height: 392 };
const TOKENS = 120;

/** Do something as a user who is at work with the extension. */
async function work(
  browser: Browser,
  guarded: boolean,
  doing: (session: Session) => Promise<void>
): Promise<void> {
  const model = await Model.start(8);
  const modelUrl = model.url;
  const server = await PackageServer.start({ tested, modelUrl, guarded });
  const session = await Session.start({
    browser,
    process: null,
    tested,
    server,
    model,
    fault: 'outage',
    guarded,
    count: TOKENS
  });
  try {
    await doing(session);
  } finally {
    await session.stop();
    await server.stop();
    model.stop();
  }
}

for (const guarded of [false, true]) {
  const name = guarded ? 'guarded' : 'native';
  test(`pictures of a cut, ${name}`, async ({ browser }) => {
    test.setTimeout(500_000);
    await work(browser, guarded, async session => {
      await session.page.setViewportSize({ width: 440, height: 420 });
      const first = await session.ask(5);
      await session.shown(first, 5, 300_000);
      const answer = await session.ask(TOKENS);
      await session.shown(answer, 30);
      const beginMs = Date.now();
      const at = (seconds: number) =>
        pass(Math.max(0, beginMs / 1000 + seconds - Date.now() / 1000));
      for (const [frame, moment] of MOMENTS_S.entries()) {
        if (moment > CUT_S) {
          await at(CUT_S);
          await session.wire.restore();
        }
        await at(moment);
        await session.page.screenshot({
          path: pathOfPicture(`cut-${name}-${frame + 1}`),
          style: STYLE,
          clip: CLIP
        });
        if (moment === 0) {
          await session.wire.refuse();
        }
      }
      const shown = new Set(await session.tokens(answer)).size;
      expect(shown === TOKENS).toBe(guarded);
    });
  });
}

test('picture of the popup of a connection in use', async ({ browser }) => {
  test.setTimeout(800_000);
  await work(browser, true, async session => {
    const { page, wire } = session;
    await page.setViewportSize({ width: 900, height: 560 });
    await pass(USE_S / 2);
    const answer = await session.ask(TOKENS);
    await session.shown(answer, 30);
    await wire.refuse();
    await pass(CUT_S);
    await wire.restore();
    await session.shown(answer, TOKENS);
    await pass(USE_S / 2);

    await page.getByRole('button', { name: /^AI connection/ }).click();
    const popup = page.getByRole('dialog', { name: 'AI connection' });
    await expect(popup).toContainText('Interruptions survived1');
    await expect(popup).toContainText('Records lost0');
    await expect(popup).toContainText(tested.name);
    await page.screenshot({
      path: pathOfPicture('popup-in-use'),
      style: STYLE
    });
  });
});
