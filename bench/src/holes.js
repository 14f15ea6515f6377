import { sleep } from './jupyter.js';
import { Line } from './line.js';
import { nextRecord, until } from './page.js';

const BOTH = ['up', 'down'];
const KINDS = {
  'both ways': BOTH,
  'to the server': ['up'],
  'to the page': ['down']
};
/** The page pings each 5 s: holes begin at each of these times after a ping. */
const PHASES_MS = [0, 1_000, 2_000, 3_000, 4_000, 4_900];
const HEARTBEAT_MS = 5_000;
/** Whoever has not noticed by then is said not to. */
const PATIENCE_MS = 60_000;

/** From the beginning of a black hole to the next record on an idle page, in seconds. */
export async function measureHoles(pages, port) {
  const result = {};
  await Promise.all(
    Object.entries(KINDS).map(async ([kind, ways]) => {
      result[kind] = await Promise.all(
        PHASES_MS.map(phaseMs => hole(pages, port, ways, phaseMs))
      );
    })
  );
  return result;
}

async function hole(pages, port, ways, phaseMs) {
  const line = await Line.to(port);
  const connection = pages.connect(line.port);
  const channel = connection.open('echo');
  channel.send('before');
  await nextRecord(channel);
  await sleep(HEARTBEAT_MS + phaseMs);
  const startMs = performance.now();
  line.die(ways);
  await until(connection, 'reconnecting');
  await until(connection, 'connected');
  channel.send('after');
  await nextRecord(channel);
  const seconds = (performance.now() - startMs) / 1000;
  connection.dispose();
  await line.close();
  return seconds;
}

/** The same both ways of a client to be compared; `null`: not noticed in a minute. */
export function measureHolesOf(client, port) {
  return Promise.all(PHASES_MS.map(phaseMs => holeOf(client, port, phaseMs)));
}

async function holeOf({ connect }, port, phaseMs) {
  const line = await Line.to(port);
  let hear = () => undefined;
  const next = () => new Promise(resolve => (hear = resolve));
  const first = next();
  const stream = { records: 1, payload: 20, perTurn: 1, intervalMs: 0 };
  const client = await connect(line.port, stream, () => hear());
  await first;
  await sleep(HEARTBEAT_MS + phaseMs);
  const startMs = performance.now();
  line.die(BOTH);
  const back = next().then(() => (performance.now() - startMs) / 1000);
  const seconds = await Promise.race([back, sleep(PATIENCE_MS)]);
  client.close();
  await line.close();
  return seconds ?? null;
}
