import type { AddressInfo, Server, Socket } from 'net';
import { connect, createServer } from 'net';

/** All TCP between a browser and a server, which can be broken. */
export class Wire {
  /** Lay one to a server. */
  static async to(target: string): Promise<Wire> {
    const { hostname, port } = new URL(target);
    const wire = new Wire(hostname, Number(port));
    await wire._listen(0);
    wire._port = (wire._server.address() as AddressInfo).port;
    return wire;
  }

  /** Where the browser finds the server. */
  get url(): string {
    return `http://127.0.0.1:${this._port}`;
  }

  /** Reset every connection. */
  reset(): void {
    for (const socket of this._sockets) {
      if (socket.writableEnded) {
        // One that is shutting down cannot be reset: Node 20 leaks its handle.
        socket.destroy();
      } else {
        socket.resetAndDestroy();
      }
    }
  }

  /** Reset every connection and refuse new ones, until `restore`. */
  async refuse(): Promise<void> {
    const closed = new Promise(resolve => this._server.close(resolve));
    this.reset();
    await closed;
  }

  /** Swallow everything both ways, new connections too, until `restore`. */
  swallow(): void {
    this._swallows = true;
  }

  /** Let everything through again; what was swallowed from is reset. */
  async restore(): Promise<void> {
    if (this._swallows) {
      this._swallows = false;
      this.reset();
    }
    if (!this._server.listening) {
      await this._listen(this._port);
    }
  }

  /** Take it away. */
  close(): void {
    this._server.close();
    this.reset();
  }

  private constructor(host: string, port: number) {
    this._server = createServer(browser => this._accept(browser, host, port));
  }

  private _accept(browser: Socket, host: string, port: number): void {
    const server = connect(port, host);
    for (const [from, to] of [
      [browser, server],
      [server, browser]
    ]) {
      this._sockets.add(from);
      from.setNoDelay(true);
      from.on('data', data => {
        if (!this._swallows) {
          to.write(data);
        }
      });
      from.on('end', () => to.end());
      from.on('error', () => undefined);
      from.on('close', () => {
        this._sockets.delete(from);
        to.destroy();
      });
    }
  }

  private _listen(port: number): Promise<void> {
    return new Promise(resolve =>
      this._server.listen(port, '127.0.0.1', () => resolve())
    );
  }

  private readonly _server: Server;
  private readonly _sockets = new Set<Socket>();
  private _port = 0;
  private _swallows = false;
}
