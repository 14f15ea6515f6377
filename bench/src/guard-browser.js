/**
 * What the guard costs in Chromium.
 *
 * One page of a real JupyterLab has two sockets to the same handler of a stranger: a
 * native one, and a guarded one on the page's session.
 */
import { fileURLToPath } from 'url';

import { BareBrowser } from './bare-browser.js';
import { JupyterServer } from './jupyter.js';

const BENCH = fileURLToPath(new URL('..', import.meta.url));
const PATH = 'bench/ws';
const WAYS = ['native', 'guarded'];

/**
 * What is measured: the unit, what is asked of the ratio, and how the page measures it.
 * Streams are the handler's; see `guard_server.py`.
 */
export const BROWSER_FIGURES = [
  ['round trip of 1 B', 'ms', '+ ≤ 1.5 ms', 'roundTrip'],
  ['20,000 × 100 B, one a turn', 'msg/s', '≥ 0.7', 'stream', 'turn'],
  ['20,000 × 100 B, each awaited', 'msg/s', '≥ 0.7', 'stream', 'wait'],
  ['20,000 × 100 B, at once', 'msg/s', '≥ 1', 'stream', 'burst'],
  ['10 MiB of text, page to handler', 'ms', '≤ 2', 'up', 'text'],
  ['10 MiB of text, handler to page', 'ms', '≤ 2', 'down', 'text'],
  ['10 MiB of bytes, page to handler', 'ms', '≤ 2', 'up', 'bytes'],
  ['10 MiB of bytes, handler to page', 'ms', '≤ 2', 'down', 'bytes']
].map(([name, unit, asked, measure, argument]) => {
  return { name, unit, asked, measure, argument };
});

/** JupyterLab and the handler of a stranger. */
const LAB = {
  module: 'jupyterlab',
  extensions: ['jupyterlab', 'jupyter_ai_ws', 'guard_server'],
  args: [`--AiWsApp.guarded_paths={'${PATH}': 'Bench'}`],
  token: '',
  path: BENCH
};

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

/** Measures both in turn, once more to warm up; what is measured of each way, by round. */
async function compare(browser, rounds, { measure, argument }) {
  const values = { native: [], guarded: [] };
  for (let round = 0; round <= rounds; round++) {
    for (const way of WAYS) {
      const value = await browser.evaluate(
        ([measure, way, argument]) => window.bench[measure](way, argument),
        [measure, way, argument]
      );
      if (round) {
        values[way].push(value);
      }
    }
  }
  const column = index =>
    Object.fromEntries(
      WAYS.map(way => [way, values[way].map(each => each[index])])
    );
  return values.native[0].length > 1 ? [column(0), column(1)] : [column(0)];
}

/**
 * Measure in rounds, each way in turn.
 *
 * @param rounds - How many.
 * @param figures - Of `BROWSER_FIGURES`.
 * @returns what was found of each figure, both ways by round, and beside those of large
 * messages the longest round trip of others; how often the session was resumed, and the
 * states that the page told.
 */
export async function measureInBrowser(rounds, figures) {
  const server = await JupyterServer.start(LAB);
  try {
    const browser = await BareBrowser.launch();
    try {
      return await measureAll(server.url, browser, rounds, figures);
    } finally {
      await browser.close();
    }
  } finally {
    await server.stop();
  }
}

async function measureAll(url, browser, rounds, figures) {
  await browser.goto(`${url}lab`);
  await browser.evaluate(watch);
  await browser.evaluate(prepare, PATH);
  const found = [];
  for (const figure of figures) {
    const { name, unit, asked } = figure;
    const [values, beside] = await compare(browser, rounds, figure);
    found.push({ name, unit, asked, ...values, beside });
  }
  const states = [...new Set(await browser.evaluate(() => window.states))];
  const metrics = await (await fetch(`${url}metrics`)).text();
  const [, resumes] = /^jupyter_ai_ws_resumes_total (\d+)/m.exec(metrics);
  return { found, resumes: Number(resumes), states };
}
