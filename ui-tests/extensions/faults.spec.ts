import type { Browser } from '@playwright/test';
import { chromium, expect, test } from '@playwright/test';
import type { ChildProcess } from 'child_process';

import { Model } from '../helpers/model';
import { PackageServer } from '../helpers/package-server';
import { FAULTS, FREEZE_S, type Fault } from './faults';
import { PACKAGES, jupyterAi2 } from './packages';
import { Session, cell, together } from './session';

/** How the server is that wants a login. */
const LOGIN = { base: '/user/me/', password: 'correct horse' };

/** Run something with a browser whose process can be stopped. */
async function withBrowserProcess<T>(
  run: (browser: Browser, process: ChildProcess) => Promise<T>
): Promise<T> {
  const server = await chromium.launchServer(
    test.info().project.use.launchOptions
  );
  const browser = await chromium.connect(server.wsEndpoint());
  try {
    return await run(browser, server.process());
  } finally {
    await browser.close();
    await server.close();
  }
}

for (const tested of PACKAGES) {
  for (const fault of Object.keys(FAULTS) as Fault[]) {
    for (const guard of ['off', 'on']) {
      test(`${tested.name}: ${fault}, guard ${guard}`, async ({ browser }) => {
        test.setTimeout(
          fault === 'frozen' ? FREEZE_S * 1000 + 700_000 : 500_000
        );
        const guarded = guard === 'on';
        const model = await Model.start();
        const server = await PackageServer.start({
          tested,
          modelUrl: model.url,
          guarded,
          ...(fault === 'login' ? LOGIN : {})
        });
        const meet = async (
          browser: Browser,
          process: ChildProcess | null = null
        ) => {
          const sessions: Session[] = [];
          try {
            for (let tab = 0; tab < (fault === 'tabs' ? 2 : 1); tab++) {
              sessions.push(
                await Session.start({
                  browser,
                  context: sessions[0]?.page.context(),
                  process,
                  tested,
                  server,
                  model,
                  fault,
                  guarded,
                  count: 200
                })
              );
            }
            return together(
              await Promise.all(sessions.map(session => session.meet()))
            );
          } finally {
            for (const session of sessions) {
              await session.stop();
            }
          }
        };
        try {
          const seen =
            fault === 'frozen'
              ? await withBrowserProcess(meet)
              : await meet(browser);
          test.info().annotations.push({
            type: 'cell',
            description: JSON.stringify([
              tested.name,
              FAULTS[fault],
              guard,
              cell(seen)
            ])
          });
          if (guarded) {
            expect(seen).toMatchObject({
              doubled: 0,
              disordered: 0,
              sockets: 1
            });
          }
          // No connection can carry an answer over a restart of the server, or
          // to a page that was loaded again: what is kept then is kept by others.
          if (guarded && !['restart', 'reload'].includes(fault)) {
            expect(seen).toMatchObject({
              shown: seen.of,
              prompts: 1,
              stuck: false,
              next: true,
              kept: true,
              // Jupyter AI 2 remembers two exchanges, those of all tabs together.
              ...(fault === 'tabs' && tested === jupyterAi2
                ? {}
                : { memory: true })
            });
          }
        } finally {
          await server.stop();
          model.stop();
        }
      });
    }
  }
}
