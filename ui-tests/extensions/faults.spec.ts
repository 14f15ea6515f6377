import { expect, test } from '@playwright/test';

import { Model } from '../helpers/model';
import { PackageServer } from '../helpers/package-server';
import { type Fault, Session, row } from './faults';
import { PACKAGES } from './packages';

const FAULTS: readonly Fault[] = (
  process.env.FAULTS ?? 'none,reset,outage,hole,prompt,idle'
).split(',') as Fault[];
const GUARD = (process.env.GUARD ?? 'off,on').split(',');

const table: string[] = [];

test.afterAll(() => {
  console.log(
    ['| extension | fault | guard | seen |', '| --- | --- | --- | --- |']
      .concat(table)
      .join('\n')
  );
});

for (const tested of PACKAGES) {
  for (const guard of GUARD) {
    test(`${tested.name}, guard ${guard}`, async ({ browser }) => {
      test.setTimeout(1_800_000);
      for (const fault of FAULTS) {
        const model = await Model.start();
        const server = await PackageServer.start(tested, model.url);
        const guarded = guard === 'on';
        const session = await Session.start(
          browser,
          tested,
          server.url,
          model,
          guarded
        );
        try {
          const seen = await session.meet(fault);
          const line = `| ${tested.name} | ${fault} | ${guard} | ${row(seen)} |`;
          console.log(line);
          table.push(line);
          if (guarded) {
            expect
              .soft(session.sockets, 'real sockets')
              .not.toContain(tested.path);
            expect.soft(seen, fault).toMatchObject({
              shown: seen.of,
              doubled: 0,
              disordered: 0,
              prompts: 1,
              stuck: false,
              memory: true
            });
          }
        } finally {
          await session.stop();
          await server.stop();
          model.stop();
        }
      }
    });
  }
}
