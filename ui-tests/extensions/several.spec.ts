import { expect, test } from '@playwright/test';

import { Model } from '../helpers/model';
import { PackageServer } from '../helpers/package-server';
import {
  type IPackage,
  jupyterChat,
  mitoAi,
  notebookIntelligence
} from './packages';
import { Session } from './session';

// Mito AI shows its panel where no other is shown yet. Jupyter AI 2 is an older
// version of what brings Jupyter Chat.
const together = [mitoAi, jupyterChat, notebookIntelligence];

/** A package that is all of them; its chat is that of one. */
function as(tested: IPackage): IPackage {
  return {
    ...tested,
    requirements: 'several',
    args: together.flatMap(({ args = [] }) => args),
    files: url =>
      Object.assign({}, ...together.map(({ files }) => files?.(url)))
  };
}

for (const guarded of [false, true]) {
  test(`several extensions in one page, guard ${guarded ? 'on' : 'off'}`, async ({
    browser
  }) => {
    test.setTimeout(900_000);
    const model = await Model.start();
    const server = await PackageServer.start({
      tested: as(mitoAi),
      modelUrl: model.url,
      guarded
    });
    const session = await Session.start({
      browser,
      process: null,
      tested: as(mitoAi),
      server,
      model,
      fault: 'resets',
      guarded,
      count: 100
    });
    try {
      for (const tested of together) {
        session.use(as(tested));
        if (tested !== mitoAi) {
          await tested.open(session.page);
        }
        const name = await session.ask(5);
        await session.shown(name, 5, 300_000);
        expect(await session.tokens(name)).toEqual([0, 1, 2, 3, 4]);
      }
      console.log(`guard ${guarded ? 'on' : 'off'}:`, session.sockets);
      expect(session.sockets).toHaveLength(guarded ? 1 : 5);
      if (guarded) {
        const name = await session.ask(100);
        await session.shown(name, 30);
        session.wire.reset();
        await session.shown(name, 100);
        expect(await session.tokens(name)).toEqual([...Array(100).keys()]);
        expect(session.sockets).toHaveLength(1);
      }
    } finally {
      await session.stop();
      await server.stop();
      model.stop();
    }
  });
}
