import type { IChannelEnd } from '../tokens';

export {
  ChannelClosedError,
  QueueFullError,
  RecordTooLargeError,
  SessionEndedError
} from '../core/errors';

/** The server refused a channel; `code` and `reason` are its own. */
export class ChannelRefusedError extends Error {
  constructor(code: number, reason: string) {
    super(`The server refused the channel (${code} ${reason}).`);
    this.name = 'ChannelRefusedError';
    this.code = code;
    this.reason = reason;
  }

  readonly code: number;
  readonly reason: string;
}

/**
 * The server no longer holds the session, by a restart or because it expired.
 * Open the channel again; `end` counts what was sent and what became of it.
 */
export class DiscontinuityError extends Error {
  constructor(end: IChannelEnd) {
    super(`The session ended: ${end.reason}. Open the channel again.`);
    this.name = 'DiscontinuityError';
    this.end = end;
  }

  readonly end: IChannelEnd;
}
