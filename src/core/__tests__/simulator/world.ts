import type { HeldSession } from '../../held';
import type { Message } from '../../channel';
import type { IResumeRequest } from '../../handshake';
import { CloseCode } from '../../limits';
import type { ProbeAnswer } from '../../retry';
import type { ServerChannel } from '../../server-end';
import type { IStatus } from '../../status';
import { copyFrames } from '../copy';
import { Application, makeRecord } from './applications';
import { Clock } from './clock';
import { type Page as IPage, Page, Server } from './ends';
import { checkChannel, checkMemory } from './oracle';
import { drawPlan } from './plan';
import { Random } from './random';
import { Wire } from './wire';

/** After the last fault all must have arrived within this time, on slow lines too. */
const SETTLE_MS = 400_000;
const HANDSHAKE_BYTES = 600;

/** A schedule ended wrong; the message begins with its seed. */
export class SimulationError extends Error {}

/** One schedule: a page, a server, the wires between them and what goes wrong. */
export class World {
  constructor(
    readonly seed: number,
    plan?: World['plan']
  ) {
    this.random = new Random(seed);
    this.plan = plan ?? drawPlan(this.random);
    this.server = new Server(this);
    this.page = new Page(this);
  }

  readonly random: Random;
  readonly plan: ReturnType<typeof drawPlan>;
  readonly clock = new Clock();
  readonly page: IPage;
  server: Server;

  /** Connections are refused, or swallowed. */
  refusing = false;
  hanging = false;

  /** What every probe finds; `null`: as the network stands. */
  probeAnswer: ProbeAnswer | null = null;

  /** Too slow for the deadline: a living line may be declared dead. */
  tooSlow = false;

  /** A session may be lost although no server was restarted. */
  excused = false;
  records = 0;
  lostSessions = 0;
  readonly pageEnds = new Map<number, Application>();
  readonly serverEnds = new Map<number, Application>();

  /** Stop with the seed that replays this. */
  fail(message: string): never {
    const nowMs = this.clock.nowMs.toFixed();
    throw new SimulationError(`seed ${this.seed} at ${nowMs} ms: ${message}`);
  }

  /** Play the schedule to its end and judge it. */
  run(): void {
    const { clock, page, plan, random } = this;
    page.run(() => page.connector.start(clock.nowMs));
    for (let i = 0; i < plan.channels; i++) {
      clock.at(random.next() * plan.lengthMs * 0.5, () => this._open());
    }
    for (let i = 0; i < plan.faults; i++) {
      clock.at(random.next() * plan.lengthMs, () => this._fault());
    }
    clock.runUntil(() => false, plan.lengthMs);
    this._heal();
    if (!clock.runUntil(() => this._settled(), clock.nowMs + SETTLE_MS)) {
      this.fail(
        `hangs: ${JSON.stringify(page.connector.status)} ${this._unsettled()}`
      );
    }
    for (const [number, pageEnd] of this.pageEnds) {
      checkChannel(this, pageEnd, this.serverEnds.get(number));
    }
    checkMemory(this);
  }

  // -- Traffic -----------------------------------------------------------------

  /** Make a record that is unique in this world. */
  nextRecord(size: number): Message {
    return makeRecord(this.random, ++this._numbers, size);
  }

  /** Accept or refuse at the server, now or later. */
  channelRequested(channel: ServerChannel): void {
    const { clock, random } = this;
    if (this.serverEnds.has(channel.number)) {
      this.fail(`channel ${channel.number} was opened twice`);
    }
    this.serverEnds.set(
      channel.number,
      new Application(this, channel, 'server')
    );
    const kind = random.next();
    if (kind < 0.1) {
      channel.refuse(CloseCode.UNKNOWN, 'no');
    } else if (kind < 0.3) {
      clock.at(clock.nowMs + random.next() * 500, () => channel.accept());
    } else {
      channel.accept();
    }
  }

  private _open(): void {
    const { page } = this;
    page.run(() => {
      const channel = page.connector.session.open('test', { n: this._numbers });
      this.pageEnds.set(channel.number, new Application(this, channel, 'page'));
      this._planChannel(channel.number);
    });
  }

  private _planChannel(number: number): void {
    const { clock, plan, random } = this;
    const leftMs = Math.max(plan.lengthMs - clock.nowMs, 1);
    for (const side of [this.pageEnds, this.serverEnds]) {
      const later = (share: number, act: (end: Application) => void) =>
        clock.at(clock.nowMs + random.next() * leftMs * share, () =>
          this._on(side, number, act)
        );
      const burst = random.next() < 0.3;
      let atMs = clock.nowMs + random.next() * leftMs;
      for (let count = random.integer(0, plan.records); count; count--) {
        if (!burst || random.next() < 0.1) {
          atMs = clock.nowMs + random.next() * leftMs;
        }
        clock.at(atMs, () => this._on(side, number, this._send));
      }
      if (random.next() < plan.closeChance) {
        const how = random.choice(['close', 'abort'] as const);
        later(1.2, end => end.close(how));
      }
      if (random.next() < 0.15) {
        later(1, end => this._stall(end));
      }
    }
  }

