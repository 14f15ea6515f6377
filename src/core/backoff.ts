import {
  FIRST_SPREAD_MS,
  RESTART_SPREAD_MS,
  SLOW_AFTER_MS,
  SLOW_DELAY_MS
} from './limits';

/** The settings of the back-off (R2). */
export interface IBackOffOptions {
  /** Upper bound of the second retry's delay; doubles each time. */
  readonly baseDelayMs: number;
  /** What doubling never passes; a cap below the base counts as the base. */
  readonly delayCapMs: number;
}

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
  return spread
    ? random() * RESTART_SPREAD_MS
    : local
      ? 0
      : random() * FIRST_SPREAD_MS;
}

/**
 * Return the delay of a later retry: between half its upper bound and the bound
 * (R2).
 *
 * @param retry - 1 for the retry after the first one, then 2, 3 and so on.
 * @param sinceCutMs - time since the connection was lost.
 * @param options - the settings.
 * @param random - returns a number in [0, 1).
 */
export function laterDelayMs(
  retry: number,
  sinceCutMs: number,
  { baseDelayMs, delayCapMs }: IBackOffOptions,
  random: () => number
): number {
  const capMs = Math.max(delayCapMs, baseDelayMs);
  const boundMs =
    sinceCutMs < SLOW_AFTER_MS
      ? Math.min(baseDelayMs * 2 ** (retry - 1), capMs)
      : Math.max(SLOW_DELAY_MS, capMs);
  return (boundMs * (1 + random())) / 2;
}
