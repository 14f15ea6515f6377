/** Base of every error of this package. */
export abstract class AiWsError extends Error {
  abstract readonly name: string;
}

/** The other end broke a rule; the session cannot go on (B1). */
export class ProtocolError extends AiWsError {
  readonly name = 'ProtocolError';

  /**
   * @param rule - number of the rule in docs/protocol.md, like "F3".
   * @param detail - what was wrong, where the rule does not say it.
   */
  constructor(
    readonly rule: string,
    detail = 'broken'
  ) {
    super(`${rule}: ${detail}`);
  }
}

/**
 * Say that the other end broke a rule.
 *
 * @throws ProtocolError always; see its constructor.
 */
export function broken(rule: string, detail?: string): never {
  throw new ProtocolError(rule, detail);
}

/** A record is over its limit and was not sent (M). */
export class RecordTooLargeError extends AiWsError {
  readonly name = 'RecordTooLargeError';

  constructor(
    readonly sizeBytes: number,
    readonly limitBytes: number
  ) {
    super(
      `${sizeBytes} bytes are over the limit of ${limitBytes}. Send them in parts.`
    );
  }
}

/** The queue is full and the record was not sent (W3). */
export class QueueFullError extends AiWsError {
  readonly name = 'QueueFullError';

  constructor(message = 'The queue is full. Wait until it has room.') {
    super(message);
  }
}

/** The channel is closed and the record was not sent (X4). */
export class ChannelClosedError extends AiWsError {
  readonly name = 'ChannelClosedError';

  constructor(message = 'The channel is closed. Open a new one.') {
    super(message);
  }
}

/** The session has ended (H9). */
export class SessionEndedError extends AiWsError {
  readonly name = 'SessionEndedError';

  constructor(message = 'The session has ended.') {
    super(message);
  }
}
