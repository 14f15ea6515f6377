import { ChannelClosedError, QueueFullError, broken } from './errors';
import { Reassembler } from './fragments';
import {
  CLOSE_STALL_MS,
  CREDIT_BYTES,
  CREDIT_QUANTUM_BYTES,
  CloseCode,
  MAX_CODE,
  MIN_CODE,
  QUEUE_LIMIT_BYTES,
  REASON_LIMIT_BYTES
} from './limits';
import { isCount } from './members';
import { Queue } from './queue';
import type { Session } from './session';
import { fitText } from './text';
import { type IUnit, MORE, splitRecord } from './units';

/** What a channel carries: one text or one binary message. */
export type Message = string | Uint8Array;

/** The last thing an owner hears of a channel (X1). */
export interface IFinal {
  /** How the channel ended. */
  readonly kind: 'closed' | 'refused' | 'discontinuity';
  /** Close or refuse code; 1006 for a discontinuity. */
  readonly code: number;
  /** Text for people, at most 123 UTF-8 bytes. */
  readonly reason: string;
  /** Discontinuity: records sent that reached the other end's memory (H9). */
  readonly acknowledged: number;
  /** Discontinuity: records written whole but never acknowledged. */
  readonly perhapsDelivered: number;
  /** Discontinuity: records of which the other end cannot have the whole. */
  readonly neverWritten: number;
}

/** What a channel tells its owner; each part may be left out. */
export interface IChannelListener {
  /** Handle that the server has opened the channel; see `Channel.answer`. */
  accepted?(channel: Channel): void;

  /** Handle that there is a record to `take`, or that `final` is set (X1). */
  readable?(channel: Channel): void;

  /** Handle that a queue that was full has emptied to half. */
  writable?(channel: Channel): void;
}

/** One two-way stream of records inside a session (W, X). */
export class Channel {
  /**
   * Begin as asked for by the page and not yet accepted.
   *
   * @param session - the session it belongs to.
   * @param number - its number on the wire.
   * @param service - name of the service it is opened to.
   */
  constructor(
    session: Session,
    readonly number: number,
    readonly service: string
  ) {
    this.#session = session;
  }

  /** Its owner. */
  listener: IChannelListener = {};

  /** What the server gave with `accept`; `null` before that. */
  answer: Record<string, unknown> | null = null;

  /** How it ended; `null` while it lives. Records may still wait to be taken. */
  final: IFinal | null = null;

  /** The page's `open` on channel 0. */
  request: IUnit | null = null;

  /** Cost from which on `send` refuses (W3). */
  queueLimitBytes = QUEUE_LIMIT_BYTES;

  /** Cost of the units queued and not yet counted (W1). */
  queueCost = 0;

  /** Records taken, in all (W5). */
  taken = 0;

  /** Records the other end is known to have taken, in all (W5). */
  peerTaken = 0;

  // -- For the owner -----------------------------------------------------------

  /** Whether no record waits to be taken. */
  get empty(): boolean {
    return !this.#inbox.length;
  }

  /** Whether `send` would take a record now. */
  get writable(): boolean {
    return !this.final && !this.#close && this.queueCost < this.queueLimitBytes;
  }

  /** Where the channel stands for its owner. */
  get state(): 'opening' | 'open' | 'closing' | 'closed' {
    return this.final
      ? 'closed'
      : this.#close
        ? 'closing'
        : this.#opening
          ? 'opening'
          : 'open';
  }

  /**
   * Put a whole record into the queue (W3).
   *
   * @throws ChannelClosedError if the channel is closing or has ended;
   * QueueFullError if the queue is full (wait for `writable`); RecordTooLargeError
   * over 16 MiB. The record is then not taken.
   */
  send(record: Message): void {
    if (this.final || this.#close) {
      throw new ChannelClosedError();
    }
    if (this.queueCost >= this.queueLimitBytes) {
      this.#full = true;
      throw new QueueFullError();
    }
    let cost = 0;
    for (const unit of splitRecord(this.number, record)) {
      cost += unit.cost;
      this.#queue.push(unit);
    }
    this.#recordsQueued++;
    this.queueCost += cost;
    // A queue that was full stays so for its waiters until it is half empty.
    this.#full ||= this.queueCost >= this.queueLimitBytes;
    this.#session.hold(cost);
    if (!this.#opening) {
      this.#session.takeTurn(this);
    }
  }

  /** Remove and return the next record, `null` when there is none now (W5). */
  take(): Message | null {
    const item = this.#inbox.shift();
    if (!item) {
      return null;
    }
    this.#session.hold(-item.cost);
    this.#countTaken(item.cost);
    return item.record;
  }

