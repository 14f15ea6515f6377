import { firstDelayMs, laterDelayMs } from './backoff';
import {
  ASK_AFTER_MS,
  BELIEVE_AFTER_MS,
  BLOCKED_AFTER,
  LOOK_AGAIN_MS
} from './limits';
import { type ICloseVerdict, type ProbeAnswer, decide } from './retry';
import type { ConnectorOptions, IStatus } from './status';

/**
 * Remembers what sockets and probes said and draws the conclusions: wait for the
 * next try, ask, or stop (R2 to R6, R9, R10).
 *
 * #### Notes
 * Its methods take the status as it was when something failed, and return what
 * changes in it.
 */
export class Outage {
  /**
   * @param options - the settings, which may change at any time.
   * @param random - returns a number in [0, 1).
   */
  constructor(options: ConnectorOptions, random: () => number) {
    this.#options = options;
    this.#random = random;
  }

  /** Whether the next try is a probe: once a socket has failed (R3). */
  byProbe = false;

  /** Note that all is well. */
  welcomed(): void {
    this.#welcomedBefore = true;
    this.startOver();
  }

  /** Forget what was found, as when a person asks for a new try. */
  startOver(): void {
    this.byProbe = false;
    this.#refused = 0;
    this.#permanent = null;
  }

  /**
   * Say what to do after a socket has ended.
   *
   * @param verdict - what its close code means (R1).
   * @param timedOut - whether it was given up for want of a welcome (S2).
   */
  socketFailed(
    status: IStatus,
    verdict: ICloseVerdict,
    timedOut: boolean,
    nowMs: number
  ): Partial<IStatus> {
    let cause: string = timedOut ? 'busy' : verdict.cause;
    let { ask } = verdict;
    if (status.state !== 'connected') {
      // A code of the server's own has come over a WebSocket.
      this.#refused =
        this.byProbe && cause === 'network' ? this.#refused + 1 : 0;
      this.byProbe = true;
      if (this.#refused >= BLOCKED_AFTER && !this.#welcomedBefore) {
        cause = 'blocked';
        ask = true;
      }
    }
    const delayMs = timedOut
      ? 0 // R6: it was the wait
      : status.attempt
        ? this.#laterDelayMs(status, nowMs)
        : firstDelayMs(this.#options.local, verdict.spread, this.#random);
    return this.#next(status, nowMs, delayMs, cause, ask);
  }

  /**
   * Say what to do after a probe.
   *
   * @param answer - what it found (R4).
   * @param timedOut - whether it was given up for want of an answer (S2).
   * @returns what changes; `null`: open a socket.
   */
  probed(
    status: IStatus,
    answer: ProbeAnswer,
    timedOut: boolean,
    nowMs: number
  ): Partial<IStatus> | null {
    const action = decide(answer, this.#welcomedBefore);
    if (action === 'open' || action === 'retry') {
      this.#permanent = null;
    } else if (this.#permanent?.answer !== answer) {
      this.#permanent = { answer, sinceMs: nowMs };
    }
    if (action === 'open') {
      return null;
    }
    this.#refused = 0;
    if (!this.#permanent) {
      const delayMs = timedOut ? 0 : this.#laterDelayMs(status, nowMs);
      return this.#next(status, nowMs, delayMs, answer);
    }
    const leftMs = this.#permanent.sinceMs + BELIEVE_AFTER_MS - nowMs;
    return leftMs > 0
      ? this.#next(status, nowMs, leftMs, answer)
      : this.#next(
          status,
          nowMs,
          LOOK_AGAIN_MS,
          answer,
          true,
          action === 'stop'
        );
  }

  /** When the user is to be asked, attempts being used up (R9); infinite: never. */
  askMs({ attempt, cutMs, question }: IStatus): number {
    const { maxAttempts } = this.#options;
    return cutMs !== null &&
      question === 'none' &&
      maxAttempts &&
      attempt >= maxAttempts
      ? cutMs + ASK_AFTER_MS
      : Infinity;
  }

  #laterDelayMs({ attempt, cutMs }: IStatus, nowMs: number): number {
    return laterDelayMs(
      Math.max(attempt, 1),
      nowMs - (cutMs ?? nowMs),
      this.#options,
      this.#random
    );
  }

  /** Wait and try again, or stop: told to, or nothing goes on behind a question. */
  #next(
    status: IStatus,
    nowMs: number,
    delayMs: number,
    cause: string,
    ask = false,
    stop = false
  ): Partial<IStatus> {
    const question = ask ? 'permanent' : status.question;
    stop ||= question !== 'none' && !this.#options.retryWhileAsking;
    return {
      state: stop ? 'stopped' : 'waiting',
      cause,
      question,
      nextTryMs: stop ? null : nowMs + delayMs,
      cutMs: status.cutMs ?? nowMs
    };
  }

  #options: ConnectorOptions;
  #random: () => number;
  // Whether this page ever had a session.
  #welcomedBefore = false;
  // Sockets that failed right after a good probe.
  #refused = 0;
  // A permanent answer, and when the probe first said it (R5).
  #permanent: { answer: ProbeAnswer; sinceMs: number } | null = null;
}
