import type { IConnectionStatus } from '../tokens';

/**
 * What carries a socket: the session, or a native socket inside it; `wait`: that
 * is not clear yet.
 */
export type CarrierChoice = 'session' | 'native' | 'wait';

/**
 * Decide what carries new sockets.
 *
 * @param status - Where the connection stands; null: none is attached.
 * @param welcomed - Whether the session has ever been welcomed on this page.
 * @param gaveUp - Whether that took too long.
 * @param lost - Whether the server half is believed lost since; see `ServerHalf`.
 */
export function chooseCarrier(
  status: IConnectionStatus | null,
  welcomed: boolean,
  gaveUp: boolean,
  lost: boolean
): CarrierChoice {
  if (status?.state === 'disposed' || status?.state === 'stopped') {
    return 'native';
  }
  if (welcomed) {
    return lost ? 'native' : 'session';
  }
  // The first attempt decides: whatever went wrong, it costs nobody time.
  return gaveUp || status?.cause ? 'native' : 'wait';
}
