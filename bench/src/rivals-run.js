import { spawn } from 'child_process';
import { fileURLToPath } from 'url';

import { measureRivalBytes } from './bytes.js';
import { measureCuts } from './cuts.js';
import { measureRivalHole } from './holes.js';
import { RIVALS } from './rivals.js';

const RECORDS = 20_000;

/** Measures what would be used instead. */
export class Rivals {
  static async start() {
    const path = fileURLToPath(new URL('rivals-server.js', import.meta.url));
    const child = spawn(process.execPath, [path], {
      stdio: ['ignore', 'pipe', 'inherit']
    });
    const data = await new Promise(resolve =>
      child.stdout.once('data', resolve)
    );
    return new Rivals(child, JSON.parse(data));
  }

  constructor(child, ports) {
    this.#child = child;
    this.#ports = ports;
  }

  stop() {
    this.#child.kill();
  }

  /** Records a second, one a turn: each in turn, round after round. */
  async throughput(rounds) {
    const rates = new Map(RIVALS.map(({ name }) => [name, []]));
    for (let round = -1; round < rounds; round++) {
      for (const rival of RIVALS) {
        const rate = await this.#rate(rival);
        if (round >= 0) {
          rates.get(rival.name).push(rate);
        }
      }
    }
    return rates;
  }

  /** From a cut to the next record, with the defaults, in milliseconds. */
  resume() {
    return this.#each(rival =>
      // Plain `ws` does not come back by itself.
      rival.name === 'ws' ? [Infinity] : measureCuts(rival, this.#port(rival))
    );
  }

  /** From the beginning of a black hole both ways to the next record, in seconds. */
  holes() {
    return this.#each(rival => measureRivalHole(rival, this.#port(rival)));
  }

  /** Bytes beyond the payload a record takes. */
  bytes() {
    return this.#each(rival =>
      measureRivalBytes(rival, this.#port(rival), 300)
    );
  }

  async #each(measure) {
    const results = await Promise.all(
      RIVALS.map(async rival => [rival.name, await measure(rival)])
    );
    return new Map(results);
  }

  #port({ server }) {
    return this.#ports[server];
  }

  #rate(rival) {
    return new Promise((resolve, reject) => {
      let count = 0;
      let startMs = 0;
      let client = null;
      const heard = () => {
        if (!count++) {
          startMs = performance.now();
        } else if (count === RECORDS) {
          const seconds = (performance.now() - startMs) / 1000;
          client.close();
          resolve((RECORDS - 1) / seconds);
        }
      };
      rival
        .connect(
          this.#port(rival),
          { records: RECORDS, payload: 100, perTurn: 1 },
          heard
        )
        .then(made => (client = made), reject);
    });
  }

  #child;
  #ports;
}
