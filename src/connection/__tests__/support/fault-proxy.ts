import type { AddressInfo, Server, Socket } from 'net';
import { connect, createServer } from 'net';

/** A TCP proxy that breaks what goes through it, anywhere. */
export class FaultProxy {
  /** Listen in front of `target`. */
  static start(target: number): Promise<FaultProxy> {
    return new Promise(resolve => {
      const proxy = new FaultProxy(target);
      proxy._server.listen(0, '127.0.0.1', () => resolve(proxy));
    });
  }

  /** Its own port. */
  get port(): number {
    return (this._server.address() as AddressInfo).port;
  }

  /** Connections that are open now. */
  get open(): number {
    return this._pairs.size;
  }

  /** Refuse connections, or take them again. */
  refusing = false;

  /** Swallow all bytes, or hand them over again (what was swallowed is lost). */
  swallowing = false;

  /** Reset every connection, both ways. */
  reset(): void {
    for (const [page, server] of this._pairs) {
      reset(page);
      reset(server);
    }
  }

  /** End every connection without a close frame. */
  finish(): void {
    for (const [page, server] of this._pairs) {
      page.end();
      server.end();
    }
  }

  /**
   * Reset after so many more bytes to the page (`down`) or the server (`up`):
   * in the middle of a frame, of a header, of a handshake.
   */
  resetAfter(bytes: number, way: 'up' | 'down'): void {
    this._left[way] = bytes;
  }

  /** Stop listening and drop everything. */
  stop(): Promise<void> {
    this.reset();
    return new Promise(resolve => this._server.close(() => resolve()));
  }

  private constructor(target: number) {
    this._server = createServer(page => this._accept(page, target));
  }

  private _accept(page: Socket, target: number): void {
    if (this.refusing) {
      reset(page);
      return;
    }
    const server = connect(target, '127.0.0.1');
    const pair: [Socket, Socket] = [page, server];
    this._pairs.add(pair);
    this._relay(page, server, 'up', pair);
    this._relay(server, page, 'down', pair);
  }

  private _relay(
    from: Socket,
    to: Socket,
    way: 'up' | 'down',
    pair: [Socket, Socket]
  ): void {
    from.setNoDelay(true);
    from.on('data', data => {
      if (this.swallowing) {
        return;
      }
      const left = this._left[way];
      if (left === null || data.length <= left) {
        this._left[way] = left === null ? null : left - data.length;
        to.write(data);
        return;
      }
      this._left[way] = null;
      to.write(data.subarray(0, left), () => this.reset());
    });
    from.on('end', () => to.end());
    from.on('error', () => undefined);
    from.on('close', () => {
      this._pairs.delete(pair);
      to.destroy();
    });
  }

  private readonly _server: Server;
  private readonly _pairs = new Set<[Socket, Socket]>();
  private readonly _left: Record<'up' | 'down', number | null> = {
    up: null,
    down: null
  };
}

/**
 * Reset a socket. One that is shutting down, or not yet connected, cannot be
 * reset, only closed: Node 20 then leaks its handle and spins at exit.
 */
function reset(socket: Socket): void {
  if (socket.writableEnded || socket.connecting) {
    socket.destroy();
  } else {
    socket.resetAndDestroy();
  }
}
