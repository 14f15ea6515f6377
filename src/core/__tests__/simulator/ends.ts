import { Acceptor, type IAcceptorListener } from '../../acceptor';
import type { Message } from '../../channel';
import { Connector } from '../../connector';
import type { IConnectorDriver } from '../../driver';
import type { IResumeRequest } from '../../handshake';
import { HeldListener, type HeldSession } from '../../held';
import { CloseCode, SUBPROTOCOL } from '../../limits';
import type { ServerChannel } from '../../server-end';
import type { IStatus } from '../../status';
import { copyFrames } from '../copy';
import type { Wire } from './wire';
import type { World } from './world';

/** Thrown by simulated handlers on purpose. */
export class DeliberateError extends Error {}

function rethrow(error: unknown): void {
  if (!(error instanceof DeliberateError)) {
    throw error;
  }
}

/** A page: sockets, probes, one timer, and a machine that may sleep. */
export class Page implements IConnectorDriver {
  constructor(readonly world: World) {
    this.connector = new Connector(this, world.random.next, world.plan.options);
  }

  readonly connector: Connector;
  readonly wires = new Map<number, Wire>();
  readonly probes = new Set<number>();
  asleepUntilMs = 0;

  /** Sockets abandoned for want of an answer. */
  deaths = 0;

  /** Run an event of the page, when it is awake, and look after the timer. */
  run(event: () => void): void {
    const { clock } = this.world;
    if (clock.nowMs < this.asleepUntilMs || this._deferred.length) {
      this._deferred.push(event);
      clock.at(this.asleepUntilMs, this._wake);
      return;
    }
    event();
    this._arm();
  }

  randomSid(): string {
    return this.world.random.hex(32);
  }

  openSocket(socketId: number, request: IResumeRequest): void {
    const wire = this.world.newWire(this, socketId);
    this.wires.set(socketId, wire);
    this.world.connect(wire, request);
  }

  closeSocket(socketId: number, code: number, reason: string): void {
    if (code === CloseCode.PROTOCOL_ERROR) {
      this.world.fail(`the page closes with 4400: ${reason}`);
    }
    const wire = this._wire(socketId);
    this.wires.delete(socketId);
    wire.pageOpen = false;
    if (reason === 'no answer in time') {
      this.deaths++;
      if (wire.faultyMs === null && !this.world.tooSlow) {
        this.world.fail('a living line was declared dead');
      }
    }
    this.world.hangUp(wire);
  }

  write(socketId: number, frames: readonly Message[]): void {
    const wire = this._wire(socketId);
    for (const frame of copyFrames(frames)) {
      wire.up.send(frame.length, () => this.world.server.message(wire, frame));
    }
  }

  openProbe(probeId: number): void {
    this.probes.add(probeId);
    this.world.probe(this, probeId);
  }

  dropProbe(probeId: number): void {
    this.probes.delete(probeId);
  }

  flushWanted(): void {
    if (!this._flushPlanned) {
      this._flushPlanned = true;
      this.world.clock.soon(() => this.run(this._flush));
    }
  }

  statusChanged(status: IStatus): void {
    this.world.statusChanged(status);
  }

  sessionReplaced(): void {
    this.world.sessionReplaced();
  }

  handlerFailed(error: unknown): void {
    rethrow(error);
  }

  // -- From the wire -----------------------------------------------------------

  opened(socketId: number): void {
    this.run(() => {
      if (this.wires.has(socketId)) {
        this.connector.socketOpened(socketId, SUBPROTOCOL, this._nowMs);
      }
    });
  }

  message(socketId: number, frame: Message): void {
    this.run(() => {
      if (this.wires.has(socketId)) {
        this.connector.socketMessage(socketId, frame, this._nowMs);
      }
    });
  }

  closed(socketId: number, code: number): void {
    this.run(() => {
      if (this.wires.delete(socketId)) {
        this.connector.socketClosed(socketId, code, this._nowMs);
      }
    });
  }

  private get _nowMs(): number {
    return this.world.clock.nowMs;
  }

  private _wire(socketId: number): Wire {
    const wire = this.wires.get(socketId);
    return wire ?? this.world.fail(`socket ${socketId} is closed already`);
  }

  private _flush = (): void => {
    this._flushPlanned = false;
    this.connector.flush(this._nowMs);
  };

