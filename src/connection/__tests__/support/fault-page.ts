import { DEFAULT_SETTINGS } from '../../../settings/__tests__/defaults';
import { AIConnection } from '../..';
import type { Fault, IPlannedFault } from './fault-plan';
import { FaultProxy } from './fault-proxy';
import type { Ending, Side, Way } from './fault-proxy';
import { JupyterServer } from './jupyter-server';
import { NOTHING } from './oracle';
import type { IFindings } from './oracle';
import { Payloads } from './payloads';
import type { Random } from './random';
import { EchoTraffic, NumberedTraffic, StalledTraffic } from './traffic';
import type { ITraffic } from './traffic';
import { until } from './wait';

/** Faults between two changes of the stalled channel. */
const STALL_EVERY = 15;
/** Nothing takes so long unless it hangs, not even on a machine that starves. */
const HANG_MS = 300_000;

/** The timing is tested elsewhere; here a hole is to be found soon. */
const SETTINGS = {
  ...DEFAULT_SETTINGS,
  heartbeatIntervalMs: 1_000,
  answerTimeoutMs: 1_000,
  baseDelayMs: 10,
  delayCapMs: 50
};

/** What became of one page. */
export interface IPageResult {
  readonly findings: IFindings;
  /** Sessions that the application saw; 1 is right. */
  readonly sessions: number;
  /** Channels that ended though nobody ended them. */
  readonly broken: readonly string[];
  readonly units: number;
  readonly resumes: number;
}

/** One page with several busy channels, whose line breaks as planned. */
export class FaultPage {
  /** Lay a line to a server and connect. */
  static async start(serverPort: number, random: Random): Promise<FaultPage> {
    return new FaultPage(await FaultProxy.start(serverPort), random);
  }

  /** Break the line, fault by fault, then let everything arrive. */
  async run(plan: readonly IPlannedFault[]): Promise<IPageResult> {
    this.connection.start();
    for (const [index, { gap, fault }] of plan.entries()) {
      const what = `fault ${index}, ${JSON.stringify(fault)}`;
      await this.#inTime(this.#more(gap), `${gap} records before ${what}`);
      await this.#inTime(this.#inflict(fault), what);
      if (index % STALL_EVERY === 0) {
        this.#stalled.toggle();
      }
    }
    const rest = Promise.all(this.#traffic.map(each => each.finish()));
    await this.#inTime(rest, 'what is left');
    return this.#result();
  }

  /** Leave nothing behind. */
  async stop(): Promise<void> {
    this.connection.dispose();
    await this.#proxy.stop();
  }

  private constructor(proxy: FaultProxy, random: Random) {
    this.#proxy = proxy;
    this.connection = new AIConnection({
      serverSettings: JupyterServer.settings(proxy.port),
      settings: SETTINGS
    });
    const payloads = new Payloads(random);
    const { connection } = this;
    const came = () => this.#came();
    this.#stalled = new StalledTraffic(connection, payloads);
    this.#traffic = [
      this.#stalled,
      new EchoTraffic(connection, payloads, TOKENS, came),
      new EchoTraffic(connection, payloads, TOKENS, came),
      new EchoTraffic(connection, payloads, BULK),
      new NumberedTraffic(connection, random)
    ];
  }

  readonly connection: AIConnection;

