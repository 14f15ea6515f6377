import { readFileSync, readdirSync } from 'fs';

const NS_PER_S = 1e9;

/**
 * Adds up the processor time of some processes.
 *
 * The system forgets what a thread took when it ends, so each is looked at by itself,
 * and what has ended counts with what it was last seen to have taken: the sum never
 * shrinks. Whoever measures for long looks now and then.
 */
export class CpuMeter {
  /** @param pids - The processes; one that has ended is no error. */
  constructor(pids) {
    this.#pids = pids;
  }

  /** Look, and return the seconds that they have taken. */
  read() {
    for (const pid of this.#pids) {
      for (const thread of threadsOf(pid)) {
        const ns = nsOf(thread);
        if (ns !== null) {
          this.#ns.set(thread, ns);
        }
      }
    }
    return [...this.#ns.values()].reduce((sum, ns) => sum + ns, 0) / NS_PER_S;
  }

  #pids;
  #ns = new Map();
}

function threadsOf(pid) {
  const folder = `/proc/${pid}/task`;
  try {
    return readdirSync(folder).map(thread => `${folder}/${thread}`);
  } catch {
    return []; // it has ended
  }
}

/** Finer than the ticks of `stat`, which are 10 ms; null: it has ended. */
function nsOf(thread) {
  try {
    const [onCpu] = readFileSync(`${thread}/schedstat`, 'latin1').split(' ');
    return Number(onCpu);
  } catch {
    return null;
  }
}
