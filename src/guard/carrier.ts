import { CloseCode } from '../core/limits';

/** What a socket is told by what carries it. Each call comes in a task of its own. */
export interface ICarrierOwner {
  /** What binary messages are delivered as. */
  readonly binaryType: BinaryType;
  /** The handshake is over; `protocol` is the subprotocol chosen, or ''. */
  opened(protocol: string): void;
  /** A message has come. */
  received(data: string | Blob | ArrayBuffer): void;
  /** Something failed; `closed` follows. */
  errored(): void;
  /** It is over. */
  closed(code: number, reason: string, wasClean: boolean): void;
}

/**
 * Tell a socket that it has failed: `error`, and `close` in the next task.
 *
 * @param owner - The socket.
 * @param tasks - What runs each event in a task of its own.
 */
export function fail(
  owner: ICarrierOwner,
  tasks: Pick<ICarrierProvider, 'post'>
): void {
  // First: what a handler of `error` does comes behind it.
  tasks.post(() => owner.closed(CloseCode.ABNORMAL, '', false));
  owner.errored();
}

/** What carries the messages of a socket: a channel of the session, or a native socket. */
export interface ICarrier {
  /** The state of a native socket; null: the owner knows better. */
  readonly readyState: number | null;
  /** Bytes sent and not yet handed to the network. */
  readonly bufferedAmount: number;
  /** The extensions that were negotiated. */
  readonly extensions: string;
  /** What binary messages are to be delivered as. */
  setBinaryType(binaryType: BinaryType): void;
  /** Send a message. */
  send(data: string | Uint8Array | Blob): void;
  /** Begin to close behind what was sent; `closed` follows. */
  close(code: number | undefined, reason: string): void;
  /** Give up before it has opened; nothing follows. */
  abandon(): void;
}

/** A socket that wants a carrier. */
export interface ICarrierRequest extends ICarrierOwner {
  readonly url: URL;
  readonly protocols: readonly string[];
  /** The extension it belongs to. */
  readonly name: string;
  /** Take the carrier; another one replaces it while nothing has opened. */
  adopt(carrier: ICarrier): void;
}

/** What gives sockets their carriers. */
export interface ICarrierProvider {
  /** Handle that a socket wants a carrier, now or later. */
  wanted(request: ICarrierRequest): void;
  /** Handle that it wants none any more, or that its carrier has ended. */
  finished(request: ICarrierRequest): void;
  /** Run something in a task of its own. */
  post(run: () => void): void;
}
