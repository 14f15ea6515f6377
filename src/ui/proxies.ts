import type { TranslationBundle } from '@jupyterlab/translation';

import type { IConnectionDiagnostics } from '../tokens';

/**
 * Defaults after which well-known proxies close a silent connection, and whose
 * they are; `tests/vectors/proxies.json` names the sources.
 */
export const KNOWN_DEFAULTS: ReadonlyArray<
  readonly [seconds: number, owner: string]
> = [
  [30, 'Google Cloud load balancers (backend service timeout)'],
  [50, 'HAProxy as Debian sets it up (timeout client, timeout server)'],
  [55, 'the Heroku router'],
  [
    60,
    'nginx (proxy_read_timeout), Apache (ProxyTimeout), AWS load balancers (idle_timeout.timeout_seconds)'
  ],
  [100, 'Cloudflare (Proxy Read Timeout)']
];

/** How far from a default a measured silence may be. */
const TOLERANCE = 0.05;

/**
 * Name whose default fits best; empty: none does.
 *
 * @param silenceMs - After which silence connections are cut.
 */
export function knownDefault(silenceMs: number): string {
  const distanceMs = (seconds: number) => Math.abs(silenceMs - seconds * 1000);
  const [nearestS, owner] = KNOWN_DEFAULTS.reduce((one, other) =>
    distanceMs(other[0]) < distanceMs(one[0]) ? other : one
  );
  return distanceMs(nearestS) <= nearestS * 1000 * TOLERANCE ? owner : '';
}

/** How much longer than what was learned a silence is that proves it wrong. */
const LONGER = 1.1;

/**
 * Whether a longer silence was survived than that after which something on the way
 * was said to cut: two cuts of another kind came after like silences.
 *
 * @param known - What is known of the connection.
 *
 * #### Notes
 * Between two heartbeats nothing was written where no channel was used, and only
 * where the heartbeat is longer than the silence they can prove it.
 */
export function isDisproved(known: IProxyKnowledge): boolean {
  const { channels, heartbeatIntervalMs, roundTrips, silenceLimitMs } = known;
  if (silenceLimitMs === null || heartbeatIntervalMs <= silenceLimitMs) {
    return false;
  }
  const idleMs = Math.min(...channels.map(channel => channel.idleMs));
  const usedMs = Date.now() - idleMs;
  return roundTrips.some(({ time, ms }, index) => {
    const before = roundTrips[index - 1];
    return (
      ms !== null &&
      typeof before?.ms === 'number' &&
      before.time >= usedMs &&
      time - ms - before.time > silenceLimitMs * LONGER
    );
  });
}

/** What the hint depends on. */
export type IProxyKnowledge = Pick<
  IConnectionDiagnostics,
  'channels' | 'heartbeatIntervalMs' | 'roundTrips' | 'silenceLimitMs'
>;

/**
 * Say what was learned of an idle proxy on the way; empty: nothing.
 *
 * @param known - What is known of the connection.
 * @param trans - The language.
 */
export function proxyHint(
  known: IProxyKnowledge,
  trans: TranslationBundle
): string {
  const { silenceLimitMs, heartbeatIntervalMs } = known;
  if (silenceLimitMs === null || isDisproved(known)) {
    return '';
  }
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const hint = trans.__(
    'Something on the way seems to close this connection after %1 s of silence. The heartbeat is %2 s.',
    seconds(silenceLimitMs),
    seconds(heartbeatIntervalMs)
  );
  const name = knownDefault(silenceLimitMs);
  return name ? trans.__('%1 That is a default of: %2.', hint, name) : hint;
}
