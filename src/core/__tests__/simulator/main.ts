import { World } from './world';

/** Schedules by hand, from the seed FIRST; see scripts/simulate. */
function main(first: number, count: number): void {
  const startedMs = performance.now();
  let records = 0;
  let events = 0;
  let lost = 0;
  for (let seed = first; seed < first + count; seed++) {
    // What fails names its seed.
    const world = new World(seed);
    world.run();
    records += world.records;
    events += world.clock.events;
    lost += world.lostSessions;
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed();
  process.stdout.write(
    `${count} schedules, ${records} records, ${events} events, ${lost} sessions lost ` +
      `on purpose: nothing lost, doubled, reordered or hanging; ${seconds} s\n`
  );
}

main(Number(process.argv[2]), Number(process.argv[3]));
