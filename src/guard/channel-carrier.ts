import { ChannelClosedError } from '../core/errors';
import {
  CloseCode,
  QUEUE_LIMIT_BYTES,
  RECORD_LIMIT_BYTES
} from '../core/limits';
import { Queue } from '../core/queue';
import type { IChannel, IChannelEnd } from '../tokens';
import { isRecord, recordOf, sizeOf } from './arguments';
import { type ICarrier, type ICarrierOwner, fail } from './carrier';
import type { TaskQueue } from './task';

/** The peer itself refused the handshake; the reason is the status. */
const REFUSED_BY_PEER = 4001;
/** Of which the browser's own request would learn no more: there is nothing. */
const NOTHING_THERE = 'HTTP 404';
/** The reason beside 1006 where a browser would fail the connection. */
const FAILED = 'failed';
/** The reason beside 1006 where a channel cannot have the code: that, and the reason. */
const OUTSIDE = /^(\d+) (.*)$/s;
/**
 * How long a browser waits for the other side to close, once all was sent; then it
 * says 1006.
 */
const CLOSE_TIMEOUT_MS = 10_000;

/** What a carrier on a channel needs. */
export interface IChannelCarrierOptions {
  /** The channel, opened in this very turn. */
  readonly channel: IChannel;
  /** The subprotocols that were offered. */
  readonly protocols: readonly string[];
  /** Who is told. */
  readonly owner: ICarrierOwner;
  /** Where events are told. */
  readonly tasks: TaskQueue;
  /**
   * Called instead of all else when the guard cannot serve this address, or the peer
   * refuses: it may look for what only a request of the browser's own brings.
   */
  readonly unserved: (refusedByPeer?: boolean) => void;
}

/**
 * A channel of the session as a socket sees it: each record is a message.
 *
 * #### Notes
 * While the session is cut nothing is told: what is sent waits, what was sent
 * to us comes later. Records are taken one by one, each in a task of its own,
 * so the sender is held back when the page is slow.
 */
export class ChannelCarrier implements ICarrier {
  /** @param options - The channel and who is told. */
  constructor(options: IChannelCarrierOptions) {
    const { channel } = (this.#options = options);
    channel.pause();
    channel.message.connect(this.#onMessage, this);
    channel.accepted.then(
      answer => this.#accept(answer.protocol),
      () => undefined
    );
    void channel.closed.then(end => this.#end(end));
  }

  readonly readyState = null;
  readonly extensions = '';

  get bufferedAmount(): number {
    return this.#keptBytes + this.#unwrittenBytes();
  }

  setBinaryType(): void {
    // Looked at with each message.
  }

  send(data: string | Uint8Array | Blob): void {
    if (this.#outbox || !isRecord(data)) {
      this.#queue(data);
    } else {
      this.#send(data);
    }
  }

  close(code: number = CloseCode.NO_STATUS, reason: string): void {
    if (this.#outbox) {
      this.#outbox = this.#outbox.then(() => this.#close(code, reason));
    } else {
      this.#close(code, reason);
    }
    this.#armClose();
  }

  abandon(): void {
    this.#done = true;
    this.#options.channel.abort(CloseCode.ABNORMAL);
  }

  /**
   * Handle that the session carries no sockets for now: one that is not open yet
   * is carried by something else.
   *
   * @param gone - Whether the session does not come back either: then one that
   * is open ends.
   */
  withdraw(gone: boolean): void {
    const { channel, tasks, unserved } = this.#options;
    tasks.post(() => {
      if (this.#done || (this.#opened && !gone)) {
        return;
      }
      if (this.#reading) {
        // What has come is told first; the next of it is posted behind this.
        this.withdraw(gone);
        return;
      }
      channel.abort(CloseCode.ABNORMAL);
      if (this.#opened) {
        this.#finish(CloseCode.ABNORMAL, '', false);
      } else {
        this.#done = true;
        unserved();
      }
    });
  }

  #accept(protocol: unknown): void {
    const { channel, owner, protocols, tasks } = this.#options;
    const chosen = `${protocol ?? ''}`;
    tasks.post(() => {
      if (this.#done) {
        return;
      }
      if (!(chosen ? protocols.includes(chosen) : !protocols.length)) {
        channel.abort(CloseCode.ABNORMAL);
        this.#fail();
        return;
      }
      this.#opened = true;
      try {
        owner.opened(chosen);
      } finally {
        channel.resume();
      }
    });
  }

  #onMessage(channel: IChannel, record: string | Uint8Array): void {
    const { owner, tasks } = this.#options;
    channel.pause();
    this.#reading = true;
    tasks.post(() => {
      this.#reading = false;
      try {
        if (!this.#done) {
          owner.received(
            typeof record === 'string'
              ? record
              : binary(record, owner.binaryType)
          );
        }
      } finally {
        channel.resume();
      }
    });
  }

  #end({ kind, code, reason }: IChannelEnd): void {
    const { tasks, unserved } = this.#options;
    const said = kind === 'closed' && code === CloseCode.ABNORMAL ? reason : '';
    const outside = OUTSIDE.exec(said);
    tasks.post(() => {
      if (this.#done) {
        return;
      }
      const byPeer = code === REFUSED_BY_PEER;
      if (kind === 'refused' && !(byPeer && reason === NOTHING_THERE)) {
        this.#done = true;
        unserved(byPeer);
      } else if (!this.#opened || said === FAILED) {
        this.#fail();
      } else if (outside) {
        this.#finish(+outside[1], outside[2], true);
      } else if (kind === 'discontinuity' || code === CloseCode.ABNORMAL) {
        this.#finish(CloseCode.ABNORMAL, '', false);
      } else if (this.#closing) {
        // The peer's half of the handshake repeats the code, not the reason.
        this.#finish(code, '', true);
      } else {
        this.#finish(code, code === CloseCode.NO_STATUS ? '' : reason, true);
      }
    });
  }

