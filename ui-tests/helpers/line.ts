import type { Page } from '@playwright/test';
import type { AddressInfo, Server, Socket } from 'net';
import { connect, createServer } from 'net';

/** What happens to a new AI connection on its way. */
export type SocketMode = 'through' | 'refuse' | 'hole' | 'strip' | number;

/** What becomes of a look whether the server is there. */
export type ProbeMode = 'through' | 'unreachable' | 'hang' | number;

/**
 * The line between browser and server: TCP, with everything but the AI
 * connection passed through untouched.
 */
export class Line {
  /** Lay a line to a server. */
  static async to(target: string): Promise<Line> {
    const { hostname, port } = new URL(target);
    const line = new Line(hostname, Number(port));
    await new Promise<void>(resolve =>
      line._server.listen(0, '127.0.0.1', resolve)
    );
    return line;
  }

  private constructor(host: string, port: number) {
    this._server = createServer(socket => this._accept(socket, host, port));
  }

  /** What new AI connections meet. */
  sockets: SocketMode = 'through';

  /** After so much silence an AI connection is cut, as proxies do; infinite: never. */
  idleMs = Infinity;

  /** AI connections that came so far, refused ones too. */
  opened = 0;

  /** How many AI connections are open. */
  get open(): number {
    return this._ai.size;
  }

  /** Where the browser finds the server. */
  get url(): string {
    return `http://127.0.0.1:${(this._server.address() as AddressInfo).port}`;
  }

  /** Reset the AI connections that are open. */
  cut(): void {
    for (const socket of this._ai) {
      reset(socket);
    }
  }

  /** Swallow what the open AI connections carry, both ways. */
  swallow(): void {
    for (const socket of this._ai) {
      socket.unpipe();
      this._peers.get(socket)?.unpipe();
    }
  }

  /** Reset them and let no new one through; what the probe finds is chosen. */
  async lose(page: Page, probe: ProbeMode = 'unreachable'): Promise<void> {
    await this.probe(page, probe);
    this.sockets = 'refuse';
    this.cut();
  }

  /** Let everything through again. */
  async restore(page: Page): Promise<void> {
    this.sockets = 'through';
    await this.probe(page, 'through');
  }

  /** Choose what the probe finds. */
  async probe(page: Page, mode: ProbeMode): Promise<void> {
    this._probe = mode;
    if (this._routed) {
      return;
    }
    this._routed = true;
    await page.route(/\/jupyter-ai-ws\/health/, async route => {
      if (this._probe === 'through') {
        await route.fallback();
      } else if (this._probe === 'unreachable') {
        await route.abort('connectionrefused');
      } else if (this._probe !== 'hang') {
        await route.fulfill({ status: this._probe, json: {} });
      }
    });
  }

  /** Take the line away. */
  async close(): Promise<void> {
    this._server.close();
    for (const socket of this._all) {
      socket.destroy();
    }
  }

  private _accept(browser: Socket, host: string, port: number): void {
    this._keep(browser, this._all);
    browser.once('data', head => {
      const isAi = head.toString('latin1').startsWith('GET /jupyter-ai-ws/ws');
      if (isAi) {
        this.opened++;
        this._keep(browser, this._ai);
        if (this.sockets === 'strip') {
          // What a proxy does that knows nothing of WebSockets.
          const text = head.toString('latin1');
          head = Buffer.from(
            text.replace(/^(Upgrade|Connection):.*\r\n/gim, ''),
            'latin1'
          );
        } else if (this.sockets !== 'through') {
          if (this.sockets === 'refuse') {
            reset(browser);
          } else if (this.sockets !== 'hole') {
            browser.end(
              `HTTP/1.1 ${this.sockets} No\r\nContent-Length: 0\r\n\r\n`
            );
          }
          return;
        }
      }
      const server = connect(port, host);
      this._keep(server, this._all);
      this._peers.set(browser, server);
      browser.on('close', () => server.destroy());
      server.on('close', () => browser.destroy());
      server.write(head);
      if (isAi && this.idleMs < Infinity) {
        cutIdle(browser, server, this.idleMs);
      }
      browser.pipe(server).pipe(browser);
    });
  }

  private _keep(socket: Socket, set: Set<Socket>): void {
    set.add(socket);
    socket.on('close', () => set.delete(socket));
    socket.on('error', () => undefined);
  }

  private readonly _server: Server;
  private _probe: ProbeMode = 'through';
  private _routed = false;
  private readonly _all = new Set<Socket>();
  private readonly _ai = new Set<Socket>();
  private readonly _peers = new WeakMap<Socket, Socket>();
}

/** Cut both ways when neither has carried a byte for so long. */
function cutIdle(browser: Socket, server: Socket, idleMs: number): void {
  const timer = setTimeout(() => reset(browser), idleMs);
  for (const socket of [browser, server]) {
    socket.on('data', () => timer.refresh());
  }
  browser.on('close', () => clearTimeout(timer));
}

/**
 * Reset a socket. One that is shutting down cannot be reset, only closed: Node
 * 20 then leaks its handle and spins at exit.
 */
function reset(socket: Socket): void {
  if (socket.writableEnded) {
    socket.destroy();
  } else {
    socket.resetAndDestroy();
  }
}
