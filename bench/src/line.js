import { connect, createServer } from 'net';

/**
 * A TCP line with a round trip, that counts what goes over it and can be cut or
 * go dead.
 */
export class Line {
  /** Lay a line to a port of this machine; `roundTripMs` includes that of TCP's own handshake. */
  static async to(target, roundTripMs = 0) {
    const line = new Line(target, roundTripMs);
    await new Promise(resolve => line.#server.listen(0, '127.0.0.1', resolve));
    line.port = line.#server.address().port;
    return line;
  }

  constructor(target, roundTripMs) {
    this.#oneWayMs = roundTripMs / 2;
    this.#server = createServer(page => {
      const server = connect(target, '127.0.0.1');
      const pair = { page, server, dead: new Set() };
      this.#pairs.add(pair);
      // The kernel has shaken hands at once: the first byte makes up for it.
      const readyMs = performance.now() + roundTripMs;
      this.#relay(page, server, 'up', pair, readyMs);
      this.#relay(server, page, 'down', pair, 0);
    });
  }

  /** Bytes that went to the page. */
  downBytes = 0;
  /** Bytes that went to the server. */
  upBytes = 0;

  /** Called with what goes to the page. */
  heard = () => undefined;

  /** Reset every connection. */
  cut() {
    for (const { page, server } of this.#pairs) {
      reset(page);
      reset(server);
    }
  }

  /** Lose everything on the connections of now; new ones are sound. */
  die(ways) {
    this.#pairs.forEach(({ dead }) => ways.forEach(way => dead.add(way)));
  }

  async close() {
    const closed = new Promise(resolve => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  #relay(from, to, way, pair, readyMs) {
    from.setNoDelay(true);
    from.on('data', data => {
      if (pair.dead.has(way)) {
        return;
      }
      if (way === 'down') {
        this.downBytes += data.length;
        this.heard(data);
      } else {
        this.upBytes += data.length;
      }
      this.#later(readyMs, () => to.writable && to.write(data));
    });
    from.on('error', () => undefined);
    from.on('close', () => {
      if (!pair.dead.has(way)) {
        this.#later(readyMs, () => to.destroy());
      }
      if (pair.page.destroyed && pair.server.destroyed) {
        this.#pairs.delete(pair);
      }
    });
  }

  #later(readyMs, act) {
    const nowMs = performance.now();
    const delayMs = Math.max(readyMs - nowMs, 0) + this.#oneWayMs;
    if (delayMs) {
      setTimeout(act, delayMs);
    } else {
      act();
    }
  }

  #server;
  #oneWayMs;
  #pairs = new Set();
}

/** Reset a socket; one that is shutting down cannot be reset, only closed. */
function reset(socket) {
  if (socket.writableEnded || socket.connecting) {
    socket.destroy();
  } else {
    socket.resetAndDestroy();
  }
}