  private _on(
    side: Map<number, Application>,
    number: number,
    act: (end: Application) => void
  ): void {
    const end = side.get(number);
    if (end && side === this.pageEnds) {
      this.page.run(() => act(end));
    } else if (end) {
      act(end);
    }
  }

  private _send = (end: Application): void =>
    end.send(this.nextRecord(this.random.choice(this.plan.sizes)));

  private _stall(end: Application): void {
    const goOn = () => {
      end.stalled = false;
      for (let drained = false; !drained;) {
        drained = end.tryToDrain();
      }
    };
    end.stalled = true;
    const side = end.side === 'page' ? this.pageEnds : this.serverEnds;
    const { number } = end.channel;
    this.clock.at(this.clock.nowMs + this.random.next() * 30_000, () =>
      this._on(side, number, goOn)
    );
  }

  // -- The network -------------------------------------------------------------

  /** Lay a wire. */
  newWire(page: Page, socketId: number): Wire {
    if (page.wires.size) {
      this.fail('a second socket beside the first (S1)');
    }
    const { latencyMs, bytesPerMs } = this.plan;
    const wire = new Wire(this.clock, latencyMs, bytesPerMs, page, socketId);
    this._wires = this._wires.filter(old => old.pageOpen || old.serverOpen);
    this._wires.push(wire);
    return wire;
  }

  /** Carry an upgrade request to the server; now and then so late that others overtake. */
  connect(wire: Wire, request: IResumeRequest): void {
    const { clock, plan, random } = this;
    let lateMs = 0;
    if (random.next() < plan.lateUpgrades && !this._healed) {
      lateMs = random.choice([200, 9_900, 15_000, 40_000]);
    }
    if (this.refusing) {
      clock.at(clock.nowMs + 2 * plan.latencyMs + 1, () => {
        wire.serverOpen = false;
        wire.page.closed(wire.socketId, CloseCode.ABNORMAL);
      });
    } else if (this.hanging) {
      wire.faultyMs = clock.nowMs;
      wire.kill();
    } else {
      clock.at(clock.nowMs + 2 * plan.latencyMs + lateMs, () => {
        if (!wire.up.dead && !wire.up.hole) {
          wire.up.send(HANDSHAKE_BYTES, () => this._upgrade(wire, request));
        }
      });
    }
  }

  private _upgrade(wire: Wire, request: IResumeRequest): void {
    if (this.server.alive) {
      wire.down.send(HANDSHAKE_BYTES, () => wire.page.opened(wire.socketId));
      this.server.upgrade(wire, request);
    }
  }

  /** Carry frames to the page. */
  down(wire: Wire, frames: readonly Message[]): void {
    for (const frame of copyFrames(frames)) {
      wire.down.send(frame.length, () =>
        wire.page.message(wire.socketId, frame)
      );
    }
  }

  /** Carry the page's close to the server, behind what it wrote. */
  hangUp(wire: Wire): void {
    this.clock.at(this.clock.nowMs + 2 * this.plan.latencyMs, () =>
      wire.up.send(0, () => {
        wire.serverOpen = false;
        this.server.gone(wire);
      })
    );
  }

  /** Carry the server's close to the page, behind what it wrote. */
  serverHangsUp(wire: Wire, code: number): void {
    wire.serverOpen = false;
    wire.faultyMs = this.clock.nowMs;
    wire.down.send(0, () => wire.page.closed(wire.socketId, code));
  }

  /** Answer a probe as the network and the server stand. */
  probe(page: Page, probeId: number): void {
    const { clock, plan } = this;
    if (this.hanging && !this.probeAnswer) {
      return;
    }
    const answer = this.probeAnswer ?? (this.refusing ? 'unreachable' : 'ok');
    const arrive = () => {
      if (page.probes.delete(probeId)) {
        page.connector.probeAnswered(probeId, answer, clock.nowMs);
      }
    };
    clock.at(clock.nowMs + 4 * plan.latencyMs + 1, () => page.run(arrive));
  }

  // -- Faults ------------------------------------------------------------------

  private _fault(): void {
    const kinds = [
      this._cut,
      this._cut,
      this._halfCut,
      this._hole,
      this._stallLine,
      this._outage
    ];
    if (this.plan.restarts) {
      kinds.push(this._restart, this._expire);
    }
    if (this.plan.sleeps) {
      kinds.push(this._sleep, this._sleep);
    }
    this.random.choice(kinds).call(this);
  }

  /** Both ends learn of it, one of them later. */
  private _cut(wire = this._current()): void {
    if (!wire || wire.up.dead) {
      return;
    }
    const { clock, random } = this;
    wire.faultyMs = clock.nowMs;
    wire.kill();
    const laterMs = random.choice([0, 0, 5, 3_000]);
    const pageFirst = random.next() < 0.5;
    clock.at(clock.nowMs + (pageFirst ? 0 : laterMs), () =>
      wire.page.closed(wire.socketId, CloseCode.ABNORMAL)
    );
    clock.at(clock.nowMs + (pageFirst ? laterMs : 0), () => {
      wire.serverOpen = false;
      this.server.gone(wire);
    });
  }

