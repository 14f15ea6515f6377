import type { AddressInfo, Server, Socket } from 'net';
import { connect, createServer } from 'net';
import { setImmediate, setTimeout } from 'timers';

/** A direction: `up` to the server, `down` to the page. */
export type Way = 'up' | 'down';

/** An end of a line. */
export type Side = 'page' | 'server';

/** How a connection ends: a reset both ways, or without a close frame. */
export type Ending = 'reset' | 'finish';

/** What becomes of bytes: handed over, lost, or kept until `release`. */
type Mode = 'through' | 'swallow' | 'hold';

/** What the next connection meets, instead of being passed through. */
export type Arrival =
  | { readonly kind: 'hang' }
  | { readonly kind: 'delay' }
  | { readonly kind: 'tear'; readonly tear: ITear };

/** Where a connection is torn. */
export interface ITear {
  readonly way: Way;
  /** How many bytes still go through. */
  readonly bytes: number;
  readonly how: Ending;
}

/** How long the other side of a swallowed connection goes on after the first. */
const HALF_OPEN_MS = 5_000;
const WAYS: readonly Way[] = ['up', 'down'];

/** A TCP proxy that breaks what goes through it, anywhere. */
export class FaultProxy {
  /** Listen in front of `target`. */
  static async start(target: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    await proxy.#listen(0);
    return proxy;
  }

  /** Its own port. */
  get port(): number {
    return this.#port;
  }

  /** Connections that are open now. */
  get open(): number {
    return this.#relays.size;
  }

  /** End every connection, both ways. */
  end(how: Ending): void {
    [...this.#relays].forEach(relay => relay.end(how));
  }

  /** End every connection on one side; the other hears nothing, for a while. */
  halve(side: Side, how: Ending): void {
    [...this.#relays].forEach(relay => relay.halve(side, how));
  }

  /**
   * End every connection when so many more bytes have gone that way: in the
   * middle of a frame, of a header, of a handshake.
   *
   * @returns a promise that resolves when it is torn.
   */
  tear(tear: ITear): Promise<void> {
    return new Promise(resolve => {
      this.#tear = { ...tear, left: tear.bytes, done: resolve };
    });
  }

  /** Lose what is on the connections of now, for good; new ones are sound. */
  swallow(ways: readonly Way[] = WAYS): void {
    this.#relays.forEach(relay => relay.set(ways, 'swallow'));
  }

  /** Keep what is on the connections of now until `release`. */
  hold(ways: readonly Way[] = WAYS): void {
    this.#relays.forEach(relay => relay.set(ways, 'hold'));
  }

  /** Hand over what was kept. */
  release(): void {
    this.#relays.forEach(relay => relay.release());
  }

  /**
   * Say what the next connections meet, one after the other.
   *
   * @returns a promise that resolves when the last of them has come.
   */
  meet(...arrivals: readonly Arrival[]): Promise<void> {
    this.#arrivals = [...arrivals];
    return new Promise(resolve => (this.#met = resolve));
  }

  /** Refuse new connections until `accept`. */
  refuse(): void {
    this.#server.close();
  }

  /** Take new connections again. */
  accept(): Promise<void> {
    return this.#listen(this.#port);
  }

  /** Stop listening and drop everything. */
  stop(): Promise<void> {
    return new Promise(resolve => {
      this.#server.close(() => resolve());
      this.end('reset');
    });
  }

  private constructor(target: number) {
    this.#target = target;
    this.#server = createServer(page => this.#take(page));
  }

  #listen(port: number): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', () => {
        this.#server.off('error', reject);
        this.#port = (this.#server.address() as AddressInfo).port;
        resolve();
      });
    });
  }

  #take(page: Socket): void {
    const arrival = this.#arrivals.shift();
    const relay = new Relay(page, connect(this.#target, '127.0.0.1'), {
      passed: (way, bytes) => this.#passed(way, bytes),
      gone: () => this.#relays.delete(relay)
    });
    this.#relays.add(relay);
    if (arrival?.kind === 'hang') {
      relay.set(WAYS, 'swallow');
    } else if (arrival?.kind === 'delay') {
      relay.set(WAYS, 'hold');
    } else if (arrival) {
      void this.tear(arrival.tear);
    }
    if (arrival && !this.#arrivals.length) {
      this.#met();
    }
  }

  /** Tell how many bytes may go; after fewer than asked for all is torn. */
  #passed(way: Way, bytes: number): number {
    const tear = this.#tear;
    if (tear?.way !== way) {
      return bytes;
    }
    if (bytes <= tear.left) {
      tear.left -= bytes;
      return bytes;
    }
    this.#tear = null;
    // Nothing behind the tear may go, and it ends when the bytes before it have gone.
    this.swallow();
    setImmediate(() => {
      this.end(tear.how);
      tear.done();
    });
    return tear.left;
  }

  readonly #target: number;
  readonly #server: Server;
  readonly #relays = new Set<Relay>();
  #port = 0;
  #arrivals: Arrival[] = [];
  #met: () => void = () => undefined;
  #tear: (ITear & { left: number; done: () => void }) | null = null;
}

