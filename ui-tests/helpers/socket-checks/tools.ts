/** Which of the peer's endpoints a socket goes to. */
export type Kind = 'guarded' | 'native';

/** What checks of sockets have in common. */
export type ISocketTools = ReturnType<typeof makeTools>;

/**
 * Make what checks of sockets have in common.
 *
 * #### Notes
 * Runs in the page, so it must not use anything from outside.
 */
export function makeTools(kind: Kind) {
  const base = `ws://${location.host}/peer/${kind}/`;
  type Data = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;
  const make = (query = '', protocols?: unknown) =>
    new WebSocket(`${base}socket${query}`, protocols as string);
  const next = (socket: EventTarget, type: string) =>
    new Promise<Event>(resolve =>
      socket.addEventListener(type, resolve, { once: true })
    );
  const open = async (query?: string, protocols?: string[]) => {
    const socket = make(query, protocols);
    await next(socket, 'open');
    return socket;
  };
  const attempt = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      const { name, message, code } = error as DOMException;
      const kindOf = Object.prototype.toString.call(error);
      return [kindOf, name, code, message];
    }
  };
  /** The same where the words of an error may differ. */
  const attemptKind = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return [Object.prototype.toString.call(error), (error as Error).name];
    }
  };
  const describe = async (event: Event): Promise<unknown[]> => {
    const socket = event.target as WebSocket;
    const all = [event.type, event.constructor.name, socket.readyState];
    if (event instanceof CloseEvent) {
      return [...all, event.code, event.reason, event.wasClean];
    }
    if (event instanceof MessageEvent) {
      const data =
        event.data instanceof Blob
          ? `blob ${event.data.size} ${event.data.type} ${await event.data.text()}`
          : event.data instanceof ArrayBuffer
            ? `buffer ${new Uint8Array(event.data)}`
            : event.data;
      const { lastEventId, origin, ports, source } = event;
      return [...all, data, lastEventId, origin, ports.length, source];
    }
    return [...all, event.bubbles, event.cancelable];
  };
  /** All events until the close, whose states are those at their time. */
  const story = async (socket: WebSocket): Promise<unknown[]> => {
    const events: Promise<unknown[]>[] = [];
    for (const type of ['open', 'message', 'error']) {
      socket.addEventListener(type, event => events.push(describe(event)));
    }
    const close = await next(socket, 'close');
    events.push(describe(close));
    await new Promise(resolve => setTimeout(resolve, 50));
    return Promise.all(events);
  };
  /** The message that comes back. */
  const echo = async (socket: WebSocket, data: Data): Promise<unknown> => {
    const back = next(socket, 'message');
    socket.send(data as string);
    return describe(await back);
  };
  /** The data that come back. */
  const answer = async (socket: WebSocket, data: unknown): Promise<unknown> => {
    const back = next(socket, 'message') as Promise<MessageEvent>;
    socket.send(data as string);
    const answered = (await back).data;
    return answered instanceof Blob
      ? ['blob', await answered.text()]
      : answered;
  };
  const frameWindow = () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    return frame.contentWindow as unknown as typeof globalThis;
  };
  return {
    kind,
    base,
    make,
    next,
    open,
    attempt,
    attemptKind,
    describe,
    story,
    echo,
    answer,
    frameWindow
  };
}
