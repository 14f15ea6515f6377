import {
  BULK_BYTES,
  LATE_TIMER_MS,
  PROOF_BYTES,
  PROOF_LIMIT_MS,
  SLOWEST_BYTES_PER_MS,
  UNIT_LIMIT_BYTES
} from './limits';
import { IdleProxyDetector } from './silence';
import type { IProofListener } from './session';
import { ConnectorOptions } from './status';

/** What to do after a check: nothing, write a ping, abandon the socket (L5). */
export type LivenessVerdict = 'alive' | 'ping' | 'dead';

/**
 * Judge of one page's sockets, one after the other (L1 to L4).
 *
 * #### Notes
 * The owner tells it what happens, calls `check` at `nextCheckMs` or later, and
 * does what that says. All times come from one monotonic clock.
 */
export class Liveness implements IProofListener {
  /**
   * @param options - the settings, which may change at any time; the defaults
   * unless given.
   * @param proxy - what is known of idle proxies on the way (L7).
   */
  constructor(
    options = new ConnectorOptions(),
    proxy = new IdleProxyDetector()
  ) {
    this.#options = options;
    this.#proxy = proxy;
  }

  /** Since when the page is hidden; infinite: it is shown. */
  hiddenMs = Infinity;

  /** When the way out was last proved; infinite before the first `start`. */
  lastProofMs = Infinity;

  /** Of the last ping that was answered; `null` before. */
  roundTripMs: number | null = null;

  /** Time without proof after which a ping is due now (L2, L7). */
  get heartbeatIntervalMs(): number {
    return this.#proxy.heartbeatMs(
      this.hiddenMs < Infinity
        ? this.#options.hiddenHeartbeatIntervalMs
        : this.#options.heartbeatIntervalMs
    );
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
    this.#inFlightCost = 0;
    this.#prove(nowMs);
  }

  /** Note that a ping is being written, and return its id; ids grow for ever. */
  ping(nowMs: number): number {
    this.#pingMs = nowMs;
    this.#arm(nowMs);
    return ++this.#lastId;
  }

  /** Note a pong; only the last ping's first one proves. */
  pong(id: number, nowMs: number): void {
    if (this.#pingMs !== null && id === this.#lastId) {
      this.roundTripMs = nowMs - this.#pingMs;
      this.#patienceMs =
        2 * Math.min(this.roundTripMs, this.#options.answerTimeoutMs);
      this.#pingMs = null;
      this.#prove(nowMs);
    }
  }

  /**
   * Note an acknowledgement of something new, whatever frame carried it.
   *
   * @param inFlightCost - cost of the units that lack theirs.
   */
  ackAdvanced(inFlightCost: number, nowMs: number): void {
    this.#inFlightCost = inFlightCost;
    this.#prove(nowMs);
  }

  /**
   * Note that something is being written.
   *
   * @param inFlightCost - cost of the units that lack their acknowledgement, with
   * those.
   */
  written(inFlightCost: number, nowMs: number): void {
    this.#inFlightCost = inFlightCost;
    if (inFlightCost) {
      this.#arm(nowMs);
    }
  }

  /** Note units that came in; a pong may stand behind them (L3). */
  unitsReceived(cost: number, nowMs: number): void {
    this.#fed += cost;
    if (cost >= BULK_BYTES || this.#fed >= PROOF_BYTES) {
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
      this.#patienceMs = 2 * this.#answerMs;
      return 'dead';
    }
    this.#reprieved = true;
    this.#armedMs = null;
    this.#arm(nowMs);
    return 'ping';
  }

  /** Note that the way out works; restart the deadline, or end it. */
  #prove(nowMs: number): void {
    this.lastProofMs = nowMs;
    this.#reprieved = false;
    this.#armedMs = null;
    if (this.#inFlightCost || this.pingOutstanding) {
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
      : this.lastProofMs + this.heartbeatIntervalMs;
  }

  /** How long an answer may take (L3). */
  get #answerMs(): number {
    return Math.max(this.#options.answerTimeoutMs, this.#patienceMs);
  }

  /** The deadline (L3); infinite if none is armed. */
  #deadlineMs(): number {
    if (this.#armedMs === null) {
      return Infinity;
    }
    const frameMs =
      Math.min(this.#inFlightCost, UNIT_LIMIT_BYTES) / SLOWEST_BYTES_PER_MS;
    return Math.min(
      this.#restartMs + this.#answerMs + frameMs,
      // A proof arms afresh: this is the later of both.
      this.#armedMs + PROOF_LIMIT_MS
    );
  }

  #options: ConnectorOptions;
  #proxy: IdleProxyDetector;
  #lastId = 0;
  // When the last ping was written, while it has no answer.
  #pingMs: number | null = null;
  #inFlightCost = 0;
  // When the deadline was armed or the way out proved since (null: over), and
  // when it was restarted.
  #armedMs: number | null = null;
  #restartMs = 0;
  // Cost of the units received that has not restarted the deadline yet.
  #fed = 0;
  #reprieved = false;
  // How long an answer may take on this line, by the last pong, and by verdicts
  // since.
  #patienceMs = 0;
}
