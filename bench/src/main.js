/** Measures the pieces that are asked for, and prints one table of all that is kept. */
import { rmSync } from 'fs';
import { loadavg } from 'os';

import { measureAlternatives } from './alternatives-run.js';
import { Browser } from './browser.js';
import { bundlePage } from './bundle.js';
import { measureBytes } from './bytes.js';
import { measureGuard } from './guard.js';
import { measureHoles } from './holes.js';
import { measureIdleCpu, measureMemory } from './idle.js';
import { JupyterServer } from './jupyter.js';
import { keep, kept, writeReadme } from './kept.js';
import { describeMachine } from './machine.js';
import { NodePages } from './page.js';
import { report } from './report.js';
import { measureBrowserResume, measureResume } from './resume.js';
import { measureLatency, measureThroughput } from './throughput.js';

const ROUND_TRIPS_MS = [0, 20, 100];
const PER_TURN = [1, 32, 64, 128];

/** What can be measured, in the order of the table; each returns its figures. */
const PIECES = {
  throughput: ({ bundle }) =>
    withServer(({ port }) =>
      measureThroughput(port, new NodePages(bundle.node))
    ),
  latency: ({ bundle }) =>
    withServer(({ port }) => measureLatency(port, new NodePages(bundle.node))),
  resume: ({ bundle }) => withServer(({ port }) => resume(bundle, port)),
  holes: ({ bundle }) =>
    withServer(({ port }) => measureHoles(new NodePages(bundle.node), port)),
  bytes: ({ bundle }) => withServer(({ port }) => bytes(bundle, port)),
  memory: () => measureMemory(),
  cpu: ({ bundle }) => measureIdleCpu(bundle.browser),
  guard: () => measureGuard(),
  alternatives: ({ bundle }) =>
    withServer(({ port }) =>
      measureAlternatives(new NodePages(bundle.node), port)
    )
};

async function withServer(measure) {
  const server = await JupyterServer.start();
  try {
    return await measure(server);
  } finally {
    await server.stop();
  }
}

async function resume(bundle, port) {
  const pages = new NodePages(bundle.node);
  const browser = await Browser.start(bundle.browser);
  const found = {};
  for (const rtt of ROUND_TRIPS_MS) {
    found[rtt] = {
      'Node.js': await measureResume(pages, port, rtt),
      Chromium: await measureBrowserResume(browser, port, rtt)
    };
  }
  await browser.stop();
  return found;
}

async function bytes(bundle, port) {
  const pages = new NodePages(bundle.node);
  const found = {};
  for (const perTurn of PER_TURN) {
    found[perTurn] = await measureBytes(pages, port, perTurn);
  }
  return found;
}

function say(text) {
  const seconds = Math.round(performance.now() / 1000);
  process.stderr.write(`${seconds} s: ${text}\n`);
}

async function main([...asked]) {
  const readme = asked[0] === '--readme';
  const names = readme ? asked.slice(1) : asked;
  const odd = names.filter(name => !(name in PIECES));
  if (odd.length) {
    const known = Object.keys(PIECES).join(', ');
    throw new Error(`no such piece: ${odd.join(', ')}; there are ${known}`);
  }
  const bundle = await bundlePage();
  const machine = await describeMachine();
  for (const name of names.length ? names : Object.keys(PIECES)) {
    say(name);
    const [load] = loadavg();
    keep(name, machine, load, await PIECES[name]({ bundle }));
  }
  rmSync(bundle.folder, { recursive: true });
  const text = report(kept());
  process.stdout.write(text);
  if (readme) {
    writeReadme(text);
  }
}

await main(process.argv.slice(2));
process.exit();