  private _wake = (): void => {
    if (this._nowMs < this.asleepUntilMs) {
      this.world.clock.at(this.asleepUntilMs, this._wake);
      return;
    }
    for (let event; (event = this._deferred.shift());) {
      event();
    }
    this._arm();
  };

  private _arm(): void {
    const dueMs = this.connector.nextMs;
    if (dueMs === this._timerMs || dueMs === Infinity) {
      this._timerMs = dueMs;
      return;
    }
    this._timerMs = dueMs;
    const lateMs = this.world.plan.latenessMs(this.world.random);
    const fire = () => {
      if (this._timerMs === dueMs) {
        this._timerMs = Infinity;
        this.connector.tick(this._nowMs);
      }
    };
    this.world.clock.at(dueMs + lateMs, () => this.run(fire));
  }

  private _timerMs = Infinity;
  private _flushPlanned = false;
  private _deferred: (() => void)[] = [];
}

/** Hands requested channels to the world's applications. */
class ServerListener extends HeldListener<Wire> {
  constructor(private _world: World) {
    super();
  }

  channelRequested(channel: ServerChannel): void {
    this._world.channelRequested(channel);
  }

  handlerFailed(error: unknown): void {
    rethrow(error);
  }
}

/** A server process: an acceptor and the sockets it holds. */
export class Server implements IAcceptorListener<Wire> {
  constructor(readonly world: World) {
    const { plan, random } = world;
    this.acceptor = new Acceptor<Wire>(
      random.hex(16),
      this,
      () => new ServerListener(world),
      () => random.hex(16),
      plan.acceptorOptions
    );
    this._tick();
  }

  readonly acceptor: Acceptor<Wire>;
  readonly held = new Map<Wire, HeldSession<Wire>>();
  alive = true;

  upgrade(wire: Wire, request: IResumeRequest): void {
    const { code, frames, held, reason } = this.acceptor.request(
      'owner',
      request,
      wire,
      this._nowMs
    );
    if (code === CloseCode.PROTOCOL_ERROR) {
      this.world.fail(`the server closes with 4400: ${reason}`);
    }
    this.world.down(wire, frames);
    if (held) {
      this.held.set(wire, held);
      this._arm(held);
    } else {
      this.world.serverHangsUp(wire, code);
    }
  }

  message(wire: Wire, frame: Message): void {
    const held = this.held.get(wire);
    if (held && this.alive) {
      this.acceptor.receive(held, wire, frame, this._nowMs);
      this._arm(held);
    }
  }

  gone(wire: Wire): void {
    const held = this.held.get(wire);
    this.held.delete(wire);
    if (held && this.alive) {
      this.acceptor.detached(held, wire, this._nowMs);
    }
  }

  closeSocket(wire: Wire, code: number, reason: string): void {
    if (code === CloseCode.PROTOCOL_ERROR) {
      this.world.fail(`the server closes with 4400: ${reason}`);
    }
    this.held.delete(wire);
    this.world.serverHangsUp(wire, code);
  }

  sessionEnded(held: HeldSession<Wire>, _code: number, reason: string): void {
    if (!held.heard && reason === 'the session expired') {
      this.world.excused = true; // P1: 30 s for a page that was never heard
    }
  }

  flushWanted(held: HeldSession<Wire>): void {
    if (this._flushes.has(held)) {
      return;
    }
    this._flushes.add(held);
    this.world.clock.soon(() => {
      this._flushes.delete(held);
      if (this.alive) {
        const frames = this.acceptor.flush(held, this._nowMs);
        if (held.socket) {
          this.world.down(held.socket, frames);
        }
        this._arm(held);
      }
    });
  }

  private get _nowMs(): number {
    return this.world.clock.nowMs;
  }

  private _tick = (): void => {
    if (this.alive) {
      this.acceptor.tick(this._nowMs);
      this.world.clock.at(this._nowMs + 5_000, this._tick);
    }
  };

  private _arm(held: HeldSession<Wire>): void {
    const dueMs = held.session.nextMs;
    if (dueMs === (this._timers.get(held) ?? Infinity)) {
      return;
    }
    this._timers.set(held, dueMs);
    if (dueMs < Infinity) {
      this.world.clock.at(dueMs, () => {
        if (this._timers.get(held) === dueMs && this.alive) {
          this._timers.set(held, Infinity);
          held.session.tick(this._nowMs);
          this._arm(held);
        }
      });
    }
  }

  private _flushes = new Set<HeldSession<Wire>>();
  private _timers = new Map<HeldSession<Wire>, number>();
}
