import { Channel } from './channel';
import { QueueFullError, SessionEndedError, broken } from './errors';
import { type Control, encodeControl, encodeUnits } from './frames';
import {
  CONTROL_QUEUE_LIMIT_BYTES,
  FAST_LOG_LIMIT_BYTES,
  REMEMBERED_CHANNELS,
  UNIT_LIMIT_BYTES
} from './limits';
import { Receipts, SendLog } from './log';
import type { Shape } from './members';
import {
  type ChannelRecord,
  type IRefuse,
  SHAPES,
  decodeRecord,
  encodeRecord
} from './records';
import type { ServerChannel } from './server-end';
import { type IUnit, MORE, costOf, countOf, splitRecord } from './units';

/** Memory for the frames of a flush on a fast line. */
const FAST_FRAMES = new Uint8Array(FAST_LOG_LIMIT_BYTES);

/** What a session tells the one who drives it. */
export interface ISessionListener {
  /** Handle that `flush` has something to do; told once until `flush` runs. */
  flushWanted(): void;

  /** Handle that a listener threw; the stream goes on (C6). */
  handlerFailed(error: unknown): void;

  /** Handle `open`: `accept` or `refuse` the channel, now or later (server only). */
  channelRequested?(channel: ServerChannel): void;

  /** Handle that the session holds so many bytes more, or less (server only, P2). */
  memoryChanged?(delta: number): void;
}

/** What a session tells the judge of its sockets (page only); see `Liveness`. */
export interface IProofListener {
  /** Handle a pong (L1). */
  pong(id: number, nowMs: number): void;

  /** Handle an acknowledgement that advanced; that cost is still without (L1). */
  ackAdvanced(inFlightCost: number, nowMs: number): void;

  /** Handle inbound units of that cost, before they are routed (L3). */
  unitsReceived(cost: number, nowMs: number): void;
}

/**
 * One end of a session: an ordered, exactly-once, two-way stream of records over
 * a sequence of sockets (C to A, W, Z).
 *
 * #### Notes
 * Sans I/O: frames go in by `receive` and come out of `flush`; time is passed in.
 * This is the page's end, and what the server's has in common with it; see
 * `ServerSession`.
 */
export class Session {
  /**
   * Begin without a socket.
   *
   * @param listener - who drives it.
   * @param nextChannel - page: the next number to give (Z2); server: the lowest
   * not yet seen.
   * @param proofs - who judges its sockets (page only).
   */
  constructor(
    readonly listener: ISessionListener,
    public nextChannel = 1,
    proofs?: IProofListener
  ) {
    this.#proofs = proofs;
  }

  /** What this end sent. */
  readonly log = new SendLog();

  /** What it received. */
  readonly receipts = new Receipts();

  /** Channels by number that are alive on the wire. */
  readonly channels = new Map<number, Channel>();

  /** Channels that close gracefully and still have units queued (X6). */
  readonly closing = new Set<Channel>();

  /** Whether there is a welcomed socket. */
  attached = false;

  /** Why the session is over; `null` while it lives. */
  ended: string | null = null;

  /** Units written or received, channel 0 excluded; tells use from silence (L8). */
  unitsMoved = 0;

  // -- Sockets -----------------------------------------------------------------

  /**
   * Start on a welcomed socket (H3, A4).
   *
   * @param received - units that its other end has counted.
   * @throws ProtocolError if `received` is outside the log.
   */
  attach(received: number, nowMs: number): void {
    this.#release(this.log.rewind(received));
    this.attached = true;
    this.#attachedMs = nowMs;
    this.wantFlush();
  }

  /** Stop writing; the session stays (S1). */
  detach(): void {
    this.attached = false;
    this.#pong = null;
  }

  /** End the session: every channel gets its discontinuity (H9). Idempotent. */
  end(reason: string): void {
    if (this.ended !== null) {
      return;
    }
    this.ended = reason;
    this.attached = false;
    for (const channel of this.channels.values()) {
      channel.discontinue(reason);
    }
    // Whoever keeps one of them must not keep the others.
    this.channels.clear();
    this.#turns.clear();
  }

  /**
   * Take in one decoded frame of the current socket.
   *
   * @throws ProtocolError if the frame breaks a rule: close with 4400 and `end`
   * the session (B1).
   */
  receive(frame: Control | IUnit[], nowMs: number): void {
    if (Array.isArray(frame)) {
      this.#receiveUnits(frame, nowMs);
    } else if (frame.type === 'welcome' || frame.type === 'bye') {
      broken('F1');
    } else {
      this.#acknowledge(frame.received, nowMs);
      if (frame.type === 'ping') {
        this.#pong = frame.id;
        this.wantFlush();
      } else if (frame.type === 'pong') {
        this.#proofs?.pong(frame.id, nowMs);
      }
    }
    if (this.receipts.due(nowMs)) {
      this.wantFlush();
    }
  }

