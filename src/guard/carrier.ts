import type { ConnectionCause, IConnectionStatus } from '../tokens';

/**
 * What carries a socket: the session, or a native socket inside it; `wait`: that
 * is not clear yet.
 */
export type Carrier = 'session' | 'native' | 'wait';

/**
 * The server half is not to be had, but the endpoints of other extensions may
 * be: no waiting mends that. Where they are as far away (login, a stopped
 * server, the network) waiting is better.
 */
export const GONE: ReadonlySet<ConnectionCause> = new Set<ConnectionCause>([
  'missing',
  'incompatible',
  'version',
  'too-many'
]);

/** Whether the server half is gone until a person brings it back. */
export function isGone({ cause, question }: IConnectionStatus): boolean {
  return question === 'permanent' && GONE.has(cause);
}

/**
 * Decide what carries new sockets.
 *
 * @param status - Where the connection stands; null: none is attached.
 * @param welcomed - Whether the session has ever been welcomed on this page.
 * @param gaveUp - Whether that took too long.
 */
export function carrierFor(
  status: IConnectionStatus | null,
  welcomed: boolean,
  gaveUp: boolean
): Carrier {
  if (status?.state === 'disposed' || status?.state === 'stopped') {
    return 'native';
  }
  if (welcomed) {
    return status && isGone(status) ? 'native' : 'session';
  }
  // The first attempt decides: whatever went wrong, it costs nobody time.
  return gaveUp || status?.cause ? 'native' : 'wait';
}