  /**
   * Close behind the last record in the queue (X2); before `accept` the same as
   * `abort`.
   *
   * @param code - 1000 to 4999, else RangeError.
   * @param reason - text for people; cut after 123 bytes.
   */
  close(code: number = CloseCode.NORMAL, reason = ''): void {
    if (this.#opening || !this.#queue.length) {
      this.abort(code, reason);
    } else if (!this.#close) {
      this.#close = checked(code, reason);
      this.#dropInbox();
      this.#progressMs = -1;
      this.#session.closing.add(this);
      this.#session.wantFlush();
    }
  }

  /** Discard the queue and close at once (X2). */
  abort(code: number = CloseCode.NORMAL, reason = ''): void {
    const asked = checked(code, reason);
    this.#dropInbox(); // X4, also when the other end was first
    if (this.final || this.#closed) {
      return;
    }
    this.#close ??= asked;
    this.#dropQueue();
    if (this.request && this.#session.cancelOpen(this.request)) {
      this.#session.forget(this, false);
      this.#finish('closed', ...this.#close);
    } else {
      this.#writeClose(...this.#close);
    }
  }

  // -- For the session ---------------------------------------------------------

  /** The unit that may move into the log now: accepted, queued, credit left (W4). */
  get nextUnit(): IUnit | undefined {
    return this.#opening || this.#lacksCredit ? undefined : this.#queue.first;
  }

  /** Account for `nextUnit` having moved into the log. */
  moveUnit(nowMs: number): void {
    const { cost, form } = this.#queue.shift() as IUnit;
    this.queueCost -= cost;
    this.#untakenCost += cost;
    this.#unfinishedCost += cost;
    this.#progressMs = nowMs;
    if (form !== MORE) {
      this.#untaken.push(this.#unfinishedCost);
      this.#unfinishedCost = 0;
      this.#recordsWritten++;
    }
    if (!this.#queue.length && this.#close && !this.#closed) {
      this.#writeClose(...this.#close);
    }
    if (this.#full && this.queueCost * 2 <= this.queueLimitBytes) {
      this.#full = false;
      this.#tell('writable');
    }
  }

  /** Account for the last unit of a record having been acknowledged. */
  acknowledgeRecord(): void {
    this.#recordsAcknowledged++;
  }

  /** Handle `accept`. */
  accepted(answer: Record<string, unknown>): void {
    if (!this.#opening) {
      broken('Z3');
    }
    this.#opening = false;
    if (!this.#close) {
      this.answer = answer;
      this.#session.takeTurn(this);
      this.#tell('accepted');
    }
  }

  /** Handle `refuse`, received or sent. */
  refused(code: number, reason: string, received = true): void {
    if (!this.#opening) {
      broken('Z3');
    }
    this.#dropQueue();
    this.#session.forget(this, received);
    if (this.#close) {
      this.#finish('closed', ...this.#close);
    } else {
      this.#finish('refused', code, reason);
    }
  }

  /** Handle `credit` (W5). */
  credited(taken: number, nowMs: number): void {
    if (taken < this.peerTaken || taken > this.#recordsWritten) {
      broken('W5');
    }
    for (; this.peerTaken < taken; this.peerTaken++) {
      this.#untakenCost -= this.#untaken.shift() as number;
    }
    this.#progressMs = nowMs;
    this.#session.takeTurn(this);
  }

  /** Handle `close`: answer at once unless it is the answer (X3). */
  closed(code: number, reason: string): void {
    if (this.state === 'opening') {
      broken('Z3');
    }
    this.#dropAll();
    const own = this.#close ?? ([code, reason] as const);
    if (!this.#closed) {
      this.#writeClose(...own);
    }
    this.#session.forget(this, true);
    this.#finish('closed', ...own);
  }

  /** Account for a credit that leaves now, and covers all that was taken. */
  creditLeft(): void {
    this.#outstanding -= this.#takenCost;
    this.#takenCost = 0;
  }

  /** Handle an inbound unit: reassemble, then hand over or drop (W4, X4). */
  unit(unit: IUnit): void {
    const reassembler = this.#reassembler;
    if (this.#opening) {
      broken('Z5');
    }
    if (!reassembler.cost && this.#outstanding >= CREDIT_BYTES) {
      broken('W4');
    }
    const before = reassembler.cost;
    const record = reassembler.add(unit);
    this.#outstanding += unit.cost;
    const cost = before + unit.cost;
    if (record !== null && this.#close) {
      this.#session.hold(-before);
      this.#countTaken(cost);
      return;
    }
    this.#session.hold(unit.cost);
    if (record !== null) {
      this.#inbox.push({ record, cost });
      this.#tell('readable');
    }
  }

