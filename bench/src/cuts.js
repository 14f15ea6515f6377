import { sleep } from './jupyter.js';
import { Line } from './line.js';

const TRIALS = 7;
/** Longer than a connection must have lived for its client to trust it. */
const TRUST_MS = 5_500;
const STREAM = { records: 1_000_000, payload: 20, perTurn: 1, intervalMs: 5 };

/** From a cut to the next record, with the client's defaults, in milliseconds. */
export function measureCuts(client, port) {
  return Promise.all(
    Array.from({ length: TRIALS }, () => measureCut(client, port))
  );
}

async function measureCut(client, port) {
  const line = await Line.to(port);
  let hear = () => undefined;
  const connected = await client.connect(line.port, STREAM, () => hear());
  await sleep(TRUST_MS);
  line.cut();
  const startMs = performance.now();
  // What came before the cut may still be read.
  await sleep(1);
  await new Promise(resolve => (hear = resolve));
  const ms = performance.now() - startMs;
  connected.close();
  await line.close();
  return ms;
}
