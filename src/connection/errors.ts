import { AiWsError } from '../core/errors';
import type { IChannelEnd } from '../tokens';

export {
  AiWsError,
  ChannelClosedError,
  QueueFullError,
  RecordTooLargeError,
  SessionEndedError
} from '../core/errors';

/** The server refused a channel; `code` and `reason` are its own. */
export class ChannelRefusedError extends AiWsError {
  readonly name = 'ChannelRefusedError';

  constructor(
    readonly code: number,
    readonly reason: string
  ) {
    const why = reason ? `${code} ${reason}` : `${code}`;
    super(
      `The server refused the channel (${why}). Mend that, then open it again.`
    );
  }
}

/**
 * The server no longer holds the session, by a restart or because it expired.
 * Open the channel again; `end` counts what was sent and what became of it.
 */
export class DiscontinuityError extends AiWsError {
  readonly name = 'DiscontinuityError';

  constructor(readonly end: IChannelEnd) {
    super(`The session ended: ${end.reason}. Open the channel again.`);
  }
}
