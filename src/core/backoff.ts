/** R2: the first retry on another host comes within this time. */
export const FIRST_SPREAD_MS = 300;
/** R2: the first retry after a restart comes within this time. */
export const RESTART_SPREAD_MS = 3_000;
/** R2: upper bound of the second retry's delay; a setting. */
export const BASE_MS = 1_000;
/** R2: the largest upper bound; a setting. */
export const CAP_MS = 8_000;
/** R2: time since the cut after which retries are slow. */
export const SLOW_AFTER_MS = 120_000;
/** R2: upper bound of the slow delay. */
export const SLOW_DELAY_MS = 30_000;

/**
 * Return the delay of the first retry after a cut (R2).
 *
 * @param local - whether the host is this machine.
 * @param spread - whether the close says that many pages were cut together (R1).
 * @param random - returns a number in [0, 1).
 */
export function firstDelayMs(
  local: boolean,
  spread: boolean,
  random: () => number
): number {
  if (spread) {
    return random() * RESTART_SPREAD_MS;
  }
  return local ? 0 : random() * FIRST_SPREAD_MS;
}

/** Delays of the retries that follow the first one (R2). */
export class BackOff {
  /**
   * @param baseMs - upper bound of the first of these delays; doubles each time.
   * @param capMs - what doubling never passes.
   *
   * #### Notes
   * Both may be changed later.
   */
  constructor(
    public baseMs = BASE_MS,
    public capMs = CAP_MS
  ) {}

  /**
   * Return the delay before a retry: between half its upper bound and the bound.
   *
   * @param retry - 1 for the retry after the first one, then 2, 3 and so on.
   * @param sinceCutMs - time since the connection was lost.
   * @param random - returns a number in [0, 1).
   */
  delayMs(retry: number, sinceCutMs: number, random: () => number): number {
    const boundMs =
      sinceCutMs < SLOW_AFTER_MS
        ? Math.min(this.baseMs * 2 ** (retry - 1), this.capMs)
        : Math.max(SLOW_DELAY_MS, this.capMs);
    return (boundMs * (1 + random())) / 2;
  }
}
