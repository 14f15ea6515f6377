import { World } from './simulator/world';

const SCHEDULES = 10_000;
const CHUNK = 1_000;

describe('simulated schedules of cuts, holes, stalls, sleeps and restarts', () => {
  const firsts = Array.from({ length: SCHEDULES / CHUNK }, (_, i) => i * CHUNK);

  it.each(firsts)(
    `should lose, double, reorder and hang nothing (${CHUNK} seeds from %i)`,
    first => {
      // What fails names its seed.
      for (let seed = first; seed < first + CHUNK; seed++) {
        new World(seed).run();
      }
    },
    60_000
  );
});