  /**
   * Abort a graceful close that waits for credit too long (X6).
   *
   * @returns when to look again.
   */
  checkStalled(nowMs: number, attachedMs: number): number {
    if (this.#progressMs < 0) {
      this.#progressMs = nowMs;
    }
    if (this.#lacksCredit) {
      const dueMs = Math.max(this.#progressMs, attachedMs) + CLOSE_STALL_MS;
      if (nowMs < dueMs) {
        return dueMs;
      }
      this.#close = [CloseCode.ABNORMAL, 'not taken'];
      this.abort();
    }
    return nowMs + CLOSE_STALL_MS;
  }

  /** Handle the end of the session (H9). */
  discontinue(reason: string): void {
    const written = this.#recordsWritten;
    const acknowledged = this.#recordsAcknowledged;
    this.#dropAll();
    this.#finish(
      'discontinuity',
      CloseCode.ABNORMAL,
      reason,
      acknowledged,
      written - acknowledged,
      this.#recordsQueued - written
    );
  }

  // -- Private -----------------------------------------------------------------

  /** Whether the next record may not start; one that has started goes whole (W4). */
  get #lacksCredit(): boolean {
    return !this.#unfinishedCost && this.#untakenCost >= CREDIT_BYTES;
  }

  #countTaken(cost: number): void {
    this.taken++;
    this.#takenCost += cost;
    if (
      this.#takenCost >= CREDIT_QUANTUM_BYTES &&
      !this.#closed &&
      !this.final
    ) {
      this.#session.writeCredit(this);
    }
  }

  #writeClose(code: number, reason: string): void {
    const channel = this.number;
    this.#closed = true;
    this.#session.closing.delete(this);
    this.#session.writeRecord({ type: 'close', channel, code, reason });
  }

  #dropQueue(): void {
    this.#session.hold(-this.queueCost);
    this.#queue = new Queue();
    this.queueCost = 0;
    this.#session.closing.delete(this);
  }

  /** Drop what is queued and what is half received. */
  #dropAll(): void {
    this.#dropQueue();
    this.#session.hold(-this.#reassembler.cost);
    this.#reassembler = new Reassembler();
  }

  #dropInbox(): void {
    while (!this.empty) {
      this.take();
    }
  }

  #finish(
    kind: IFinal['kind'],
    code: number,
    reason: string,
    acknowledged = 0,
    perhapsDelivered = 0,
    neverWritten = 0
  ): void {
    this.final = {
      kind,
      code,
      reason,
      acknowledged,
      perhapsDelivered,
      neverWritten
    };
    this.#tell('readable');
  }

  /** Tell the owner; what it throws is reported and stops nothing (C6). */
  #tell(what: keyof IChannelListener): void {
    try {
      this.listener[what]?.(this);
    } catch (error) {
      this.#session.listener.handlerFailed(error);
    }
  }

  #session: Session;
  // Outbound.
  #queue = new Queue<IUnit>();
  #full = false;
  // Cost of the units already counted of the record being written.
  #unfinishedCost = 0;
  // Costs of the records written and not known to be taken.
  #untaken = new Queue<number>();
  #untakenCost = 0;
  #recordsQueued = 0;
  #recordsWritten = 0;
  #recordsAcknowledged = 0;
  // Inbound.
  #reassembler = new Reassembler();
  #inbox = new Queue<{ record: Message; cost: number }>();
  // Cost of the records taken since the last credit.
  #takenCost = 0;
  // Cost received and not covered by a credit.
  #outstanding = 0;
  // Closing.
  #opening = true;
  // What the owner asked for.
  #close: readonly [number, string] | null = null;
  // Our close or refuse is in channel 0's queue.
  #closed = false;
  // When a unit moved or credit came; negative: to be set when next looked at.
  #progressMs = 0;
}

/**
 * Check a close code, and cut a reason to its limit (Z4).
 *
 * @throws RangeError for a code that is not 1000 to 4999.
 */
export function checked(
  code: number,
  reason: string
): readonly [number, string] {
  if (!isCount(code) || code < MIN_CODE || code > MAX_CODE) {
    throw new RangeError(`close code ${code}`);
  }
  return [code, fitText(reason, REASON_LIMIT_BYTES)];
}
