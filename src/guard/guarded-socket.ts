import { CloseCode } from '../core/limits';
import { closeArguments, sendArgument, sizeOf } from './arguments';
import { EventHandlers } from './handlers';
import type { ICarrier, ICarrierProvider, ICarrierRequest } from './carrier';

/** The states of a socket. */
const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
// The page may replace them later.
const { dispatchEvent } = EventTarget.prototype;
const { CloseEvent, Event, MessageEvent } = window;

/**
 * A DOM `WebSocket` whose messages go through the page's AI connection.
 *
 * #### Notes
 * To the letter; what differs is listed in `docs/reference/guarded-socket.md`. Its
 * prototype inherits from the browser's once `inherit` was called.
 */
export class GuardedSocket extends EventTarget {
  /**
   * @param url - Where to go; checked.
   * @param protocols - The subprotocols to offer; checked.
   * @param name - The extension it belongs to.
   * @param provider - Where its carrier comes from.
   */
  constructor(
    url: URL,
    protocols: readonly string[],
    name: string,
    provider: ICarrierProvider
  ) {
    super();
    this.#provider = provider;
    this.#request = this.#makeRequest(url, protocols, name);
    provider.wanted(this.#request);
  }

  get url(): string {
    return this.#request.url.href;
  }

  get readyState(): number {
    return Math.max(this.#state, this.#carrier?.readyState ?? CONNECTING);
  }

  get bufferedAmount(): number {
    return this.#lostBytes + (this.#carrier?.bufferedAmount ?? 0);
  }

  get extensions(): string {
    return this.#carrier?.extensions ?? '';
  }

  get protocol(): string {
    return this.#protocol;
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(value: unknown) {
    const type = `${value}`;
    if (type === 'blob' || type === 'arraybuffer') {
      this.#binaryType = type;
      this.#carrier?.setBinaryType(type);
    }
  }

  get onopen(): unknown {
    return this.#handlers.get('open');
  }

  set onopen(handler: unknown) {
    this.#handlers.set('open', handler);
  }

  get onmessage(): unknown {
    return this.#handlers.get('message');
  }

  set onmessage(handler: unknown) {
    this.#handlers.set('message', handler);
  }

  get onerror(): unknown {
    return this.#handlers.get('error');
  }

  set onerror(handler: unknown) {
    this.#handlers.set('error', handler);
  }

  get onclose(): unknown {
    return this.#handlers.get('close');
  }

  set onclose(handler: unknown) {
    this.#handlers.set('close', handler);
  }

  /**
   * Send a message.
   *
   * @throws DOMException `InvalidStateError` before it is open; TypeError without
   * an argument. What is sent after the end is only counted.
   */
  send(...given: unknown[]): void {
    if (!given.length) {
      throw new TypeError(
        "Failed to execute 'send' on 'WebSocket': 1 argument required, but only 0 present."
      );
    }
    const data = sendArgument(given[0]);
    const { readyState } = this;
    if (readyState === CONNECTING) {
      throw new DOMException(
        "Failed to execute 'send' on 'WebSocket': Still in CONNECTING state.",
        'InvalidStateError'
      );
    }
    if (readyState === OPEN) {
      this.#carrier!.send(data);
    } else {
      this.#lostBytes += sizeOf(data);
    }
  }

  /**
   * Begin to close.
   *
   * @throws DOMException `InvalidAccessError` or `SyntaxError` for arguments that
   * a page may not give.
   */
  close(...given: unknown[]): void {
    // What is no socket is refused before its arguments are.
    this.#close(given[0], given[1]);
  }

  #close(...given: unknown[]): void {
    const { code, reason } = closeArguments(given[0], given[1]);
    const { readyState } = this;
    if (readyState === OPEN) {
      this.#state = CLOSING;
      this.#carrier!.close(code, reason);
    } else if (readyState === CONNECTING) {
      this.#state = CLOSING;
      this.#carrier?.abandon();
      this.#provider.finished(this.#request);
      this.#provider.post(() => this.#error());
      this.#provider.post(() => this.#end(CloseCode.ABNORMAL, '', false));
    }
  }

  #makeRequest(
    url: URL,
    protocols: readonly string[],
    name: string
  ): ICarrierRequest {
    const binaryType = () => this.#binaryType;
    return {
      url,
      protocols,
      name,
      get binaryType() {
        return binaryType();
      },
      adopt: carrier => (this.#carrier = carrier),
      opened: protocol => this.#open(protocol),
      received: data => this.#receive(data),
      errored: () => this.#error(),
      closed: (code, reason, wasClean) => this.#end(code, reason, wasClean)
    };
  }

  #open(protocol: string): void {
    if (this.#state === CONNECTING) {
      this.#state = OPEN;
      this.#protocol = protocol;
      this.#dispatch(new Event('open'));
    }
  }

  #receive(data: string | Blob | ArrayBuffer): void {
    if (this.#state === OPEN) {
      const { origin } = this.#request.url;
      this.#dispatch(new MessageEvent('message', { data, origin }));
    }
  }

  #error(): void {
    this.#state = CLOSED;
    this.#dispatch(new Event('error'));
  }

  #end(code: number, reason: string, wasClean: boolean): void {
    this.#state = CLOSED;
    this.#lostBytes = this.bufferedAmount;
    this.#carrier = null;
    this.#provider.finished(this.#request);
    this.#dispatch(new CloseEvent('close', { code, reason, wasClean }));
  }

  /** Fire an event; not by the member, which the page may have replaced. */
  #dispatch(event: Event): void {
    dispatchEvent.call(this, event);
  }

  readonly #provider: ICarrierProvider;
  readonly #request: ICarrierRequest;
  readonly #handlers = new EventHandlers(this);
  #carrier: ICarrier | null = null;
  #state = CONNECTING;
  #protocol = '';
  #binaryType: BinaryType = 'blob';
  // Sent after the end.
  #lostBytes = 0;
}

/** A namespace for `GuardedSocket` statics. */
export namespace GuardedSocket {
  /**
   * Let guarded sockets be instances of the browser's class.
   *
   * @param Native - The browser's own constructor.
   */
  export function inherit(Native: typeof WebSocket): void {
    const { prototype } = GuardedSocket;
    Object.setPrototypeOf(prototype, Native.prototype);
    // `constructor` too is that of every socket.
    Reflect.deleteProperty(prototype, 'constructor');
    for (const name of Object.getOwnPropertyNames(prototype)) {
      Object.defineProperty(prototype, name, { enumerable: true });
    }
    Object.defineProperty(prototype.send, 'length', { value: 1 });
  }
}
