import { createServer } from 'http';
import type { IncomingMessage, Server, ServerResponse } from 'http';
import type { AddressInfo } from 'net';
import { setImmediate } from 'timers';

import { ServerConnection } from '@jupyterlab/services';
import { WebSocket as NodeWebSocket, WebSocketServer } from 'ws';

import { copyFrames } from '../../../core/__tests__/copy';
import type { IAcceptorListener } from '../../../core/acceptor';
import { Acceptor } from '../../../core/acceptor';
import { parseRequest } from '../../../core/handshake';
import type { HeldSession } from '../../../core/held';
import { HeldListener } from '../../../core/held';
import { CloseCode, SUBPROTOCOL } from '../../../core/limits';
import type { ServerChannel } from '../../../core/server-end';

const BASE = '/base/url/';

/** Requests whose service decides. */
class Listener extends HeldListener<NodeWebSocket> {
  constructor(readonly server: AcceptorServer) {
    super();
  }

  channelRequested(channel: ServerChannel): void {
    this.server.serve(channel);
  }

  handlerFailed(error: unknown): void {
    throw error;
  }
}

/** The server's end of the connection inside the test: real sockets, the TypeScript core. */
export class AcceptorServer implements IAcceptorListener<NodeWebSocket> {
  /** Start one. */
  static start(): Promise<AcceptorServer> {
    return new Promise(resolve => {
      const server = new AcceptorServer();
      server._http.listen(0, '127.0.0.1', () => resolve(server));
    });
  }

  /** Every request: method and address. */
  readonly requests: string[] = [];

  /** Every text frame of the page. */
  readonly frames: string[] = [];

  /** Codes with which the page closed, 1006 for a broken line. */
  readonly closes: number[] = [];

  /** What was posted to the probe's address. */
  readonly posts: URLSearchParams[] = [];

  /** Every channel asked for, in order. */
  readonly channels: ServerChannel[] = [];

  /** What the test does for channels to services of its own, by service. */
  readonly services: Record<string, (channel: ServerChannel) => void> = {};

  /** Whether upgrades and probes are answered. */
  up = true;

  /** Whether upgrades succeed; if not, the server fails at each of them. */
  upgrades = true;

  /** What a page of JupyterLab would have; frames written are noted in `written`. */
  settings(written: IWritten[] = []): ServerConnection.ISettings {
    const { port } = this._http.address() as AddressInfo;
    class Socket extends NodeWebSocket {
      send(data: string | Uint8Array): void {
        written.push({ data, timeMs: performance.now() });
        super.send(data);
      }
    }
    return ServerConnection.makeSettings({
      baseUrl: `http://127.0.0.1:${port}${BASE}`,
      wsUrl: `ws://127.0.0.1:${port}${BASE}`,
      token: 'secret-of-the-test',
      appendToken: true,
      WebSocket: Socket as unknown as typeof WebSocket
    });
  }

  /** Resolves when `condition` holds; looked at whenever something happens here. */
  until(condition: () => boolean): Promise<void> {
    return new Promise(resolve => {
      const look = () => {
        if (condition()) {
          this._watchers.delete(look);
          resolve();
        }
      };
      this._watchers.add(look);
      look();
    });
  }

  /** Break every line without a word. */
  cut(): void {
    for (const socket of this._sockets.clients) {
      socket.terminate();
    }
  }

  /** What all sessions hold (P2). */
  get memoryBytes(): number {
    return this._acceptor.memoryBytes;
  }

  /** Forget every session, as another process would have. */
  restart(): void {
    this._acceptor = this._newAcceptor('second');
    this.cut();
  }

  /** Stop, and wait until every line is gone. */
  stop(): Promise<void> {
    this.cut();
    return new Promise(resolve => {
      this._sockets.close();
      this._http.close(() => resolve());
      this._http.closeAllConnections();
    });
  }

  /** Do for a channel what its service does. */
  serve(channel: ServerChannel): void {
    this.channels.push(channel);
    const { service } = channel;
    if (this.services[service]) {
      this.services[service](channel);
    } else if (service === 'refused') {
      channel.refuse(CloseCode.FORBIDDEN, 'not for you');
    } else if (service !== 'slow') {
      channel.accept({ service });
    }
    if (service === 'echo') {
      channel.listener = {
        readable: () => {
          for (let record; (record = channel.take()) !== null;) {
            channel.send(record);
          }
        }
      };
    }
    this._look();
  }

  closeSocket(socket: NodeWebSocket, code: number, reason: string): void {
    socket.close(code, reason);
  }

  flushWanted(held: HeldSession<NodeWebSocket>): void {
    setImmediate(() => {
      if (held.socket) {
        const frames = this._acceptor.flush(held, performance.now());
        copyFrames(frames).forEach(frame => held.socket?.send(frame));
      }
    });
  }

  private constructor() {
    this._http.on('request', (request, response) => {
      this._answer(request, response);
    });
    this._http.on('upgrade', (request, socket, head) => {
      this._note(request);
      if (!this.up) {
        socket.destroy();
        return;
      }
      if (!this.upgrades) {
        socket.end('HTTP/1.1 500 Internal Server Error\r\n\r\n');
        return;
      }
      this._sockets.handleUpgrade(request, socket, head, page =>
        this._attach(page, new URL(request.url!, 'http://page'))
      );
    });
  }

  private _attach(socket: NodeWebSocket, { searchParams }: URL): void {
    const query = Object.fromEntries(
      [...searchParams].map(([name, value]) => [name, [value]])
    );
    const { held, frames, code, reason } = this._acceptor.request(
      'user',
      parseRequest(query),
      socket,
      performance.now()
    );
    frames.forEach(frame => socket.send(frame));
    socket.on('close', closeCode => {
      this.closes.push(closeCode);
      if (held) {
        this._acceptor.detached(held, socket, performance.now());
      }
      this._look();
    });
    if (!held) {
      socket.close(code, reason);
      return;
    }
    const acceptor = this._acceptor;
    socket.on('message', (data, isBinary) => {
      if (!isBinary) {
        this.frames.push(`${data}`);
      }
      const frame = isBinary ? new Uint8Array(data as Buffer) : `${data}`;
      acceptor.receive(held, socket, frame, performance.now());
      this._look();
    });
  }

  private _answer(request: IncomingMessage, response: ServerResponse): void {
    this._note(request);
    let body = '';
    request.on('data', data => (body += data));
    request.on('end', () => {
      if (request.method === 'POST') {
        this.posts.push(new URLSearchParams(body));
      }
      response.statusCode = this.up ? 200 : 503;
      response.end(
        JSON.stringify({ status: 'ok', protocols: [SUBPROTOCOL], instance: '' })
      );
      this._look();
    });
  }

  private _note({ method, url }: IncomingMessage): void {
    this.requests.push(`${method} ${url}`);
    this._look();
  }

  private _look(): void {
    this._watchers.forEach(look => look());
  }

  private _newAcceptor(instance: string): Acceptor<NodeWebSocket> {
    const makeListener = () => new Listener(this);
    let epochs = 0;
    return new Acceptor(instance, this, makeListener, () =>
      `${++epochs}`.padStart(16, '0')
    );
  }

  private readonly _http: Server = createServer();
  private readonly _sockets = new WebSocketServer({
    noServer: true,
    handleProtocols: () => SUBPROTOCOL
  });
  private readonly _watchers = new Set<() => void>();
  private _acceptor = this._newAcceptor('first');
}

/** A frame that the page wrote, and when. */
export interface IWritten {
  readonly data: string | Uint8Array;
  readonly timeMs: number;
}
