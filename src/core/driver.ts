import type { Message } from './channel';
import type { IResumeRequest } from './handshake';
import type { Session } from './session';
import type { IStatus } from './status';

/**
 * What the connector asks of its shell.
 *
 * #### Notes
 * After `closeSocket` or `dropProbe` the shell reports nothing more of that one.
 */
export interface IConnectorDriver {
  /**
   * Open a socket and report by `socketOpened`, `socketMessage`, `socketClosed`,
   * never before this returns.
   */
  openSocket(socketId: number, request: IResumeRequest): void;

  /** Drop the handlers at once and close without waiting for it (L5, S1). */
  closeSocket(socketId: number, code: number, reason: string): void;

  /**
   * Write frames to the socket, in order.
   *
   * @param frames - text, or bytes that the socket has to copy before this returns, as
   * browsers' sockets do: they stand until the next flush.
   */
  write(socketId: number, frames: readonly Message[]): void;

  /** Fetch the probe's address and report by `probeAnswered`. */
  openProbe(probeId: number): void;

  /** Abandon a probe. */
  dropProbe(probeId: number): void;

  /** Arrange for `Connector.flush` at the end of this turn of the event loop. */
  flushWanted(): void;

  /** Handle a new status. */
  statusChanged(status: IStatus): void;

  /** Handle that a new session took the place of one that ended with its channels. */
  sessionReplaced(session: Session): void;

  /** Report what a listener threw. */
  handlerFailed(error: unknown): void;

  /** Return 32 lower-case hexadecimal digits, 128 random bits. */
  randomSid(): string;
}
