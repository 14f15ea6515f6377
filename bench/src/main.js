/** Measures everything, prints one table, and writes it as Markdown. */
import { rmSync, writeFileSync } from 'fs';
import { fileURLToPath } from 'url';

import { Browser } from './browser.js';
import { bundlePage } from './bundle.js';
import { measureBytes } from './bytes.js';
import { measureCuts } from './cuts.js';
import { measureHoles } from './holes.js';
import { measureIdleCpu, measureMemory } from './idle.js';
import { JupyterServer } from './jupyter.js';
import { describeMachine } from './machine.js';
import { NodePages, until } from './page.js';
import { report } from './report.js';
import { measureBrowserResume, measureResume } from './resume.js';
import { Rivals } from './rivals-run.js';
import { measureLatency, measureThroughput } from './throughput.js';

const ROUNDS = 11;
const RIVAL_ROUNDS = 5;
const TRIALS = 25;
const LATENCIES = 1_000;
const ROUND_TRIPS_MS = [0, 20, 100];
const IDLE_S = 120;
const CONNECTIONS = 3_000;
const RESULTS = fileURLToPath(new URL('../results.md', import.meta.url));

function say(text) {
  const seconds = Math.round(performance.now() / 1000);
  process.stderr.write(`${seconds} s: ${text}\n`);
}

async function measureOurs(bundle, found) {
  const server = await JupyterServer.start();
  const { port } = server;
  const pages = new NodePages(bundle.node);
  const connection = pages.connect(port);
  await until(connection, 'connected');
  say('throughput');
  found.throughput = await measureThroughput(port, connection, ROUNDS);
  say('latency');
  found.latency = await measureLatency(port, connection, LATENCIES);
  connection.dispose();
  say('bytes');
  found.bytes = {};
  for (const perTurn of [1, 32, 64, 128]) {
    found.bytes[perTurn] = await measureBytes(pages, port, perTurn, 100);
  }
  const browser = await Browser.start(bundle.browser);
  found.resume = {};
  for (const rtt of ROUND_TRIPS_MS) {
    say(`resume at ${rtt} ms`);
    found.resume[rtt] = {
      node: await measureResume(pages, port, rtt, TRIALS),
      chromium: await measureBrowserResume(browser, port, rtt, TRIALS)
    };
  }
  await browser.stop();
  return { server, pages };
}

async function measureRivals(rivals, found) {
  say('throughput of others');
  found.rivals = {
    throughput: await rivals.throughput(RIVAL_ROUNDS),
    bytes: await rivals.bytes()
  };
  say('resume of others');
  found.rivals.resume = await rivals.resume();
}

async function main() {
  const found = { machine: await describeMachine() };
  const bundle = await bundlePage();
  const rivals = await Rivals.start();
  const { server, pages } = await measureOurs(bundle, found);
  await measureRivals(rivals, found);
  found.cuts = await measureCuts(pages.client, server.port);
  // These wait more than they work, so they run together.
  say('black holes and idle processors');
  [found.holes, found.rivals.holes, found.cpu] = await Promise.all([
    measureHoles(pages, server.port),
    rivals.holes(),
    measureIdleCpu(bundle.browser, IDLE_S)
  ]);
  await server.stop();
  rivals.stop();
  found.memory = {};
  for (const kind of ['raw', 'session']) {
    say(`memory, ${kind}`);
    found.memory[kind] = await measureMemory(kind, CONNECTIONS);
  }
  rmSync(bundle.folder, { recursive: true });
  const text = report(found);
  writeFileSync(RESULTS, text);
  process.stdout.write(text);
  say('written to bench/results.md');
}

await main();
process.exit();
