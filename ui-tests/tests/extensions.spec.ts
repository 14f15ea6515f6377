import { expect, test } from '@playwright/test';

import { jupyterAi2, jupyterlabChat } from '../extensions/packages';
import { Session } from '../extensions/session';
import { Model } from '../helpers/model';
import { PackageServer } from '../helpers/package-server';
import { statusItem } from '../helpers/test';

test.describe.configure({ mode: 'parallel' });

// `scripts/extensions` breaks more of them, in more ways.
for (const tested of [jupyterlabChat, jupyterAi2]) {
  test(`${tested.name} from PyPI shows each token once and sends each prompt once, whatever is cut`, async ({
    browser
  }) => {
    const model = await Model.start();
    const server = await PackageServer.start({
      tested,
      modelUrl: model.url,
      guarded: true
    });
    const session = await Session.start({
      browser,
      process: null,
      tested,
      server,
      model,
      fault: 'resets',
      guarded: true,
      count: 100
    });
    try {
      const seen = await session.meet();
      expect(seen).toEqual({
        shown: seen.of,
        of: 100,
        doubled: 0,
        disordered: 0,
        prompts: 1,
        stuck: false,
        next: true,
        kept: true,
        memory: true,
        sockets: 1
      });
      await session.wire.refuse();
      const item = statusItem(session.page);
      await expect(item).toContainText('reconnecting');
      const name = await session.ask(5);
      await session.wire.restore();
      await expect.poll(() => session.tokens(name)).toEqual([0, 1, 2, 3, 4]);
      expect(session.prompts(name)).toBe(1);
      expect(await session.isStuck()).toBe(false);
    } finally {
      await session.stop();
      await server.stop();
      model.stop();
    }
  });
}
