import { BackOff, firstDelayMs } from './backoff';
import { type ICloseVerdict, type ProbeAnswer, decide } from './retry';
import type { ConnectorOptions, Question } from './status';

/** How often a permanent cause is looked at again (R4). */
export const LOOK_AGAIN_MS = 30_000;
/** Two probes must be so far apart to be believed (R5). */
export const BELIEVE_AFTER_MS = 2_000;
/** Sockets that fail although the probe answered, before they count as blocked (R10). */
export const BLOCKED_AFTER = 3;

/** What to do next. */
export interface IStep {
  /** Wait so long, then try. */
  readonly delayMs: number;
  /** Why there is no connection, as the user is told. */
  readonly cause: string;
  /** Whether a person is to be asked now. */
  readonly question: Question;
  /** Try no more. */
  readonly stop: boolean;
}

/** When a socket or a probe ended. */
export interface IMoment {
  /** Whether it was given up for want of an answer (S2). */
  readonly timedOut: boolean;
  /** Attempts spent so far. */
  readonly attempt: number;
  /** Time since the connection was lost. */
  readonly cutMs: number;
}

/**
 * Remembers what sockets and probes said and draws the conclusions (R2 to R6,
 * R10).
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

  /** Whether this page ever had a session. */
  welcomedBefore = false;

  /** Note that all is well. */
  welcomed(): void {
    this.welcomedBefore = true;
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
   * @param connected - whether it had been welcomed.
   */
  socketFailed(
    verdict: ICloseVerdict,
    connected: boolean,
    { timedOut, attempt, cutMs }: IMoment
  ): IStep {
    let cause: string = timedOut ? 'busy' : verdict.cause;
    let { ask } = verdict;
    if (!connected) {
      this.#refused += this.byProbe && !timedOut ? 1 : 0;
      this.byProbe = true;
      if (this.#refused >= BLOCKED_AFTER && !this.welcomedBefore) {
        cause = 'blocked';
        ask = true;
      }
    }
    const delayMs = timedOut
      ? 0 // R6: it was the wait
      : attempt
        ? this.#delayMs(attempt, cutMs)
        : firstDelayMs(this.#options.local, verdict.spread, this.#random);
    return step(delayMs, cause, ask);
  }

  /**
   * Say what to do after a probe.
   *
   * @param answer - what it found (R4).
   * @returns the next step; `null`: open a socket.
   */
  probed(
    answer: ProbeAnswer,
    { timedOut, attempt, cutMs }: IMoment,
    nowMs: number
  ): IStep | null {
    const { action, permanent, cause } = decide(answer, this.welcomedBefore);
    if (action === 'open') {
      this.#permanent = null;
      return null;
    }
    this.#refused = 0;
    if (!permanent) {
      this.#permanent = null;
      return step(timedOut ? 0 : this.#delayMs(attempt, cutMs), cause);
    }
    if (this.#permanent?.cause !== cause) {
      this.#permanent = { cause, sinceMs: nowMs };
    }
    const leftMs = this.#permanent.sinceMs + BELIEVE_AFTER_MS - nowMs;
    return leftMs > 0
      ? step(leftMs, cause)
      : step(LOOK_AGAIN_MS, cause, true, action === 'stop');
  }

  #delayMs(attempt: number, cutMs: number): number {
    const { baseDelayMs, delayCapMs } = this.#options;
    return new BackOff(baseDelayMs, Math.max(delayCapMs, baseDelayMs)).delayMs(
      Math.max(attempt, 1),
      cutMs,
      this.#random
    );
  }

  #options: ConnectorOptions;
  #random: () => number;
  // Sockets that failed right after a good probe.
  #refused = 0;
  // A permanent cause, and when the probe first said it (R5).
  #permanent: { cause: string; sinceMs: number } | null = null;
}

function step(
  delayMs: number,
  cause: string,
  ask = false,
  stop = false
): IStep {
  return { delayMs, cause, question: ask ? 'permanent' : 'none', stop };
}
