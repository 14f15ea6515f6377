/** What a socket is told by what carries it. Each call comes in a task of its own. */
export interface ILineOwner {
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

/** What carries the messages of a socket: a channel of the session, or a native socket. */
export interface ILine {
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

/** A socket that wants a line. */
export interface ILineRequest extends ILineOwner {
  readonly url: URL;
  readonly protocols: readonly string[];
  /** The extension it belongs to. */
  readonly name: string;
  /** Take the line; another one replaces it while nothing has opened. */
  adopt(line: ILine): void;
}

/** What gives sockets their lines. */
export interface ILineProvider {
  /** Handle that a socket wants a line, now or later. */
  wanted(request: ILineRequest): void;
  /** Handle that it wants none any more, or that its line has ended. */
  finished(request: ILineRequest): void;
  /** Run something in a task of its own. */
  post(run: () => void): void;
}
