import { HEARTBEAT_FLOOR_MS, IDLE_SILENCE_MIN_MS } from './limits';

/** Learns the silence after which something on the way to a host cuts (L7). */
export class IdleProxyDetector {
  /** @param knownLimitMs - the limit found for this host before, if any. */
  constructor(knownLimitMs: number | null = null) {
    this.#limitMs = knownLimitMs;
  }

  /** The silence after which connections are cut, if one was found. */
  get silenceLimitMs(): number | null {
    return this.#limitMs;
  }

  /**
   * Note that a socket ended; a silence of under a second says nothing.
   *
   * @param silenceMs - how long neither end had written when it ended.
   */
  cut(silenceMs: number): void {
    if (silenceMs < IDLE_SILENCE_MIN_MS) {
      return;
    }
    const larger = Math.max(silenceMs, this.#lastMs);
    const smaller = Math.min(silenceMs, this.#lastMs);
    this.#lastMs = silenceMs;
    if (larger - smaller <= larger / 10) {
      this.#limitMs = Math.min(smaller, this.#limitMs ?? Infinity);
    }
  }

  /**
   * Return the heartbeat that keeps the connection: the one wanted, or two thirds
   * of the limit if less, but then never under 2 s.
   */
  heartbeatMs(wantedMs: number): number {
    return this.#limitMs === null
      ? wantedMs
      : Math.min(
          wantedMs,
          Math.max(HEARTBEAT_FLOOR_MS, (this.#limitMs * 2) / 3)
        );
  }

  /** Forget what was found. */
  forget(): void {
    this.#limitMs = null;
    this.#lastMs = 0;
  }

  #limitMs: number | null;
  #lastMs = 0;
}
