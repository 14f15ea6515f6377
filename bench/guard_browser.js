/**
 * Measures what the guard costs in Chromium: `node bench/guard_browser.js [ROUNDS [FIGURE ...]]`.
 *
 * One page of a real JupyterLab has two sockets to the same handler of a stranger: a
 * native one, and a guarded one on the page's session. Rounds are interleaved; medians
 * are shown, in brackets the lowest and highest ratio within a round.
 *
 * Wants what `scripts/test` and `bench/run` want, and a front end that was built.
 */
import { spawn } from 'child_process';
import { mkdtempSync, rmSync } from 'fs';
import { createServer } from 'net';
import { tmpdir } from 'os';
import { dirname, join } from 'path';
import { fileURLToPath } from 'url';

import { BareBrowser } from './src/bare-browser.js';

const HERE = dirname(fileURLToPath(import.meta.url));
const [ROUNDS = 7, ...FIGURES] = process.argv
  .slice(2)
  .map(each => (isNaN(each) ? each : Number(each)));
const PATH = 'bench/ws';
/** Streams are the handler's; see `guard_server.py`. */
const STREAMS = [
  ['turn', 'one per loop turn', '>= 0.7'],
  ['wait', 'each awaited', '>= 0.7'],
  ['burst', 'many at once', '>= 1']
];