  /** Return the ping frame to write now; it acknowledges too (A2). */
  ping(id: number): string {
    return this.#tell('ping', id);
  }

  /**
   * Return the frames to write to the socket now, in order (F5, W1, W6).
   *
   * @returns text, or bytes that stand until the next call for any session.
   */
  flush(nowMs: number): (string | Uint8Array)[] {
    const frames: (string | Uint8Array)[] = [];
    if (this.attached) {
      const { log, receipts } = this;
      this.#flushWanted = true; // what is wanted from here on is served below
      this.#checkStalled(nowMs);
      log.expire(nowMs);
      const id = this.#pong;
      if (id !== null) {
        this.#pong = null;
        frames.push(this.#tell('pong', id));
      }
      this.#moveUnits(nowMs);
      const units = log.unwritten(nowMs);
      if (receipts.due(nowMs, costOf(units))) {
        frames.push(this.#tell('ack'));
      }
      frames.push(...encodeUnits(units, log.fast && FAST_FRAMES));
    }
    this.#flushWanted = false;
    return frames;
  }

  /** Whether a socket would be given something that none was given yet (L8). */
  get hasUnsent(): boolean {
    return this.#control.size + this.#credits.size + this.#turns.size > 0;
  }

  /** When `tick` must be called next; infinite: not at all. */
  get nextMs(): number {
    return this.attached
      ? Math.min(this.receipts.nextMs, this.#stallMs)
      : Infinity;
  }

  /** Do what has fallen due by time (A2, X6). */
  tick(nowMs: number): void {
    if (nowMs >= this.nextMs) {
      this.wantFlush();
    }
  }

  // -- Channels ----------------------------------------------------------------

  /**
   * Open a channel to a service (page only). Units wait for `accept` (Z5).
   *
   * @param service - its name, of 1 to 128 characters (Z4).
   * @throws SessionEndedError if the session is over; QueueFullError if too much waits on
   * channel 0; RecordTooLargeError if `parameters` take more than 16 KiB.
   */
  open(service: string, parameters: Record<string, unknown> = {}): Channel {
    if (this.ended !== null) {
      throw new SessionEndedError();
    }
    if (this.controlFull) {
      throw new QueueFullError();
    }
    const number = this.nextChannel;
    const request = this.writeRecord({
      type: 'open',
      channel: number,
      service,
      parameters
    });
    this.nextChannel++;
    const channel = new Channel(this, number, service);
    channel.request = request;
    this.channels.set(number, channel);
    return channel;
  }

  // -- For the server's end -----------------------------------------------------

  /** The records that may come on channel 0; the server's end has more. */
  readonly shapes: Readonly<Record<string, Shape>> = SHAPES;

  /** Whether too much waits on channel 0 (M). */
  get controlFull(): boolean {
    return this.#controlCost > CONTROL_QUEUE_LIMIT_BYTES;
  }

  /** Take in a record of channel 0, which came in a unit of that cost. */
  receiveRecord(record: ChannelRecord, nowMs: number, cost: number): void {
    const channel = this.channels.get(record.channel);
    if (!channel) {
      this.#checkGone(record.channel);
    } else if (record.type === 'credit') {
      channel.credited(record.taken, nowMs);
    } else if (record.type === 'close') {
      channel.closed(record.code, record.reason);
    } else if (record.type === 'accept') {
      channel.accepted(record.parameters);
    } else {
      channel.refused((record as IRefuse).code, (record as IRefuse).reason);
    }
  }

  // -- For channels ------------------------------------------------------------

  /**
   * Queue a record of channel 0, as it is now; return its unit.
   *
   * @throws RecordTooLargeError if it takes more than 16 KiB (Z1).
   */
  writeRecord(record: ChannelRecord): IUnit {
    const unit = controlUnit(record);
    this.#control.add(unit);
    this.#controlCost += unit.cost;
    this.hold(unit.cost);
    this.wantFlush();
    return unit;
  }

  /** Write a credit; `taken` is read when it leaves, so later ones merge (W5). */
  writeCredit(channel: Channel): void {
    this.#credits.add(channel);
    this.wantFlush();
  }

  /** Take back an `open` that has not left the queue; tell whether it had not (X5). */
  cancelOpen(request: IUnit): boolean {
    const waited = this.#control.delete(request);
    if (waited) {
      this.#controlCost -= request.cost;
      this.hold(-request.cost);
    }
    return waited;
  }

  /** Let the channel write when it has something that may move (W6). */
  takeTurn(channel: Channel): void {
    if (channel.nextUnit) {
      this.#turns.add(channel);
      this.wantFlush();
    }
  }

  /** Drop a channel that is gone from the wire (Z3). */
  forget(channel: Channel, peerClosed: boolean): void {
    this.channels.delete(channel.number);
    if (peerClosed) {
      this.#peerClosed.add(channel.number);
      if (this.#peerClosed.size > REMEMBERED_CHANNELS) {
        const [oldest] = this.#peerClosed;
        this.#peerClosed.delete(oldest);
      }
    }
  }

  /** Account for memory, which only the server limits (P2). */
  hold(delta: number): void {
    return;
  }

  /** Ask once for `flush`. */
  wantFlush(): void {
    if (!this.#flushWanted) {
      this.#flushWanted = true;
      this.listener.flushWanted();
    }
  }

  // -- Private: inbound --------------------------------------------------------

  #acknowledge(received: number, nowMs: number): void {
    const released = this.log.acknowledge(received, nowMs);
    if (released.length) {
      this.#release(released);
      this.#proofs?.ackAdvanced(this.log.cost, nowMs);
      if (this.hasUnsent) {
        this.wantFlush();
      }
    }
  }

  #release(units: IUnit[]): void {
    for (const unit of units) {
      if (unit.form !== MORE) {
        this.channels.get(unit.channel)?.acknowledgeRecord();
      }
    }
    this.hold(-costOf(units));
  }

  #receiveUnits(units: IUnit[], nowMs: number): void {
    const cost = costOf(units);
    this.receipts.count(countOf(units), cost, nowMs);
    this.#proofs?.unitsReceived(cost, nowMs);
    for (const unit of units) {
      if (this.ended !== null) {
        return;
      }
      if (!unit.channel) {
        const record = decodeRecord(unit.payload as string, this.shapes);
        this.receiveRecord(record, nowMs, unit.cost);
        continue;
      }
      this.unitsMoved++;
      const channel = this.channels.get(unit.channel);
      if (channel) {
        channel.unit(unit);
      } else {
        this.#checkGone(unit.channel);
      }
    }
  }

