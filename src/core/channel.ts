import { ChannelClosedError, ProtocolError, QueueFullError } from './errors';
import { Reassembler } from './fragments';
import {
  CREDIT_BYTES,
  CREDIT_QUANTUM_BYTES,
  CloseCode,
  MAX_CODE,
  MIN_CODE,
  QUEUE_LIMIT_BYTES,
  REASON_LIMIT_BYTES
} from './limits';
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
   * @param parameters - what the page gave with `open`.
   */
  constructor(
    session: Session,
    readonly number: number,
    readonly service: string,
    readonly parameters: Record<string, unknown>
  ) {
    this._session = session;
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

  /** Cost of the records that wait to be taken. */
  inboxCost = 0;

  /** Records taken, in all (W5). */
  taken = 0;

  /** Records the other end is known to have taken, in all (W5). */
  peerTaken = 0;

  /** For the session: whether it is among those that take turns (W6). */
  inTurn = false;

  /** For the session: a credit waits to be written; later ones merge into it (W5). */
  creditWaits = false;

  // -- For the owner -----------------------------------------------------------

  /** Whether no record waits to be taken. */
  get empty(): boolean {
    return !this._inbox.length;
  }

  /** Whether `send` would take a record now. */
  get writable(): boolean {
    return !this.final && !this._close && this.queueCost < this.queueLimitBytes;
  }

  /** Where the channel stands for its owner. */
  get state(): 'opening' | 'open' | 'closing' | 'closed' {
    return this.final
      ? 'closed'
      : this._close
        ? 'closing'
        : this._opening
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
    if (this.final || this._close) {
      throw new ChannelClosedError();
    }
    if (this.queueCost >= this.queueLimitBytes) {
      this._full = true;
      throw new QueueFullError();
    }
    let cost = 0;
    for (const unit of splitRecord(this.number, record)) {
      cost += unit.cost;
      this._queue.push(unit);
    }
    this._recordsQueued++;
    this.queueCost += cost;
    // A queue that was full stays so for its waiters until it is half empty.
    this._full ||= this.queueCost >= this.queueLimitBytes;
    this._session.hold(cost);
    if (!this._opening) {
      this._session.takeTurn(this);
    }
  }

  /** Remove and return the next record, `null` when there is none now (W5). */
  take(): Message | null {
    const item = this._inbox.shift();
    if (!item) {
      return null;
    }
    this._drop(item.cost);
    return item.record;
  }

  /**
   * Open the channel that the page asked for (server only).
   *
   * @throws RecordTooLargeError if `parameters` take more than 16 KiB.
   */
  accept(parameters: Record<string, unknown> = {}): void {
    if (this._opening && !this._closed && !this.final) {
      const channel = this.number;
      this._session.writeRecord({ type: 'accept', channel, parameters });
      this._opening = false;
      this.answer = parameters;
      this._session.takeTurn(this);
    }
  }

  /** Refuse the channel that the page asked for (server only). */
  refuse(code: number, reason: string): void {
    if (this._opening && !this._closed && !this.final) {
      [code, reason] = checked(code, reason);
      const channel = this.number;
      this._session.writeRecord({ type: 'refuse', channel, code, reason });
      this._closed = true;
      this._dropQueue();
      this._session.forget(this, false);
      this._finish('refused', code, reason);
    }
  }

  /**
   * Close behind the last record in the queue (X2); before `accept` the same as
   * `abort`.
   *
   * @param code - 1000 to 4999, else RangeError.
   * @param reason - text for people; cut after 123 bytes.
   */
  close(code: number = CloseCode.NORMAL, reason = ''): void {
    if (this.final) {
      this._dropInbox(); // X4, also when the other end was first
    }
    if (this.final || this._close) {
      return;
    }
    if (this._opening || !this._queue.length) {
      this.abort(code, reason);
      return;
    }
    this._close = checked(code, reason);
    this._dropInbox();
    this._progressMs = -1;
    this._session.closing.add(this);
    this._session.wantFlush();
  }

  /** Discard the queue and close at once (X2); at the server before `accept`: `refuse`. */
  abort(code: number = CloseCode.NORMAL, reason = ''): void {
    if (this.final) {
      this._dropInbox();
    }
    if (this.final || this._closed) {
      return;
    }
    if (this._opening && this._session.role === 'server') {
      this.refuse(code, reason);
      return;
    }
    this._close ??= checked(code, reason);
    this._dropInbox();
    this._dropQueue();
    if (this.request && this._session.cancelOpen(this.request)) {
      this._session.forget(this, false);
      this._finish('closed', ...this._close);
    } else {
      this._writeClose(...this._close);
    }
  }

  // -- For the session ---------------------------------------------------------

  /** The unit that may move into the log now: accepted, queued, credit left (W4). */
  get nextUnit(): IUnit | undefined {
    return this._opening || (!this._midRecord && this._lacksCredit)
      ? undefined
      : this._queue.first;
  }

  /** Account for `nextUnit` having moved into the log. */
  moveUnit(nowMs: number): void {
    const { cost, form } = this._queue.shift() as IUnit;
    this.queueCost -= cost;
    this._untakenCost += cost;
    this._unfinishedCost += cost;
    this._progressMs = nowMs;
    this._midRecord = form === MORE;
    if (!this._midRecord) {
      this._untaken.push(this._unfinishedCost);
      this._unfinishedCost = 0;
      this._recordsWritten++;
    }
    if (!this._queue.length && this._close && !this._closed) {
      this._writeClose(...this._close);
    }
    if (this._full && this.queueCost * 2 <= this.queueLimitBytes) {
      this._full = false;
      this._tell('writable');
    }
  }

  /** Account for the last unit of a record having been acknowledged. */
  acknowledgeRecord(): void {
    this._recordsAcknowledged++;
  }

  /** Handle `accept` (page only). */
  accepted(answer: Record<string, unknown>): void {
    if (!this._opening) {
      throw this._error('Z3', 'second accept');
    }
    this._opening = false;
    if (!this._close) {
      this.answer = answer;
      this._session.takeTurn(this);
      this._tell('accepted');
    }
  }

  /** Handle `refuse` (page only). */
  refused(code: number, reason: string): void {
    if (!this._opening) {
      throw this._error('Z3', 'late refuse');
    }
    this._dropQueue();
    this._session.forget(this, true);
    if (this._close) {
      this._finish('closed', ...this._close);
    } else {
      this._finish('refused', code, reason);
    }
  }

  /** Handle `credit` (W5). */
  credited(taken: number, nowMs: number): void {
    if (taken < this.peerTaken || taken > this._recordsWritten) {
      throw this._error('W5', `credit ${taken}`);
    }
    for (; this.peerTaken < taken; this.peerTaken++) {
      this._untakenCost -= this._untaken.shift() as number;
    }
    this._progressMs = nowMs;
    this._session.takeTurn(this);
  }

  /** Handle `close`: answer at once unless it is the answer (X3). */
  closed(code: number, reason: string): void {
    if (this._opening && this._session.role === 'page' && !this._closed) {
      throw this._error('Z3', 'early close');
    }
    this._dropQueue();
    this._session.hold(-this._reassembler.cost);
    this._reassembler = new Reassembler();
    const own = this._close ?? ([code, reason] as const);
    if (!this._closed) {
      this._writeClose(...own);
    }
    this._session.forget(this, true);
    this._finish('closed', ...own);
  }

  /** Handle an inbound unit: reassemble, then hand over or drop (W4, X4). */
  unit(unit: IUnit): void {
    const reassembler = this._reassembler;
    if (this._opening) {
      throw this._error('Z5', 'early unit');
    }
    if (!reassembler.partial && this._outstanding >= CREDIT_BYTES) {
      throw this._error('W4', 'no credit');
    }
    const before = reassembler.cost;
    const record = reassembler.add(unit);
    this._outstanding += unit.cost;
    if (record === null) {
      this._session.hold(reassembler.cost - before);
      return;
    }
    const cost = before + unit.cost;
    this._session.hold(-before);
    if (this._close) {
      this._countTaken(cost);
      return;
    }
    this._inbox.push({ record, cost });
    this.inboxCost += cost;
    this._session.hold(cost);
    this._tell('readable');
  }

  /**
   * Abort a graceful close that waits for credit too long (X6).
   *
   * @returns when to look again.
   */
  checkStalled(nowMs: number, limitMs: number, attachedMs: number): number {
    if (this._progressMs < 0) {
      this._progressMs = nowMs;
    }
    if (!this._midRecord && this._lacksCredit) {
      const dueMs = Math.max(this._progressMs, attachedMs) + limitMs;
      if (nowMs < dueMs) {
        return dueMs;
      }
      this.abort();
    }
    return nowMs + limitMs;
  }

  /** Handle the end of the session (H9). */
  discontinue(reason: string): void {
    const written = this._recordsWritten;
    const acknowledged = this._recordsAcknowledged;
    this._queue = new Queue();
    this.queueCost = 0;
    this._reassembler = new Reassembler();
    this._finish(
      'discontinuity',
      CloseCode.ABNORMAL,
      reason,
      acknowledged,
      written - acknowledged,
      this._recordsQueued - written
    );
  }

  // -- Private -----------------------------------------------------------------

  private get _lacksCredit(): boolean {
    return this._untakenCost >= CREDIT_BYTES;
  }

  private _drop(cost: number): void {
    this.inboxCost -= cost;
    this._session.hold(-cost);
    this._countTaken(cost);
  }

  private _countTaken(cost: number): void {
    this.taken++;
    this._takenCost += cost;
    if (this._closed || this.final) {
      return;
    }
    if (!this.creditWaits) {
      if (this._takenCost < CREDIT_QUANTUM_BYTES) {
        return;
      }
      this.creditWaits = true;
      this._session.writeCredit(this);
    }
    this._outstanding -= this._takenCost;
    this._takenCost = 0;
  }

  private _writeClose(code: number, reason: string): void {
    const channel = this.number;
    this._closed = true;
    this._session.closing.delete(this);
    this._session.writeRecord({ type: 'close', channel, code, reason });
  }

  private _dropQueue(): void {
    this._session.hold(-this.queueCost);
    this._queue = new Queue();
    this.queueCost = 0;
    this._session.closing.delete(this);
  }

  private _dropInbox(): void {
    for (let item; (item = this._inbox.shift());) {
      this._drop(item.cost);
    }
  }

  private _finish(
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
    this._tell('readable');
  }

  private _tell(what: keyof IChannelListener): void {
    this._session.call(() => this.listener[what]?.(this));
  }

  private _error(rule: string, detail: string): ProtocolError {
    return new ProtocolError(rule, `${detail}, channel ${this.number}`);
  }

  private _session: Session;
  // Outbound.
  private _queue = new Queue<IUnit>();
  private _full = false;
  private _midRecord = false;
  // Cost of the units already counted of the record being written.
  private _unfinishedCost = 0;
  // Costs of the records written and not known to be taken.
  private _untaken = new Queue<number>();
  private _untakenCost = 0;
  private _recordsQueued = 0;
  private _recordsWritten = 0;
  private _recordsAcknowledged = 0;
  // Inbound.
  private _reassembler = new Reassembler();
  private _inbox = new Queue<{ record: Message; cost: number }>();
  // Cost of the records taken since the last credit.
  private _takenCost = 0;
  // Cost received and not covered by a credit.
  private _outstanding = 0;
  // Closing.
  private _opening = true;
  // What the owner asked for.
  private _close: readonly [number, string] | null = null;
  // Our close or refuse is in channel 0's queue.
  private _closed = false;
  // When a unit moved or credit came; negative: to be set when next looked at.
  private _progressMs = 0;
}

function checked(code: number, reason: string): readonly [number, string] {
  if (!Number.isInteger(code) || code < MIN_CODE || code > MAX_CODE) {
    throw new RangeError(`close code ${code}`);
  }
  return [code, fitText(reason, REASON_LIMIT_BYTES)];
}