  /** Wait for the end, from now on, as long as something moves. */
  #armClose(): void {
    const before = this.bufferedAmount;
    this.#timer = setTimeout(() => {
      if (this.bufferedAmount < before) {
        this.#armClose();
      } else {
        this.#finish(CloseCode.ABNORMAL, '', false);
      }
    }, CLOSE_TIMEOUT_MS);
  }

  /** Tell that it failed: the handshake, or what was to be sent. */
  #fail(): void {
    if (!this.#done) {
      const { owner, tasks } = this.#options;
      clearTimeout(this.#timer);
      this.#done = true;
      fail(owner, tasks);
    }
  }

  #finish(code: number, reason: string, wasClean: boolean): void {
    clearTimeout(this.#timer);
    if (!this.#done) {
      this.#done = true;
      this.#options.owner.closed(code, reason, wasClean);
    }
  }

  #close(code: number, reason: string): void {
    const { channel } = this.#options;
    // What the peer said first stands.
    this.#closing = channel.state !== 'closed';
    channel.close(code, reason);
  }

  #send(data: string | Uint8Array): void {
    const { channel } = this.#options;
    const bytes = sizeOf(data);
    const before = channel.bufferedAmount;
    // Those that have left are not looked at again.
    this.#unwrittenBytes();
    try {
      channel.send(data);
    } catch (error) {
      if (error instanceof ChannelClosedError) {
        // The peer has closed: what it sent before, and its close, are on the way.
        this.#keptBytes += bytes;
      } else {
        this.#break(bytes);
      }
      return;
    }
    const cost = channel.bufferedAmount - before;
    this.#sent.push({ bytes, cost });
    this.#sentBytes += bytes;
    this.#sentCost += cost;
  }

  /** There is no room for a message, or no reading it: it must not be left out, so all ends. */
  #break(lostBytes: number): void {
    const { channel, tasks } = this.#options;
    this.#keptBytes += this.#unwrittenBytes() + lostBytes;
    channel.abort(CloseCode.ABNORMAL);
    tasks.post(() => this.#fail());
  }

  /** Bytes in the channel's queue, without what each unit costs beside them. */
  #unwrittenBytes(): number {
    const sent = this.#sent;
    const waitingCost = this.#options.channel.bufferedAmount;
    for (let first; (first = sent.first);) {
      const costBehind = this.#sentCost - first.cost;
      if (costBehind < waitingCost) {
        // A part of the first may have left, of the others nothing.
        const leftBytes = Math.min(first.bytes, waitingCost - costBehind);
        return this.#sentBytes - first.bytes + leftBytes;
      }
      this.#sentCost -= first.cost;
      this.#sentBytes -= first.bytes;
      sent.shift();
    }
    return 0;
  }

  /** A blob has to be read first; what is sent after it waits for it. */
  #queue(data: string | Uint8Array | Blob): void {
    const bytes = sizeOf(data);
    if (
      bytes > RECORD_LIMIT_BYTES ||
      this.bufferedAmount >= QUEUE_LIMIT_BYTES
    ) {
      this.#break(bytes);
      return;
    }
    // The caller may change its bytes meanwhile.
    const kept = data instanceof Uint8Array ? data.slice() : data;
    this.#keptBytes += bytes;
    const before = this.#outbox ?? Promise.resolve();
    const outbox = (this.#outbox = before.then(async () => {
      const record = await recordOf(kept);
      if (record === null) {
        // Its file has gone.
        this.#break(0);
        return;
      }
      this.#keptBytes -= bytes;
      if (!this.#done) {
        this.#send(record);
      }
      if (this.#outbox === outbox) {
        this.#outbox = null;
      }
    }));
  }

  readonly #options: IChannelCarrierOptions;
  // Messages that may still wait in the channel, with what they cost there.
  readonly #sent = new Queue<{ bytes: number; cost: number }>();
  #sentBytes = 0;
  #sentCost = 0;
  // Bytes that are not in the channel: blobs, what waits behind them, what was lost.
  #keptBytes = 0;
  // What waits for a blob to be read; null: nothing does.
  #outbox: Promise<void> | null = null;
  #opened = false;
  // A message is on its way to the owner, more may wait behind it.
  #reading = false;
  // This end was the first to close.
  #closing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  // Nothing more is told.
  #done = false;
}

/** A message for the page; the bytes are its own from now on. */
function binary(bytes: Uint8Array, type: BinaryType): Blob | ArrayBuffer {
  const own = bytes as Uint8Array<ArrayBuffer>;
  if (type === 'blob') {
    return new Blob([own]);
  }
  // A view of a whole frame must not give its neighbours away.
  return own.byteLength === own.buffer.byteLength
    ? own.buffer
    : own.slice().buffer;
}