  /** Only the server learns of it; the page has to find out. */
  private _halfCut(): void {
    const wire = this._current();
    if (wire && !wire.up.dead) {
      wire.faultyMs = this.clock.nowMs;
      wire.kill();
      wire.serverOpen = false;
      this.server.gone(wire);
    }
  }

  private _hole(): void {
    const wire = this._current();
    if (wire) {
      wire.faultyMs = this.clock.nowMs;
      const which = this.random.integer(0, 2);
      wire.up.hole ||= which !== 1;
      wire.down.hole ||= which !== 0;
    }
  }

  private _stallLine(): void {
    const { clock, random } = this;
    const wire = this._current();
    if (wire) {
      wire.faultyMs = clock.nowMs;
      const untilMs = clock.nowMs + random.choice([300, 2_000, 10_000, 30_000]);
      for (const pipe of [wire.up, wire.down]) {
        if (random.next() < 0.7) {
          pipe.stalledUntilMs = untilMs;
        }
      }
    }
  }

  /** Nothing connects for a while: refused or swallowed; the socket may live on or not. */
  private _outage(): void {
    const { clock, page, random } = this;
    if (random.next() < 0.7) {
      this._cut();
    }
    this.refusing = random.next() < 0.5;
    this.hanging = !this.refusing;
    clock.at(clock.nowMs + random.choice([100, 5_000, 40_000]), () => {
      this.refusing = this.hanging = false;
      if (random.next() < 0.3) {
        page.run(() => page.connector.cameBack(clock.nowMs));
      }
    });
  }

  protected _restart(): void {
    const old = this.server;
    old.alive = false;
    for (const held of [...old.acceptor.sessions.values()]) {
      held.session.end('restart');
    }
    for (const wire of this._wires) {
      this._cut(wire);
    }
    this.server = new Server(this);
  }

  private _expire(): void {
    const { acceptor } = this.server;
    for (const held of [...acceptor.sessions.values()]) {
      acceptor.end(held, 'expired', CloseCode.ENDED);
    }
  }

  /** The machine sleeps; what came meanwhile is there when it wakes, or the line is gone. */
  private _sleep(): void {
    const { clock, page, random } = this;
    const asleepMs = random.choice([500, 8_000, 100_000]);
    const wire = this._current();
    if (wire) {
      wire.faultyMs = clock.nowMs;
      if (random.next() < 0.25) {
        wire.kill();
      }
    }
    page.asleepUntilMs = clock.nowMs + asleepMs;
    if (random.next() < 0.5) {
      page.run(() => page.connector.cameBack(clock.nowMs));
    }
  }

  private _current(): Wire | undefined {
    return this._wires.filter(wire => wire.pageOpen).pop();
  }

  // -- From the page -----------------------------------------------------------

  /** The page lost its session: only allowed when the server lost it first. */
  sessionReplaced(): void {
    this.lostSessions++;
    if (!this.plan.restarts && !this.excused) {
      this.fail('a session was lost without a reason');
    }
  }

  /** For tests that want to know. */
  statusChanged(status: IStatus): void {
    return;
  }

  // -- The end -----------------------------------------------------------------

  private get _ends(): Application[] {
    return [...this.pageEnds.values(), ...this.serverEnds.values()];
  }

  private _heal(): void {
    this._healed = true;
    this.refusing = this.hanging = false;
    for (const end of this._ends) {
      end.troubles = 0;
    }
    const { connector } = this.page;
    if (connector.status.state === 'stopped') {
      connector.reconnect(this.clock.nowMs);
    }
  }

  private _unsettled(): string {
    return this._ends
      .filter(end => !isSettled(end))
      .map(({ side, channel }) => {
        const { number, queueCost, state } = channel;
        return `${side} ${number} ${state} queue ${queueCost}`;
      })
      .join();
  }

  /** The server's end of the page's session; others may be left of requests in vain. */
  get held(): HeldSession<Wire> | undefined {
    const asked = this.page.connector.byeRequest;
    return [...this.server.acceptor.sessions.values()].find(
      held => held.sid === asked?.sid && held.epoch === asked.epoch
    );
  }

  private _settled(): boolean {
    const { connector, asleepUntilMs } = this.page;
    const { session, status } = connector;
    if (
      status.state !== 'connected' ||
      this.clock.nowMs < asleepUntilMs ||
      session.log.cost ||
      session.hasUnsent
    ) {
      return false;
    }
    const held = this.held?.session;
    return (
      held !== undefined &&
      !held.log.cost &&
      !held.hasUnsent &&
      this._ends.every(isSettled)
    );
  }

  private _numbers = 0;
  private _healed = false;
  private _wires: Wire[] = [];
}

function isSettled(end: Application): boolean {
  const { channel } = end;
  return channel.final
    ? end.final !== null
    : !channel.queueCost &&
        !end.pending.length &&
        !end.stalled &&
        channel.state === 'open' &&
        channel.empty;
}
