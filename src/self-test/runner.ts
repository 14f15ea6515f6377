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
    this.#records = options.records ?? 2000;
    this.#cutsWanted = options.cuts ?? 10;
    this.#timeLimitMs = options.timeLimitMs ?? 180_000;
    this.#connection = options.connection;
    this.#name = options.name;
    this.#fromServer = new StreamChecker(this.#records);
    this.#echoed = new StreamChecker(this.#records);
  }

  /** Emitted when the progress has changed. */
  get progressed(): ISignal<this, IProgress> {
    return this.#progressed;
  }

  /** How far the test is. */
  get progress(): IProgress {
    return {
      records: this.#records,
      toPage: this.#fromServer.arrived,
      toServer: this.#echoed.arrived,
      cuts: this.#cutter?.done ?? 0,
      cutsWanted: this.#cutsWanted,
      waiting: this.#waiting
    };
  }

  /** Whether the test is over. */
  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** Run the test, once. Never rejects; a runner disposed of before says `cancelled`. */
  async run(): Promise<IResult> {
    if (this.#isDisposed) {
      return this.#result;
    }
    const channel = this.#open();
    if (!channel) {
      this.#end('unconnected');
      this.dispose();
      return this.#result;
    }
    this.#channel = channel;
    this.#cutter = new Cutter({
      connection: this.#connection,
      cuts: this.#cutsWanted,
      channel,
      changed: () => this.#advance()
    });
    this.#connection.statusChanged.connect(this.#onStatusChanged, this);
    this.#onStatusChanged();
    channel.message.connect(this.#onMessage, this);
    channel.accepted.then(
      () => {
        this.#accepted = true;
        this.#advance();
      },
      () => undefined
    );
    const timer = setTimeout(() => this.#end('timeout'), this.#timeLimitMs);
    const start = setTimeout(() => {
      if (!this.#accepted) {
        this.#end('unconnected');
      }
    }, START_LIMIT_MS);
    void channel.closed.then(end => this.#end(outcomeOf(end), end.reason));
    const result = await this.#result;
    clearTimeout(timer);
    clearTimeout(start);
    this.dispose();
    return result;
  }

  /** Stop whatever is under way; `run` resolves. */
  dispose(): void {
    if (this.#isDisposed) {
      return;
    }
    this.#isDisposed = true;
    this.#end('cancelled');
    clearTimeout(this.#waitingTimer);
    this.#connection.statusChanged.disconnect(this.#onStatusChanged, this);
    this.#cutter?.dispose();
    this.#channel?.message.disconnect(this.#onMessage, this);
    if (this.#fenced) {
      this.#channel?.close();
    } else {
      this.#channel?.abort();
    }
    Signal.clearData(this);
  }

  /** Open the channel; null where the connection takes none. */
  #open(): IChannel | null {
    try {
      return this.#connection.open(
        'self-test',
        {
          records: this.#records,
          interval_ms: 1,
          payload_bytes: TEXT_CHARACTERS
        },
        this.#name
      );
    } catch (error) {
      console.warn('The self-test cannot open a channel.', error);
      return null;
    }
  }

  #onMessage(_: IChannel, record: string | Uint8Array): void {
    const { n, text, page, fence } = parse(record);
    if (fence === true) {
      this.#fenced = true;
    } else {
      (page === true ? this.#echoed : this.#fromServer).take(n, text);
    }
    this.#advance();
  }

  /** Say when the test has to wait, and end it when it would wait for ever. */
  #onStatusChanged(): void {
    const { state } = this.#connection.status;
    if (state === 'stopped' || state === 'disposed') {
      this.#end(this.#accepted ? 'lost' : 'unconnected');
    } else if (state === 'connected') {
      clearTimeout(this.#waitingTimer);
      this.#waitingTimer = undefined;
      this.#setWaiting(false);
    } else {
      const waitMs = this.#accepted ? WAITING_MS : 0;
      const wait = () => this.#setWaiting(true);
      this.#waitingTimer ??= setTimeout(wait, waitMs);
    }
  }

  #setWaiting(waiting: boolean): void {
    if (waiting !== this.#waiting) {
      this.#waiting = waiting;
      this.#progressed.emit(this.progress);
    }
  }

  /** Send, cut or end, whatever is due. */
  #advance(): void {
    if (this.#isDisposed || !this.#accepted || !this.#channel) {
      return;
    }
    const { toPage, toServer } = this.progress;
    this.#cutter?.advance((toPage + toServer) / (2 * this.#records));
    this.#send(this.#channel);
    this.#progressed.emit(this.progress);
    if (this.#fenced && this.#fromServer.complete) {
      this.#end('complete');
    }
  }

  #send(channel: IChannel): void {
    const cuts = this.#cutter?.done ?? 0;
    const share = (cuts + 1) / (this.#cutsWanted + 1);
    const allowed = Math.min(
      Math.floor(this.#records * share),
      this.#echoed.arrived + WINDOW
    );
    while (this.#sent < allowed && channel.writable) {
      const n = ++this.#sent;
      channel.send(JSON.stringify({ n, text: textOf(n), page: true }));
    }
    // Behind the server's records too: what comes twice must come before it.
    const last = this.#sent === this.#records && this.#fromServer.complete;
    if (last && !this.#fenceSent && channel.writable) {
      this.#fenceSent = true;
      channel.send(FENCE);
    }
  }

  #end(outcome: IResult['outcome'], reason = ''): void {
    this.#resolve({
      outcome,
      toPage: this.#fromServer.counts(),
      toServer: this.#echoed.counts(),
      cuts: this.#cutter?.done ?? 0,
      cutsWanted: this.#cutsWanted,
      reason
    });
  }

  readonly #records: number;
  readonly #cutsWanted: number;
  readonly #timeLimitMs: number;
  readonly #connection: IAIConnection;
  readonly #name: string | undefined;
  readonly #fromServer: StreamChecker;
  readonly #echoed: StreamChecker;
  readonly #progressed = new Signal<this, IProgress>(this);
  #resolve: (result: IResult) => void = () => undefined;
  readonly #result = new Promise<IResult>(resolve => {
    this.#resolve = resolve;
  });
  #channel: IChannel | null = null;
  #cutter: Cutter | null = null;
  #accepted = false;
  #waiting = false;
  #waitingTimer: ReturnType<typeof setTimeout> | undefined;
  #sent = 0;
  #fenceSent = false;
  #fenced = false;
  #isDisposed = false;
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
