import type {
  IAIConnection,
  IConnectionEvent,
  IConnectionStatus
} from '../tokens';

/** So often in a row a socket fails though the server answers. */
const TIMES = 5;

/** And for so long. */
const SPAN_MS = 30_000;

/**
 * Where the connection stands, as people are told.
 *
 * @param connection - The connection.
 *
 * #### Notes
 * A page that was connected before takes every failure of a socket for one of the
 * network, so that it never gives up. To people it is said when it looks as if
 * something on the way lets no WebSocket through any more; the tries go on.
 */
export function toldStatus(
  connection: Pick<IAIConnection, 'status' | 'diagnostics'>
): IConnectionStatus {
  const { status } = connection;
  return status.state === 'reconnecting' &&
    status.cause === 'network' &&
    seemsBlocked(connection.diagnostics().events)
    ? { ...status, cause: 'blocked' }
    : status;
}

/**
 * Whether sockets fail without a word again and again although each look finds the
 * server.
 *
 * @param events - What happened to the connection, oldest first.
 */
export function seemsBlocked(events: ReadonlyArray<IConnectionEvent>): boolean {
  let times = 0;
  let lastMs: number | null = null;
  let failed = false;
  for (const { time, kind, detail } of [...events].reverse()) {
    if (kind === 'socket closed') {
      if (detail !== 'code 1006') {
        return false;
      }
      failed = true;
      lastMs ??= time;
    } else if (kind === 'probe') {
      if (detail !== 'ok') {
        return false;
      }
      times += failed ? 1 : 0;
      failed = false;
      if (lastMs !== null && times >= TIMES && lastMs - time >= SPAN_MS) {
        return true;
      }
    } else if (kind === 'connected') {
      return false;
    }
  }
  return false;
}
