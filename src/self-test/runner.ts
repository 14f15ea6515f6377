import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { IAIConnection, IChannel, IChannelEnd } from '../tokens';
import type { ICounts } from './checker';
import { StreamChecker, TEXT_CHARACTERS, textOf } from './checker';
import { Cutter } from './cutter';

/** How far a test is. */
export interface IProgress {
  /** Records each way. */
  readonly records: number;
  /** Records of the server that have arrived. */
  readonly toPage: number;
  /** Records of the page that the server has sent back. */
  readonly toServer: number;
  readonly cuts: number;
  readonly cutsWanted: number;
  /** Whether it stands still until the connection is there. */
  readonly waiting: boolean;
}

/** How a test ended. */
export interface IResult {
  /**
   * - `complete`: everything was sent, and what arrived was counted;
   * - `refused`: the server does not offer the test;
   * - `session-lost`: the server was restarted or gave the session up;
   * - `closed`: the server ended the test;
   * - `unconnected`: there was no connection to test;
   * - `lost`: the connection is not coming back;
   * - `timeout`, `cancelled`.
   */
  readonly outcome:
    | 'complete'
    | 'refused'
    | 'session-lost'
    | 'closed'
    | 'unconnected'
    | 'lost'
    | 'timeout'
    | 'cancelled';
  readonly toPage: ICounts;
  readonly toServer: ICounts;
  readonly cuts: number;
  readonly cutsWanted: number;
  /** What the server said when it refused or closed. */
  readonly reason: string;
}

/** The page's records on their way that have not come back yet. */
const WINDOW = 64;

/** A test that has not begun by then has no connection to run on. */
const START_LIMIT_MS = 15_000;

/** The test's own cuts are over by then. */
const WAITING_MS = 1500;

/** Goes behind the last record; its echo proves that everything before it has arrived. */
const FENCE = JSON.stringify({ fence: true });

/**
 * Streams numbered records both ways through the connection while cutting it.
 *
 * #### Notes
 * The page's records are held back so that the last of them goes out after the
 * last cut. Nothing runs on after `run` has resolved.
 */
export class SelfTestRunner implements IDisposable {
  /**
   * @param options - What to test, and how much.
   */
  constructor(options: SelfTestRunner.IOptions) {
    this._records = options.records ?? 2000;
    this._cutsWanted = options.cuts ?? 10;
    this._timeLimitMs = options.timeLimitMs ?? 180_000;
    this._connection = options.connection;
    this._name = options.name;
    this._fromServer = new StreamChecker(this._records);
    this._echoed = new StreamChecker(this._records);
  }

  /** Emitted when the progress has changed. */
  get progressed(): ISignal<this, IProgress> {
    return this._progressed;
  }

  /** How far the test is. */
  get progress(): IProgress {
    return {
      records: this._records,
      toPage: this._fromServer.arrived,
      toServer: this._echoed.arrived,
      cuts: this._cutter?.done ?? 0,
      cutsWanted: this._cutsWanted,
      waiting: this._waiting
    };
  }

  /** Whether the test is over. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Run the test, once. Never rejects; a runner disposed of before says `cancelled`. */
  async run(): Promise<IResult> {
    if (this._isDisposed) {
      return this._result;
    }
    const channel = this._open();
    if (!channel) {
      this._end('unconnected');
      this.dispose();
      return this._result;
    }
    this._channel = channel;
    this._cutter = new Cutter({
      connection: this._connection,
      cuts: this._cutsWanted,
      channel,
      changed: () => this._advance()
    });
    this._connection.statusChanged.connect(this._onStatusChanged, this);
    this._onStatusChanged();
    channel.message.connect(this._onMessage, this);
    channel.accepted.then(
      () => {
        this._accepted = true;
        this._advance();
      },
      () => undefined
    );
    const timer = setTimeout(() => this._end('timeout'), this._timeLimitMs);
    const start = setTimeout(() => {
      if (!this._accepted) {
        this._end('unconnected');
      }
    }, START_LIMIT_MS);
    void channel.closed.then(end => this._end(outcomeOf(end), end.reason));
    const result = await this._result;
    clearTimeout(timer);
    clearTimeout(start);
    this.dispose();
    return result;
  }