  #checkGone(number: number): void {
    if (number >= this.nextChannel || this.#peerClosed.has(number)) {
      broken('Z3');
    }
  }

  // -- Private: outbound -------------------------------------------------------

  /** Move what may be counted now. */
  #moveUnits(nowMs: number): void {
    const turns = this.#turns;
    while (this.attached && this.#moveControl() && turns.size) {
      const [channel] = turns;
      let left = UNIT_LIMIT_BYTES;
      for (let unit; (unit = channel.nextUnit);) {
        left -= unit.size;
        if (left < 0) {
          break;
        }
        if (!this.log.append(unit)) {
          return;
        }
        this.unitsMoved++;
        channel.moveUnit(nowMs);
      }
      turns.delete(channel);
      this.takeTurn(channel);
    }
  }

  /** Move what waits on channel 0; tell whether all of it went. */
  #moveControl(): boolean {
    // Credits first: none may follow the close of its channel (Z3).
    for (const channel of this.#credits) {
      const { number, taken } = channel;
      const credit = controlUnit({ type: 'credit', channel: number, taken });
      if (!this.log.append(credit)) {
        return false;
      }
      this.hold(credit.cost);
      this.#credits.delete(channel);
      channel.creditLeft();
    }
    for (const unit of this.#control) {
      if (!this.log.append(unit)) {
        return false;
      }
      this.#control.delete(unit);
      this.#controlCost -= unit.cost;
    }
    return true;
  }

  #checkStalled(nowMs: number): void {
    this.#stallMs = Infinity;
    for (const channel of [...this.closing]) {
      this.#stallMs = Math.min(
        this.#stallMs,
        channel.checkStalled(nowMs, this.#attachedMs)
      );
    }
  }

  /** Return a control frame that acknowledges (A2). */
  #tell(type: 'ack' | 'ping' | 'pong', id?: number): string {
    const received = this.receipts.tell();
    return encodeControl({ type, id, received } as Control);
  }

  readonly #proofs: IProofListener | undefined;
  // Numbers of the channels that the other end closed, the last ones (Z3).
  readonly #peerClosed = new Set<number>(); // oldest first
  // What waits on channel 0, and channels whose credit does.
  readonly #control = new Set<IUnit>();
  readonly #credits = new Set<Channel>();
  #controlCost = 0;
  // Channels that have something to write, the next one first (W6).
  readonly #turns = new Set<Channel>();
  // Id of the ping that waits for its pong.
  #pong: number | null = null;
  #flushWanted = false;
  #attachedMs = 0;
  #stallMs = Infinity;
}

function controlUnit(record: ChannelRecord): IUnit {
  return splitRecord(0, encodeRecord(record))[0];
}
