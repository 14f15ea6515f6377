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
    this._options = options;
    options.connection.statusChanged.connect(this._onStatusChanged, this);
  }

  /** Cuts that the connection has come back from. */
  get done(): number {
    return this._done;
  }

  /** Whether nothing is cut any more. */
  get isDisposed(): boolean {
    return this._isDisposed;
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
    const { channel, connection, cuts } = this._options;
    const due = share >= (this._done + 1) / (cuts + 1);
    const idle = this._phase === 'idle' && this._done < cuts;
    if (this._isDisposed || !idle || !due || !channel.writable) {
      return;
    }
    if (connection.status.state !== 'connected') {
      return;
    }
    this._phase = 'asked';
    this._hurries = 0;
    if (this._done % 2 === 0) {
      channel.send(CUT);
    } else {
      // Not from within a handler of what the connection is delivering.
      void Promise.resolve().then(() => {
        if (!this._isDisposed) {
          connection.reconnect();
        }
      });
    }
  }

  /** Cut no more. */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this._timer);
    this._options.connection.statusChanged.disconnect(
      this._onStatusChanged,
      this
    );
  }

  private _onStatusChanged(): void {
    const { connection, changed } = this._options;
    const { state, nextTryMs } = connection.status;
    if (state !== 'connected') {
      if (this._phase === 'asked') {
        this._phase = 'cut';
      }
      const waits = this._phase === 'cut' && nextTryMs !== null;
      if (waits && this._timer === undefined && this._hurries < HURRIES) {
        this._timer = setTimeout(() => this._hurry(), HURRY_MS);
      }
    } else if (this._phase === 'cut') {
      this._phase = 'idle';
      this._done++;
      changed();
    }
  }

  private _hurry(): void {
    this._timer = undefined;
    const { connection } = this._options;
    if (connection.status.nextTryMs !== null) {
      this._hurries++;
      connection.reconnect();
    }
  }

  private readonly _options: Cutter.IOptions;
  private _done = 0;
  private _hurries = 0;
  private _phase: 'idle' | 'asked' | 'cut' = 'idle';
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
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