  /** Stop whatever is under way; `run` resolves. */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._end('cancelled');
    clearTimeout(this._waitingTimer);
    this._connection.statusChanged.disconnect(this._onStatusChanged, this);
    this._cutter?.dispose();
    this._channel?.message.disconnect(this._onMessage, this);
    if (this._fenced) {
      this._channel?.close();
    } else {
      this._channel?.abort();
    }
    Signal.clearData(this);
  }

  /** Open the channel; null where the connection takes none. */
  private _open(): IChannel | null {
    try {
      return this._connection.open(
        'self-test',
        {
          records: this._records,
          interval_ms: 1,
          payload_bytes: TEXT_CHARACTERS
        },
        this._name
      );
    } catch (error) {
      console.warn('The self-test cannot open a channel.', error);
      return null;
    }
  }

  private _onMessage(_: IChannel, record: string | Uint8Array): void {
    const { n, text, page, fence } = parse(record);
    if (fence === true) {
      this._fenced = true;
    } else {
      (page === true ? this._echoed : this._fromServer).take(n, text);
    }
    this._advance();
  }

  /** Say when the test has to wait, and end it when it would wait for ever. */
  private _onStatusChanged(): void {
    const { state } = this._connection.status;
    if (state === 'stopped' || state === 'disposed') {
      this._end(this._accepted ? 'lost' : 'unconnected');
    } else if (state === 'connected') {
      clearTimeout(this._waitingTimer);
      this._waitingTimer = undefined;
      this._setWaiting(false);
    } else {
      const waitMs = this._accepted ? WAITING_MS : 0;
      const wait = () => this._setWaiting(true);
      this._waitingTimer ??= setTimeout(wait, waitMs);
    }
  }

  private _setWaiting(waiting: boolean): void {
    if (waiting !== this._waiting) {
      this._waiting = waiting;
      this._progressed.emit(this.progress);
    }
  }

  /** Send, cut or end, whatever is due. */
  private _advance(): void {
    if (this._isDisposed || !this._accepted || !this._channel) {
      return;
    }
    const { toPage, toServer } = this.progress;
    this._cutter?.advance((toPage + toServer) / (2 * this._records));
    this._send(this._channel);
    this._progressed.emit(this.progress);
    if (this._fenced && this._fromServer.complete) {
      this._end('complete');
    }
  }

  private _send(channel: IChannel): void {
    const cuts = this._cutter?.done ?? 0;
    const share = (cuts + 1) / (this._cutsWanted + 1);
    const allowed = Math.min(
      Math.floor(this._records * share),
      this._echoed.arrived + WINDOW
    );
    while (this._sent < allowed && channel.writable) {
      const n = ++this._sent;
      channel.send(JSON.stringify({ n, text: textOf(n), page: true }));
    }
    // Behind the server's records too: what comes twice must come before it.
    const last = this._sent === this._records && this._fromServer.complete;
    if (last && !this._fenceSent && channel.writable) {
      this._fenceSent = true;
      channel.send(FENCE);
    }
  }

  private _end(outcome: IResult['outcome'], reason = ''): void {
    this._resolve({
      outcome,
      toPage: this._fromServer.counts(),
      toServer: this._echoed.counts(),
      cuts: this._cutter?.done ?? 0,
      cutsWanted: this._cutsWanted,
      reason
    });
  }

  private readonly _records: number;
  private readonly _cutsWanted: number;
  private readonly _timeLimitMs: number;
  private readonly _connection: IAIConnection;
  private readonly _name: string | undefined;
  private readonly _fromServer: StreamChecker;
  private readonly _echoed: StreamChecker;
  private readonly _progressed = new Signal<this, IProgress>(this);
  private _resolve: (result: IResult) => void = () => undefined;
  private readonly _result = new Promise<IResult>(resolve => {
    this._resolve = resolve;
  });
  private _channel: IChannel | null = null;
  private _cutter: Cutter | null = null;
  private _accepted = false;
  private _waiting = false;
  private _waitingTimer: ReturnType<typeof setTimeout> | undefined;
  private _sent = 0;
  private _fenceSent = false;
  private _fenced = false;
  private _isDisposed = false;
}

/** A namespace for `SelfTestRunner` statics. */
export namespace SelfTestRunner {
  /** What a test needs. */
  export interface IOptions {
    /** The connection that is tested; not owned. */
    readonly connection: IAIConnection;
    /** What people call it; the service's name unless given. */
    readonly name?: string;
    /** Records each way; 2,000 unless given. */
    readonly records?: number;
    /** How often it is cut; 10 unless given. */
    readonly cuts?: number;
    /** How long it may take; 3 minutes unless given. */
    readonly timeLimitMs?: number;
  }
}

function outcomeOf({ kind }: IChannelEnd): IResult['outcome'] {
  return kind === 'discontinuity' ? 'session-lost' : kind;
}

/** The members of a record; none of what is not one. */
function parse(record: string | Uint8Array): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(String(record));
    return typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}
