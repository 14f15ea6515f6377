import type { TranslationBundle } from '@jupyterlab/translation';

import type { IConnectionDiagnostics } from '../tokens';

/**
 * Defaults after which well-known proxies close a silent connection, in seconds,
 * by their documentation.
 */
const KNOWN_DEFAULTS: ReadonlyArray<readonly [seconds: number, name: string]> =
  [
    [30, 'Google Cloud load balancer, backend service timeout'],
    [55, 'Heroku router'],
    [60, 'nginx proxy_read_timeout, AWS load balancer idle timeout'],
    [100, 'Cloudflare']
  ];

/** How far from a default a measured silence may be. */
const TOLERANCE = 0.05;

/**
 * Name the default of a proxy that fits; empty: none does.
 *
 * @param silenceMs - After which silence connections are cut.
 */
export function knownDefault(silenceMs: number): string {
  const fits = ([seconds]: readonly [number, string]) =>
    Math.abs(silenceMs / 1000 - seconds) <= seconds * TOLERANCE;
  return KNOWN_DEFAULTS.find(fits)?.[1] ?? '';
}

/**
 * Say what was learned of an idle proxy on the way; empty: nothing.
 *
 * @param known - What is known of the connection.
 * @param trans - The language.
 */
export function proxyHint(
  known: Pick<IConnectionDiagnostics, 'silenceLimitMs' | 'heartbeatIntervalMs'>,
  trans: TranslationBundle
): string {
  const { silenceLimitMs, heartbeatIntervalMs } = known;
  if (silenceLimitMs === null) {
    return '';
  }
  const seconds = (ms: number) => (ms / 1000).toFixed(1);
  const hint = trans.__(
    'Something on the way closes this connection after %1 s of silence. The heartbeat is %2 s.',
    seconds(silenceLimitMs),
    seconds(heartbeatIntervalMs)
  );
  const name = knownDefault(silenceLimitMs);
  return name ? trans.__('%1 That is a default of: %2.', hint, name) : hint;
}
