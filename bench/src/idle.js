import { randomBytes } from 'crypto';

import { WebSocket } from 'ws';

import { Browser } from './browser.js';
import { JupyterServer, TOKEN, cpuSeconds, sleep } from './jupyter.js';
import { openRaw } from './page.js';
import { slope } from './statistics.js';

const CONNECTIONS = 3_000;
const ROUNDS = 3;
const STEPS = 6;
const AT_ONCE = 50;
const IDLE_S = 120;

/** Bytes that each more idle connection takes of the server, with and without a session. */
export async function measureMemory() {
  const found = { raw: [], session: [] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const kind of Object.keys(found)) {
      found[kind].push(await slopeBytes(kind));
    }
  }
  return found;
}

async function slopeBytes(kind) {
  const server = await JupyterServer.start();
  const open = kind === 'raw' ? openIdleRaw : openIdleSession;
  const sockets = [];
  const points = [];
  for (let step = 0; step <= STEPS; step++) {
    while (sockets.length < (CONNECTIONS * step) / STEPS) {
      const more = Array.from({ length: AT_ONCE }, () => open(server.port));
      sockets.push(...(await Promise.all(more)));
    }
    await sleep(500);
    // The first step brings what is made once.
    if (step) {
      points.push([sockets.length, server.memoryBytes]);
    }
  }
  sockets.forEach(socket => socket.terminate());
  await server.stop();
  return slope(points);
}

/**
 * Processor time of a server and of a page in Chromium for each second, idle:
 * what a connection adds.
 */
export async function measureIdleCpu(bundle) {
  const [without, connected] = await Promise.all([
    idleCpu(bundle, null),
    idleCpu(bundle, {})
  ]);
  return { without, connected };
}

/** Shares of a processor that a server and a page take. */
async function idleCpu(bundle, settings) {
  const server = await JupyterServer.start();
  const browser = await Browser.start(bundle);
  await browser.openPage(server.port, settings);
  await sleep(5_000);
  const read = () => ({
    server: server.cpuS,
    page: browser.renderers.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
  });
  const before = read();
  await sleep(IDLE_S * 1000);
  const after = read();
  await browser.stop();
  await server.stop();
  return {
    server: (after.server - before.server) / IDLE_S,
    page: (after.page - before.page) / IDLE_S
  };
}

function openIdleRaw(port) {
  return new Promise((resolve, reject) => {
    const socket = openRaw(port);
    socket.once('open', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** A session whose page was heard; a whole page each would measure this process. */
function openIdleSession(port) {
  const query = new URLSearchParams({
    sid: randomBytes(16).toString('hex'),
    received: 0,
    serial: 1,
    token: TOKEN
  });
  const url = `ws://127.0.0.1:${port}/jupyter-ai-ws/ws?${query}`;
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, ['v1.jupyter-ai-ws'], {
      perMessageDeflate: false
    });
    socket.once('error', reject);
    socket.once('message', () => {
      socket.send('{"type":"ping","id":1,"received":0}');
      socket.once('message', () => resolve(socket));
    });
  });
}