async function freePort() {
  const server = createServer();
  await new Promise(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise(resolve => server.close(resolve));
  return port;
}

async function startServer(folder) {
  const port = await freePort();
  const args = [
    'lab',
    '--no-browser',
    '--allow-root',
    '--ServerApp.ip=127.0.0.1',
    `--ServerApp.port=${port}`,
    '--ServerApp.port_retries=0',
    `--ServerApp.root_dir=${folder}`,
    '--IdentityProvider.token=',
    "--ServerApp.jpserver_extensions={'guard_server': True}",
    `--AiWsApp.guarded_paths={'${PATH}': 'Bench'}`
  ];
  const env = { ...process.env, PYTHONPATH: HERE };
  const server = spawn('jupyter', args, { env, stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(`${url}/api`).catch(() => null))) {
    if (server.exitCode !== null) {
      throw new Error('JupyterLab does not start.');
    }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  return { server, url };
}

/** Runs in the page: waits until it is connected, and notes every state from then on. */
async function watch() {
  const item = () => document.querySelector('.jp-AiConnectionStatus-item');
  while (!/connected$/.test(item()?.textContent ?? '')) {
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  window.states = [item().textContent];
  new MutationObserver(() => window.states.push(item().textContent)).observe(
    item(),
    { childList: true, characterData: true, subtree: true }
  );
}

/** Runs in the page: opens both sockets and puts what measures them on the window. */
async function prepare(path) {
  const { native, guarded } = window[Symbol.for('jupyter_ai_ws.guard')];
  const open = async Socket => {
    const socket = new Socket(`ws://${location.host}/${path}`);
    socket.binaryType = 'arraybuffer';
    await new Promise((resolve, reject) => {
      socket.onopen = resolve;
      socket.onerror = reject;
    });
    return socket;
  };
  const ask = (socket, message, count = 1) =>
    new Promise((resolve, reject) => {
      let number = 0;
      socket.onclose = () => reject(new Error('The socket was closed.'));
      socket.onmessage = ({ data }) => {
        if (count > 1 && parseInt(data, 10) !== number) {
          reject(new Error(`${data} in place of ${number}`));
        }
        if (++number === count) {
          resolve(data);
        }
      };
      socket.send(message);
    });
  const order = (socket, what, count, more) =>
    ask(socket, JSON.stringify({ do: what, ...more }), count);
  const byte = new Uint8Array(1);
  const roundTrips = async (socket, isOver) => {
    const times = [];
    while (!isOver(times)) {
      const begin = performance.now();
      await ask(socket, byte);
      times.push(performance.now() - begin);
    }
    return times.sort((a, b) => a - b);
  };
  const sockets = { native: await open(native), guarded: await open(guarded) };
  // What others feel while something large is under way.
  const others = { native: await open(native), guarded: await open(guarded) };
  const size = 10 * 1024 * 1024;
  const records = { text: 'x'.repeat(size), bytes: new Uint8Array(size) };
  const large = async (way, transfer) => {
    const begin = performance.now();
    const got = await transfer(sockets[way]);
    const time = performance.now() - begin;
    let over = false;
    const felt = roundTrips(others[way], () => over);
    const again = await transfer(sockets[way]);
    over = true;
    if (Number(got) !== size || Number(again) !== size) {
      throw new Error(`${got} and ${again} of ${size} bytes`);
    }
    return [time, (await felt).pop()];
  };
  window.bench = {
    roundTrip: async way => {
      const times = await roundTrips(sockets[way], all => all.length === 500);
      return [times[250]];
    },
    stream: async (way, what) => {
      const begin = performance.now();
      await order(sockets[way], what, 20_000, { count: 20_000 });
      return [20_000_000 / (performance.now() - begin)];
    },
    up: (way, kind) => large(way, socket => ask(socket, records[kind])),
    down: (way, kind) =>
      large(way, async socket => {
        const binary = kind === 'bytes';
        const record = await order(socket, 'large', 1, { size, binary });
        return record.length ?? record.byteLength;
      })
  };
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Measures both in turn and shows how they compare. */
async function compare(name, unit, asked, measure, argument) {
  const asks = each => each === argument || each === measure;
  if (FIGURES.length && !FIGURES.some(asks)) {
    return;
  }
  const values = { native: [], guarded: [] };
  for (let round = 0; round <= ROUNDS; round++) {
    for (const way of ['native', 'guarded']) {
      const value = await browser.evaluate(
        ([measure, way, argument]) => window.bench[measure](way, argument),
        [measure, way, argument]
      );
      if (round) {
        values[way].push(value);
      }
    }
  }
  const { native, guarded } = values;
  const show = (index, name, unit, asked) => {
    const middle = way => median(values[way].map(each => each[index]));
    const ratios = native
      .map((each, round) => guarded[round][index] / each[index])
      .sort((a, b) => a - b);
    const range = [ratios[0], ratios[ratios.length - 1]];
    console.log(
      `${name.padEnd(34)} native ${middle('native').toFixed(2).padStart(9)} ${unit}   ` +
        `guarded ${middle('guarded').toFixed(2).padStart(9)} ${unit}   ` +
        `${median(ratios).toFixed(2)} x [${range.map(each => each.toFixed(2)).join('-')}]` +
        (asked ? `, asked ${asked}` : '')
    );
  };
  show(0, name, unit, asked);
  if (native[0].length > 1) {
    show(1, '  longest round trip beside it', unit, '');
  }
}

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
const { server, url } = await startServer(folder);
const browser = await BareBrowser.launch();
try {
  await browser.goto(`${url}/lab`);
  await browser.evaluate(watch);
  await browser.evaluate(prepare, PATH);
  await compare('round trip of 1 B', 'ms', '+ 1.5 ms', 'roundTrip');
  for (const [what, name, asked] of STREAMS) {
    await compare(`20,000 x 100 B, ${name}`, 'msg/s', asked, 'stream', what);
  }
  for (const kind of ['text', 'bytes']) {
    const what = `10 MiB of ${kind}`;
    await compare(`${what}, page to handler`, 'ms', '<= 2', 'up', kind);
    await compare(`${what}, handler to page`, 'ms', '<= 2', 'down', kind);
  }
  const states = await browser.evaluate(() => window.states);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const [, resumes] = /^jupyter_ai_ws_resumes_total (\d+)/m.exec(metrics);
  console.log(
    `the session was resumed ${Number(resumes)} times, states seen: ${[...new Set(states)].join(', ')}`
  );
} finally {
  await browser.close();
  server.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
}
