import { spawn } from 'child_process';
import { fileURLToPath } from 'url';

import { ALTERNATIVES } from './alternatives.js';
import { measureBytesOf } from './bytes.js';
import { measureCuts } from './cuts.js';
import { measureHoles, measureHolesOf } from './holes.js';
import { openRaw } from './page.js';
import { Meter, parameters } from './throughput.js';

const ROUNDS = 9;
const RECORDS = 10_000;
const MANY = 64;

/**
 * Measure what would be used instead, and ours beside it, all with their defaults.
 *
 * @returns by name: rates one and many a turn, cuts, holes, bytes, and the name of
 * the plain WebSocket of the same server.
 */
export async function measureAlternatives(pages, jupyterPort) {
  const { child, ports } = await startServers();
  const port = ({ server }) => ({ ...ports, jupyter: jupyterPort })[server];
  const all = [...ours(pages, jupyterPort), ...ALTERNATIVES];
  const found = await throughput(all, port);
  for (const each of all) {
    found[each.name].bytes = await measureBytesOf(each, port(each));
  }
  await Promise.all(
    all.map(async each => {
      // A plain WebSocket does not come back by itself.
      if (each.name !== each.plain) {
        const holes = each.holes ?? (() => measureHolesOf(each, port(each)));
        found[each.name].cuts = await measureCuts(each, port(each));
        found[each.name].holes = await holes();
      }
    })
  );
  child.kill();
  return found;
}

/** Ours, and what it stands on. */
function ours(pages, port) {
  const plain = 'tornado WebSocket';
  const connectRaw = async (at, stream, heard) => {
    const socket = openRaw(at, parameters(stream));
    socket.on('message', data => heard(data.toString()));
    socket.on('error', () => undefined);
    return { close: () => socket.close() };
  };
  const connect = async (at, stream, heard) => {
    const connection = pages.connect(at);
    const channel = connection.open('bench:stream', parameters(stream));
    channel.message.connect((_, record) => heard(record));
    return { close: () => connection.dispose() };
  };
  // A stream goes on where it was: only an answer shows that all is well again.
  const holes = async () => (await measureHoles(pages, port))['both ways'];
  return [
    { name: plain, plain, server: 'jupyter', connect: connectRaw },
    { name: 'jupyter_ai_ws', plain, server: 'jupyter', connect, holes }
  ];
}

async function startServers() {
  const path = fileURLToPath(
    new URL('alternatives-server.js', import.meta.url)
  );
  const child = spawn(process.execPath, [path], {
    stdio: ['pipe', 'pipe', 'inherit']
  });
  const data = await new Promise(resolve => child.stdout.once('data', resolve));
  return { child, ports: JSON.parse(data) };
}

/** Records a second: each in turn, round after round; the first only warms up. */
async function throughput(all, port) {
  const found = Object.fromEntries(
    all.map(({ name, plain }) => [name, { plain, one: [], many: [] }])
  );
  for (let round = -1; round < ROUNDS; round++) {
    for (const each of all) {
      for (const [kind, perTurn] of [
        ['one', 1],
        ['many', MANY]
      ]) {
        const rate = await rateOf(each, port(each), perTurn);
        if (round >= 0) {
          found[each.name][kind].push(rate);
        }
      }
    }
  }
  return found;
}

async function rateOf({ connect }, port, perTurn) {
  const stream = { records: RECORDS, payload: 100, perTurn, intervalMs: 0 };
  let client = null;
  const rate = await new Promise((resolve, reject) => {
    const meter = new Meter(RECORDS, resolve);
    connect(port, stream, () => meter.count()).then(
      made => (client = made),
      reject
    );
  });
  client.close();
  return rate;
}
