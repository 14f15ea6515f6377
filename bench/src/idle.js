import { randomBytes } from 'crypto';
import { readFileSync } from 'fs';

import { WebSocket } from 'ws';

import { BareBrowser } from './bare-browser.js';
import { connect, disconnect } from './browser.js';
import { CpuMeter } from './cpu-meter.js';
import { JupyterServer, TOKEN, sleep } from './jupyter.js';
import { openRaw } from './page.js';
import { slope } from './statistics.js';

const CONNECTIONS = 3_000;
const ROUNDS = 3;
const STEPS = 6;
const AT_ONCE = 50;
const CPU_ROUNDS = 4;
const CPU_WINDOW_S = 20;
/** The server ends a session 10 s after its page has said goodbye. */
const QUIET_AFTER_S = 12;

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
 * Shares of a processor that a server and its page in Chromium take, idle: in turns
 * without a connection and with one, the same processes all the time.
 */
export async function measureIdleCpu(bundle) {
  const server = await JupyterServer.start();
  const { port } = server;
  // One that is watched has work with every message.
  const browser = await BareBrowser.launch();
  const address = `http://127.0.0.1:${port}/api?token=${TOKEN}`;
  await browser.load(address, readFileSync(bundle, 'utf8'));
  const meters = {
    server: new CpuMeter([server.pid]),
    page: new CpuMeter(await browser.renderers())
  };
  const found = { without: [], connected: [] };
  for (let round = 0; round <= CPU_ROUNDS; round++) {
    await browser.evaluate(disconnect);
    const without = await shares(meters);
    await browser.evaluate(connect, { port, settings: {}, token: TOKEN });
    const connected = await shares(meters);
    // In the first the page is still busy with having been loaded.
    if (round) {
      found.without.push(without);
      found.connected.push(connected);
    }
  }
  await browser.close();
  await server.stop();
  return found;
}

/** What each of the meters counts for each second from when it is quiet. */
async function shares(meters) {
  const read = () =>
    Object.entries(meters).map(([name, meter]) => [name, meter.read()]);
  await sleep(QUIET_AFTER_S * 1000);
  const before = Object.fromEntries(read());
  const beginMs = performance.now();
  for (let second = 0; second < CPU_WINDOW_S; second++) {
    await sleep(1000);
    read();
  }
  const seconds = (performance.now() - beginMs) / 1000;
  return Object.fromEntries(
    read().map(([name, after]) => [name, (after - before[name]) / seconds])
  );
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