/** What a relay asks of its proxy. */
interface IRelayListener {
  /** Tell how many of so many bytes may go that way. */
  passed(way: Way, bytes: number): number;
  /** Handle that both its sockets are gone. */
  gone(): void;
}

/** One connection from page to server. */
class Relay {
  constructor(page: Socket, server: Socket, listener: IRelayListener) {
    this.#lanes = {
      up: new Lane(page, server, bytes => listener.passed('up', bytes)),
      down: new Lane(server, page, bytes => listener.passed('down', bytes))
    };
    let open = 2;
    for (const socket of [page, server]) {
      socket.on('close', () => {
        if (!--open) {
          listener.gone();
        }
      });
    }
  }

  set(ways: readonly Way[], mode: Mode): void {
    ways.forEach(way => this.#lanes[way].set(mode));
  }

  release(): void {
    WAYS.forEach(way => this.#lanes[way].release());
  }

  end(how: Ending): void {
    WAYS.forEach(way => this.#lanes[way].end(how));
  }

  halve(side: Side, how: Ending): void {
    this.set(WAYS, 'swallow');
    this.#lanes[side === 'page' ? 'up' : 'down'].end(how);
  }

  readonly #lanes: Readonly<Record<Way, Lane>>;
}

/** One direction of one connection. */
class Lane {
  constructor(from: Socket, to: Socket, passed: (bytes: number) => number) {
    this.#from = from;
    this.#to = to;
    this.#passed = passed;
    from.setNoDelay(true);
    from.on('data', data => this.#data(data));
    from.on('end', () => this.#over(() => to.end()));
    from.on('error', () => undefined);
    from.on('close', () => this.#over(() => to.destroy()));
  }

  set(mode: Mode): void {
    this.#mode = mode;
  }

  release(): void {
    if (this.#mode === 'hold') {
      this.#mode = 'through';
      this.#held.splice(0).forEach(data => this.#data(data));
      if (this.#end) {
        // A late request is answered only while it looks alive.
        setTimeout(this.#end, HALF_OPEN_MS).unref();
      }
    }
  }

  /** End what this lane reads from; the other lane ends the other side. */
  end(how: Ending): void {
    if (how === 'finish') {
      this.#from.end();
    } else {
      reset(this.#from);
    }
    this.#mode = 'swallow';
  }

  #data(data: Buffer): void {
    if (this.#mode === 'hold') {
      this.#held.push(data);
    } else if (this.#mode === 'through' && this.#to.writable) {
      this.#to.write(data.subarray(0, this.#passed(data.length)));
    }
  }

  /** Pass on the end of one side, unless the line is dead or held up. */
  #over(end: () => void): void {
    this.#end = end;
    if (this.#mode === 'through') {
      end();
    } else if (this.#mode === 'swallow') {
      // Half open for a while, not until the system has no more of them.
      setTimeout(end, HALF_OPEN_MS).unref();
    }
  }

  readonly #from: Socket;
  readonly #to: Socket;
  readonly #passed: (bytes: number) => number;
  readonly #held: Buffer[] = [];
  #mode: Mode = 'through';
  #end: (() => void) | null = null;
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
