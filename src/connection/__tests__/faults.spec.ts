/**
 * Pages against a real Jupyter server, on lines that break in every way.
 *
 * Longer by hand: scripts/faults SEED FAULTS
 */
import { FaultPage } from './support/fault-page';
import type { IPageResult } from './support/fault-page';
import { SHARES, drawPlan } from './support/fault-plan';
import { JupyterServer } from './support/jupyter-server';
import { NOTHING } from './support/oracle';
import { Random } from './support/random';

const SEED = Number(process.env.SEED ?? 1);
const FAULTS = Number(process.env.FAULTS ?? 720);
const PAGES = Number(process.env.PAGES ?? 12);
/** Some faults cut nothing, or what another has cut before. */
const LEAST_CUTS = 0.7 * FAULTS;

jest.setTimeout(600_000 + FAULTS * 1_000);

/** All randomness of a page comes from the seed. */
function planOf(number: number) {
  const random = new Random(SEED * 1_000 + number);
  return { random, plan: drawPlan(random, Math.ceil(FAULTS / PAGES)) };
}

/** Run the plan of one page. */
async function breakPage(port: number, number: number): Promise<IPageResult> {
  const { random, plan } = planOf(number);
  const page = await FaultPage.start(port, random);
  try {
    return await page.run(plan);
  } catch (error) {
    throw new Error(`seed ${SEED}, page ${number}: ${error}`);
  } finally {
    await page.stop();
  }
}

describe('a session on a line that breaks', () => {
  let server: JupyterServer;

  beforeAll(async () => {
    server = await JupyterServer.start();
  });

  afterAll(() => server.stop());

  it('meets every kind of fault', () => {
    const kinds = Array.from({ length: PAGES }, (_, number) =>
      planOf(number).plan.map(({ fault }) => fault.kind)
    );
    expect([...new Set(kinds.flat())].sort()).toEqual(
      Object.keys(SHARES).sort()
    );
  });

  it(`loses, doubles, reorders and alters nothing in one session over ${FAULTS} faults of seed ${SEED}`, async () => {
    const startedMs = performance.now();
    const results = await Promise.all(
      Array.from({ length: PAGES }, (_, number) =>
        breakPage(server.port, number)
      )
    );
    for (const { findings, sessions, broken } of results) {
      expect({ findings, sessions, broken }).toEqual({
        findings: NOTHING,
        sessions: 1,
        broken: []
      });
    }
    const total = (key: 'units' | 'resumes') =>
      results.reduce((sum, result) => sum + result[key], 0);
    expect(total('resumes')).toBeGreaterThanOrEqual(LEAST_CUTS);
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed();
    process.stdout.write(
      `seed ${SEED}: ${FAULTS} faults, ${total('units')} units, ` +
        `${total('resumes')} resumes, ${PAGES} pages, ${seconds} s: 0 lost, ` +
        '0 doubled, 0 reordered, 0 corrupt, 1 session a page\n'
    );
  });
});
