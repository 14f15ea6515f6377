import { ServerConnection } from '@jupyterlab/services';

/** A socket that does what the test says, and nothing else. */
export class FakeSocket {
  static readonly made: FakeSocket[] = [];

  /** The newest. */
  static get last(): FakeSocket {
    return FakeSocket.made[FakeSocket.made.length - 1];
  }

  /** What a page of JupyterLab would have. */
  static settings(
    changes: Partial<ServerConnection.ISettings> = {}
  ): ServerConnection.ISettings {
    FakeSocket.made.length = 0;
    return ServerConnection.makeSettings({
      baseUrl: 'http://localhost:8888/base/url/',
      wsUrl: 'ws://localhost:8888/base/url/',
      token: 'sec ret',
      appendToken: true,
      WebSocket: FakeSocket as unknown as typeof WebSocket,
      fetch: () => new Promise<Response>(() => undefined),
      ...changes
    });
  }

  constructor(
    readonly url: string,
    readonly protocols: string[]
  ) {
    FakeSocket.made.push(this);
  }

  readonly OPEN = 1;
  readyState = 0;
  binaryType = 'blob';
  protocol = 'v1.jupyter-ai-ws';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onerror: (() => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  /** Units of the page that it acknowledges. */
  received = 0;
  readonly send = jest.fn();
  readonly close = jest.fn();

  /** Answer the upgrade and welcome the page to a new session. */
  welcome(): void {
    this.readyState = 1;
    this.onopen?.();
    const serial = Number(new URL(this.url).searchParams.get('serial'));
    const message = {
      type: 'welcome',
      resumed: this.url.includes('epoch='),
      epoch: '0123456789abcdef',
      instance: 'one',
      received: this.received,
      serial,
      limits: {}
    };
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** The frames written so far of that type. */
  written(type: string): { id: number; received: number }[] {
    return this.send.mock.calls
      .map(([frame]) => `${frame}`)
      .filter(frame => frame.startsWith(`{"type":"${type}"`))
      .map(frame => JSON.parse(frame));
  }

  /** Answer the last ping. */
  pong(): void {
    const { id } = this.written('ping').slice(-1)[0];
    const { received } = this;
    const message = { type: 'pong', id, received };
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** Acknowledge one unit more. */
  acknowledge(): void {
    const message = { type: 'ack', received: ++this.received };
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  /** End without a word. */
  cut(code = 1006): void {
    this.readyState = 3;
    this.onclose?.({ code });
  }
}
