import {
  ANSWER_TIMEOUT_MS,
  HEARTBEAT_INTERVAL_MS,
  HIDDEN_HEARTBEAT_INTERVAL_MS,
  LATE_TIMER_MS,
  PROOF_BYTES,
  PROOF_LIMIT_MS,
  SLOWEST_BYTES_PER_MS,
  UNIT_LIMIT_BYTES
} from './limits';

/** What to do after a check: nothing, write a ping, abandon the socket (L5). */
export type LivenessVerdict = 'alive' | 'ping' | 'dead';

/**
 * Judge of one page's sockets, one after the other (L1 to L4).
 *
 * #### Notes
 * The owner tells it what happens, calls `check` at `nextCheckMs` or later, and
 * does what that says. All times come from one monotonic clock.
 */
export class Liveness {
  /**
   * @param heartbeatIntervalMs - time without proof after which a ping is due (L2).
   * @param hiddenHeartbeatIntervalMs - the same while `hidden`.
   * @param answerTimeoutMs - the deadline (L3).
   *
   * #### Notes
   * All three may be changed at any time.
   */
  constructor(
    public heartbeatIntervalMs = HEARTBEAT_INTERVAL_MS,
    public hiddenHeartbeatIntervalMs = HIDDEN_HEARTBEAT_INTERVAL_MS,
    public answerTimeoutMs = ANSWER_TIMEOUT_MS
  ) {}

  /** Whether the page is hidden. */
  hidden = false;

  /** Cost of the units that lack their acknowledgement; kept by the owner. */
  inFlightCost = 0;

  /** When the way out was last proved; infinite before the first `start`. */
  get lastProofMs(): number {
    return this.#lastProofMs;
  }

  /** Of the last ping that was answered; `null` before. */
  get roundTripMs(): number | null {
    return this.#roundTripMs;
  }

  /** Whether the last ping has no answer yet. */
  get pingOutstanding(): boolean {
    return this.#pingMs !== null;
  }

  /** When to call `check`; infinite if nothing is to be expected. */
  get nextCheckMs(): number {
    return Math.min(this.#pingDueMs(), this.#deadlineMs());
  }

  /** Note a `welcome`: a proof, and a socket that owes nothing (L1). */
  start(nowMs: number): void {
    this.#pingMs = null;
    this.#unacknowledged = false;
    this.#prove(nowMs);
  }

  /** Note that a ping is being written, and return its id; ids grow for ever. */
  ping(nowMs: number): number {
    this.#pingMs = nowMs;
    this.#arm(nowMs);
    return ++this.#lastId;
  }

  /** Note a pong; only the last ping's first one proves, as is returned. */
  pong(id: number, nowMs: number): boolean {
    if (this.#pingMs === null || id !== this.#lastId) {
      return false;
    }
    this.#roundTripMs = nowMs - this.#pingMs;
    this.#pingMs = null;
    this.#prove(nowMs);
    return true;
  }

  /**
   * Note an acknowledgement of something new, whatever frame carried it.
   *
   * @param unacknowledged - whether units written to this socket lack theirs.
   */
  ackAdvanced(unacknowledged: boolean, nowMs: number): void {
    this.#unacknowledged = unacknowledged;
    this.#prove(nowMs);
  }

  /** Note that a unit is being written, new or again. */
  unitWritten(nowMs: number): void {
    this.#unacknowledged = true;
    this.#arm(nowMs);
  }

  /** Note units that came in; a pong may stand behind them (L3). */
  unitsReceived(cost: number, nowMs: number): void {
    this.#fed += cost;
    if (this.#fed >= PROOF_BYTES) {
      this.#fed %= PROOF_BYTES;
      // Without effect if no deadline is armed.
      this.#restartMs = nowMs;
    }
  }

  /** Judge. */
  check(nowMs: number): LivenessVerdict {
    const deadlineMs = this.#deadlineMs();
    if (nowMs < deadlineMs) {
      return nowMs < this.#pingDueMs() ? 'alive' : 'ping';
    }
    if (this.#reprieved || nowMs - deadlineMs <= LATE_TIMER_MS) {
      return 'dead';
    }
    this.#reprieved = true;
    this.#armedMs = null;
    this.#arm(nowMs);
    return 'ping';
  }

  /** Note that the way out works; restart the deadline, or end it. */
  #prove(nowMs: number): void {
    this.#lastProofMs = nowMs;
    this.#reprieved = false;
    this.#armedMs = null;
    if (this.#unacknowledged || this.pingOutstanding) {
      this.#arm(nowMs);
    }
  }

  /** Arm the deadline if it is not armed. */
  #arm(nowMs: number): void {
    if (this.#armedMs === null) {
      this.#armedMs = this.#restartMs = nowMs;
      this.#fed = 0;
    }
  }

  /** When a ping is due (L2); infinite while one is unanswered. */
  #pingDueMs(): number {
    return this.pingOutstanding
      ? Infinity
      : this.#lastProofMs +
          (this.hidden
            ? this.hiddenHeartbeatIntervalMs
            : this.heartbeatIntervalMs);
  }

  /** The deadline (L3); infinite if none is armed. */
  #deadlineMs(): number {
    if (this.#armedMs === null) {
      return Infinity;
    }
    const frameMs =
      Math.min(this.inFlightCost, UNIT_LIMIT_BYTES) / SLOWEST_BYTES_PER_MS;
    return Math.min(
      this.#restartMs + this.answerTimeoutMs + frameMs,
      // A proof arms afresh: this is the later of both.
      this.#armedMs + PROOF_LIMIT_MS
    );
  }

  #lastProofMs = Infinity;
  #roundTripMs: number | null = null;
  #lastId = 0;
  // When the last ping was written, while it has no answer.
  #pingMs: number | null = null;
  #unacknowledged = false;
  // When the deadline was armed or the way out proved since (null: over), and
  // when it was restarted.
  #armedMs: number | null = null;
  #restartMs = 0;
  // Cost of the units received that has not restarted the deadline yet.
  #fed = 0;
  #reprieved = false;
}
