import type { IDisposable } from '@lumino/disposable';

import type { IAIConnection, IChannel } from '../tokens';

/** Makes the server abort the connection without a word. */
const CUT = JSON.stringify({ cut: true });

/** A test does not wait for the delay between attempts, and does not hammer either. */
const HURRY_MS = 300;

/** An outage that outlasts so many tries has come on top of the cut. */
const HURRIES = 10;

/**
 * Cuts the connection again and again, alternately at the server's end and at
 * the page's.
 *
 * #### Notes
 * Only its own cuts are healed in a hurry: an outage is left to the connection.
 */
export class Cutter implements IDisposable {
  /**
   * @param options - What to cut, and how often.
   */
  constructor(options: Cutter.IOptions) {
    this.#options = options;
    options.connection.statusChanged.connect(this.#onStatusChanged, this);
  }

  /** Cuts that the connection has come back from. */
  get done(): number {
    return this.#done;
  }

  /** Whether nothing is cut any more. */
  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /**
   * Cut if it is time to.
   *
   * @param share - How much of the test is done, from 0 to 1.
   *
   * #### Notes
   * The cuts are spread evenly; the next one waits until the last is healed.
   */
  advance(share: number): void {
    const { channel, connection, cuts } = this.#options;
    const due = share >= (this.#done + 1) / (cuts + 1);
    const idle = this.#phase === 'idle' && this.#done < cuts;
    if (this.#isDisposed || !idle || !due || !channel.writable) {
      return;
    }
    if (connection.status.state !== 'connected') {
      return;
    }
    this.#phase = 'asked';
    this.#hurries = 0;
    if (this.#done % 2 === 0) {
      channel.send(CUT);
    } else {
      // Not from within a handler of what the connection is delivering.
      void Promise.resolve().then(() => {
        if (!this.#isDisposed) {
          connection.reconnect();
        }
      });
    }
  }

  /** Cut no more. */
  dispose(): void {
    if (this.#isDisposed) {
      return;
    }
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    this.#options.connection.statusChanged.disconnect(
      this.#onStatusChanged,
      this
    );
  }

  #onStatusChanged(): void {
    const { connection, changed } = this.#options;
    const { state, nextTryMs } = connection.status;
    if (state !== 'connected') {
      if (this.#phase === 'asked') {
        this.#phase = 'cut';
      }
      const waits = this.#phase === 'cut' && nextTryMs !== null;
      if (waits && this.#timer === undefined && this.#hurries < HURRIES) {
        this.#timer = setTimeout(() => this.#hurry(), HURRY_MS);
      }
    } else if (this.#phase === 'cut') {
      this.#phase = 'idle';
      this.#done++;
      changed();
    }
  }

  #hurry(): void {
    this.#timer = undefined;
    const { connection } = this.#options;
    if (connection.status.nextTryMs !== null) {
      this.#hurries++;
      connection.reconnect();
    }
  }

  readonly #options: Cutter.IOptions;
  #done = 0;
  #hurries = 0;
  #phase: 'idle' | 'asked' | 'cut' = 'idle';
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDisposed = false;
}

/** A namespace for `Cutter` statics. */
export namespace Cutter {
  /** What a cutter needs. */
  export interface IOptions {
    /** The connection to cut; not owned. */
    readonly connection: IAIConnection;
    /** The channel to the service that cuts at the server's end; not owned. */
    readonly channel: IChannel;
    /** How often to cut. */
    readonly cuts: number;
    /** Called when the connection has come back from a cut. */
    readonly changed: () => void;
  }
}
