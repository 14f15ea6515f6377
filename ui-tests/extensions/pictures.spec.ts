import { expect, test } from '@playwright/test';

import { Model } from '../helpers/model';
import { PackageServer } from '../helpers/package-server';
import { pass } from './faults';
import { notebookIntelligence as tested } from './packages';
import { Session } from './session';

/** How long the line is cut. */
const CUT_S = 8;
/** When pictures are taken, in seconds after the cut. */
const MOMENTS_S = [0, 6, 30];
/** What has nothing to do with it. */
const STYLE = '.jp-Launcher { visibility: hidden } .Toastify { display: none }';
/** The page below its menus. */
const CLIP = { x: 0, y: 28, width: 440, height: 392 };
const TOKENS = 120;

// With `IMAGES=../docs/images` those of the documentation are renewed.
for (const guarded of [false, true]) {
  const name = guarded ? 'guarded' : 'native';
  test(`pictures of a cut, ${name}`, async ({ browser }) => {
    test.setTimeout(500_000);
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
          path: `${process.env.IMAGES ?? 'test-results/images'}/cut-${name}-${frame + 1}.png`,
          style: STYLE,
          clip: CLIP
        });
        if (moment === 0) {
          await session.wire.refuse();
        }
      }
      const shown = new Set(await session.tokens(answer)).size;
      expect(shown === TOKENS).toBe(guarded);
    } finally {
      await session.stop();
      await server.stop();
      model.stop();
    }
  });
}