  #came(): void {
    if (this.#awaited > 0 && !--this.#awaited) {
      this.#arrived();
    }
  }

  /** Resolves when so many more records have come back. */
  #more(count: number): Promise<void> {
    this.#awaited = count;
    return new Promise(resolve => {
      this.#arrived = resolve;
      if (!count) {
        resolve();
      }
    });
  }

  async #inflict(fault: Fault): Promise<void> {
    const proxy = this.#proxy;
    switch (fault.kind) {
      case 'end':
        return proxy.end(fault.how);
      case 'tear':
        return proxy.tear(fault.tear);
      case 'tear next':
        proxy.end('reset');
        return proxy.tear(fault.tear);
      case 'tear replay':
        await this.#lose(fault.lost, fault.lostMs);
        proxy.end('reset');
        return proxy.tear(fault.tear);
      case 'lose':
        await this.#lose(fault.way, fault.lostMs);
        return proxy.end(fault.how);
      case 'half':
        return this.#half(fault.side, fault.how);
      case 'hole':
        return this.#hole(fault.ways);
      case 'stall':
        await until(this.connection, 'connected');
        proxy.hold(fault.ways);
        await pause(fault.stallMs);
        return proxy.release();
      case 'late':
        return this.#late(fault.ways);
      case 'overlap':
        return this.#overlap(fault.order);
      case 'refuse':
        proxy.refuse();
        proxy.end('reset');
        await pause(fault.refusedMs);
        return proxy.accept();
      case 'hang':
        return this.#hang(fault.times, fault.hangMs);
    }
  }

  async #lose(way: Way, lostMs: number): Promise<void> {
    await until(this.connection, 'connected');
    this.#proxy.swallow([way]);
    await pause(lostMs);
  }

  async #half(side: Side, how: Ending): Promise<void> {
    await until(this.connection, 'connected');
    this.#proxy.halve(side, how);
    await this.#reconnected();
  }

  async #hole(ways: readonly Way[]): Promise<void> {
    await until(this.connection, 'connected');
    this.#proxy.swallow(ways);
    await this.#reconnected();
  }

  async #late(ways: readonly Way[]): Promise<void> {
    await until(this.connection, 'connected');
    this.#proxy.hold(ways);
    await pause(LATE_MS);
    this.connection.reconnect();
    await this.#reconnected();
    this.#proxy.release();
  }

  async #reconnected(): Promise<void> {
    await until(this.connection, 'reconnecting');
    await until(this.connection, 'connected');
  }

  async #overlap(order: 'first' | 'last' | 'together'): Promise<void> {
    const { connection } = this;
    const proxy = this.#proxy;
    const met = proxy.meet({ kind: 'delay' });
    proxy.end('reset');
    await met;
    if (order === 'first') {
      proxy.release();
    }
    connection.reconnect();
    if (order === 'last') {
      await until(connection, 'connected');
    }
    proxy.release();
  }

  async #hang(times: number, hangMs: number): Promise<void> {
    for (let time = 0; time < times; time++) {
      const met = this.#proxy.meet({ kind: 'hang' });
      if (!time) {
        this.#proxy.end('reset');
      }
      await met;
      await pause(hangMs);
      this.connection.reconnect();
    }
  }

  async #inTime(work: Promise<unknown>, what: string): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const hangs = new Promise((_, reject) => {
      const fail = () => {
        const known = { ...this.connection.diagnostics(), events: undefined };
        reject(new Error(`hangs: ${what}; ${JSON.stringify(known)}`));
      };
      timer = setTimeout(fail, HANG_MS);
    });
    await Promise.race([work, hangs]);
    clearTimeout(timer);
  }

  #result(): IPageResult {
    const findings = { ...NOTHING };
    for (const oracle of this.#traffic.flatMap(({ oracles }) => oracles)) {
      for (const key of Object.keys(findings) as (keyof IFindings)[]) {
        findings[key] += oracle.findings[key];
      }
    }
    const known = this.connection.diagnostics();
    return {
      findings,
      sessions: 1 + known.discontinuities,
      broken: this.#traffic.flatMap(({ broken }) => broken),
      units: known.unitsSent + known.unitsReceived,
      resumes: known.resumes
    };
  }

  readonly #proxy: FaultProxy;
  readonly #traffic: readonly ITraffic[];
  readonly #stalled: StalledTraffic;
  #awaited = 0;
  #arrived: () => void = () => undefined;
}

/** So much is on its way when it is late. */
const LATE_MS = 20;
const TOKENS = { limitBytes: 40, window: 40 };
const BULK = { limitBytes: 200_000, window: 2 };

/** A fault of this length; nothing is waited for. */
function pause(ms: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, ms));
}
