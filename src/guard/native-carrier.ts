import type { ICarrier, ICarrierOwner } from './carrier';

/** A native socket inside a guarded one, where the session cannot serve it. */
export class NativeCarrier implements ICarrier {
  /**
   * @param Native - The browser's own constructor.
   * @param url - Where to go.
   * @param protocols - The subprotocols to offer.
   * @param owner - Who is told.
   * @param onOpen - Called when it has opened.
   *
   * @throws what the constructor throws.
   */
  constructor(
    Native: typeof WebSocket,
    url: string,
    protocols: readonly string[],
    owner: ICarrierOwner,
    onOpen: () => void
  ) {
    const socket = (this.#socket = new Native(url, [...protocols]));
    socket.binaryType = owner.binaryType;
    socket.onopen = () => {
      onOpen();
      owner.opened(socket.protocol);
    };
    socket.onmessage = ({ data }) => owner.received(data);
    socket.onerror = () => owner.errored();
    socket.onclose = ({ code, reason, wasClean }) =>
      owner.closed(code, reason, wasClean);
  }

  get readyState(): number {
    return this.#socket.readyState;
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  get extensions(): string {
    return this.#socket.extensions;
  }

  setBinaryType(binaryType: BinaryType): void {
    this.#socket.binaryType = binaryType;
  }

  send(data: string | Uint8Array<ArrayBuffer> | Blob): void {
    this.#socket.send(data);
  }

  close(code: number | undefined, reason: string): void {
    if (code === undefined) {
      this.#socket.close();
    } else {
      this.#socket.close(code, reason);
    }
  }

  abandon(): void {
    const socket = this.#socket;
    socket.onopen = socket.onmessage = socket.onerror = socket.onclose = null;
    socket.close();
  }

  readonly #socket: WebSocket;
}
