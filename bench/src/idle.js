import { randomBytes } from 'crypto';

import { WebSocket } from 'ws';

import { Browser } from './browser.js';
import { JupyterServer, TOKEN, cpuSeconds, sleep } from './jupyter.js';
import { openRaw } from './page.js';
import { slope } from './statistics.js';

const STEPS = 6;
const AT_ONCE = 50;

/** Memory that each more idle connection takes of the server, in bytes. */
export async function measureMemory(kind, count) {
  const server = await JupyterServer.start();
  const open = kind === 'raw' ? openIdleRaw : openIdleSession;
  const sockets = [];
  const points = [];
  for (let step = 0; step <= STEPS; step++) {
    while (sockets.length < (count * step) / STEPS) {
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
export async function measureIdleCpu(bundle, seconds) {
  const [without, connected] = await Promise.all([
    idleCpu(bundle, undefined, seconds),
    idleCpu(bundle, {}, seconds)
  ]);
  return {
    server: (connected.server - without.server) / seconds,
    page: (connected.page - without.page) / seconds,
    serverWithout: without.server / seconds,
    pageWithout: without.page / seconds
  };
}

async function idleCpu(bundle, settings, seconds) {
  const server = await JupyterServer.start();
  const browser = await Browser.start(bundle);
  await browser.openPage(server.port, settings);
  await sleep(5_000);
  const read = () => ({
    server: server.cpuS,
    page: browser.renderers.reduce((sum, pid) => sum + cpuSeconds(pid), 0)
  });
  const before = read();
  await sleep(seconds * 1000);
  const after = read();
  await browser.stop();
  await server.stop();
  return {
    server: after.server - before.server,
    page: after.page - before.page
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
