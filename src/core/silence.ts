import { HEARTBEAT_FLOOR_MS, IDLE_SILENCE_MIN_MS } from './limits';

/** Learns the silence after which something on the way to a host cuts (L7). */
export class IdleProxyDetector {
  /**
   * @param silenceLimitMs - the silence after which connections are cut, if one
   * was found for this host before; then what is found.
   */
  constructor(public silenceLimitMs: number | null = null) {}

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
      this.silenceLimitMs = Math.min(smaller, this.silenceLimitMs ?? Infinity);
    }
  }

  /**
   * Return the heartbeat that keeps the connection: the one wanted, or two thirds
   * of the limit if less, but then never under 2 s.
   */
  heartbeatMs(wantedMs: number): number {
    const limitMs = this.silenceLimitMs ?? Infinity;
    return Math.min(wantedMs, Math.max(HEARTBEAT_FLOOR_MS, (limitMs * 2) / 3));
  }

  /** Forget what was found. */
  forget(): void {
    this.silenceLimitMs = null;
    this.#lastMs = 0;
  }

  #lastMs = 0;
}
