import type { Connector } from '../../connector';
import type { IResumeRequest } from '../../handshake';
import { CloseCode } from '../../limits';
import type { ServerChannel } from '../../server-end';
import type { IStatus, State } from '../../status';
import { Application } from './applications';
import type { Page } from './ends';
import { Plan } from './plan';
import type { Wire } from './wire';
import { World } from './world';

export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** Timers of the simulated page are never so late. */
export const TIMER_MS = 4;

/**
 * A world without chance: one page, one server and a line that a test spoils by
 * hand; every channel is accepted at once.
 */
export class Line extends World {
  constructor(plan: Partial<Plan> = {}) {
    super(1, Object.assign(new Plan(), { lateUpgrades: 0 }, plan));
  }

  /** When probes and sockets were opened. */
  readonly probedMs: number[] = [];
  readonly dialledMs: number[] = [];

  /** Every status the page went through, with its time. */
  readonly statuses: { atMs: number; status: IStatus }[] = [];

  get nowMs(): number {
    return this.clock.nowMs;
  }

  get connector(): Connector {
    return this.page.connector;
  }

  get state(): State {
    return this.connector.status.state;
  }

  /** The wire of the page's current socket. */
  get wire(): Wire {
    return [...this.page.wires.values()].pop() as Wire;
  }

  // -- What a test does --------------------------------------------------------

  /** Open the first socket. */
  start(): void {
    this.do(() => this.connector.start(this.nowMs));
  }

  /** Open the first socket and wait until it is welcomed. */
  join(): void {
    this.start();
    this.until(() => this.state === 'connected');
  }

  /** Open a channel and wait until it is accepted; return its ends. */
  open(): [page: Application, server: Application] {
    let page!: Application;
    this.do(() => {
      page = new Application(this, this.connector.session.open('test'), 'page');
    });
    const { channel } = page;
    this.pageEnds.set(channel.number, page);
    this.until(() => channel.state === 'open');
    return [page, this.serverEnds.get(channel.number) as Application];
  }

  /** Let the page do something. */
  do(act: () => void): void {
    this.page.run(act);
  }

  /** Let one end of a channel send a record. */
  send(end: Application, record: string): void {
    if (end.side === 'page') {
      this.do(() => end.send(record));
    } else {
      end.send(record);
    }
  }

  /** Let time pass. */
  runFor(timeMs: number): void {
    this.clock.runUntil(() => false, this.nowMs + timeMs);
  }

  /** Let time pass until something is so; return how long it took. */
  until(done: () => boolean, limitMs = HOUR_MS): number {
    const startedMs = this.nowMs;
    if (!this.clock.runUntil(done, startedMs + limitMs)) {
      this.fail(
        `not so after ${limitMs} ms: ${JSON.stringify(this.connector.status)}`
      );
    }
    return this.nowMs - startedMs;
  }

  /** Do something again and again. */
  every(intervalMs: number, act: () => void): void {
    act();
    this.clock.at(this.nowMs + intervalMs, () => this.every(intervalMs, act));
  }

  /** Let the current socket lose all that goes one way or both. */
  swallow(up: boolean, down: boolean): void {
    const { wire } = this;
    wire.faultyMs = this.nowMs;
    wire.up.hole ||= up;
    wire.down.hole ||= down;
  }

  /** Let the line carry as much from now on, without a cut. */
  changeRate(bytesPerMs: number): void {
    const { up, down } = this.wire;
    this.plan.bytesPerMs = up.bytesPerMs = down.bytesPerMs = bytesPerMs;
  }

  /** Cut the current socket; both ends learn of it. */
  cut(): void {
    const { wire } = this;
    wire.faultyMs = this.nowMs;
    wire.kill();
    wire.serverOpen = false;
    this.server.gone(wire);
    this.page.closed(wire.socketId, CloseCode.ABNORMAL);
  }

  /** Restart the server. */
  restart(): void {
    this.plan.restarts = true;
    this._restart();
  }

  /** When the page first got into a state after that time. */
  nextMs(state: State, afterMs: number): number {
    const next = this.statuses.find(
      ({ atMs, status }) => atMs > afterMs && status.state === state
    );
    return next?.atMs ?? Infinity;
  }

  // -- World -------------------------------------------------------------------

  channelRequested(channel: ServerChannel): void {
    this.serverEnds.set(
      channel.number,
      new Application(this, channel, 'server')
    );
    channel.accept();
  }

  connect(wire: Wire, request: IResumeRequest): void {
    this.dialledMs.push(this.nowMs);
    super.connect(wire, request);
  }

  probe(page: Page, probeId: number): void {
    this.probedMs.push(this.nowMs);
    super.probe(page, probeId);
  }

  statusChanged(status: IStatus): void {
    this.statuses.push({ atMs: this.nowMs, status });
  }
}
