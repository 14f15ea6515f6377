import type { JSONObject } from '@lumino/coreutils';
import { PromiseDelegate } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Channel } from '../core/channel';
import { ChannelClosedError } from '../core/errors';
import type { IChannel, IChannelEnd } from '../tokens';
import { checkEnd, recordOf } from './arguments';
import { endOf } from './endings';
import { ChannelRefusedError, DiscontinuityError } from './errors';

/**
 * How long the records of a channel that has ended wait for the first who hears
 * them; then they are dropped, for `closed` has to settle.
 */
const UNHEARD_MS = 5000;

/** Only a discontinuity counts. */
const NOTHING_SENT = { acknowledged: 0, perhapsDelivered: 0, neverWritten: 0 };

/**
 * A channel as extension authors see it: signals and promises over the core's.
 */
export class PageChannel implements IChannel {
  /**
   * @param core - The channel it wraps.
   * @param name - What people call it.
   * @param onFinal - Called once with how the channel has ended, at once: records
   * may still wait to be delivered.
   * @param onEnd - Called once when that was told to everybody.
   */
  constructor(
    core: Channel,
    readonly name: string,
    onFinal: (end: IChannelEnd) => void,
    onEnd: () => void
  ) {
    this.#core = core;
    this.#onFinal = onFinal;
    this.#onEnd = onEnd;
    // Nobody has to listen to these.
    this.#accepted.promise.catch(() => undefined);
    core.listener = {
      accepted: () => this.#accepted.resolve((core.answer ?? {}) as JSONObject),
      readable: () => this.#drain(),
      writable: () => this.#becomeReady()
    };
  }

  get id(): number {
    return this.#core.number;
  }

  get service(): string {
    return this.#core.service;
  }

  /** When it last carried a record either way, or was opened, by `performance.now()`. */
  get usedMs(): number {
    return this.#usedMs;
  }

  get state(): IChannel['state'] {
    return this.#core.state;
  }

  get accepted(): Promise<JSONObject> {
    return this.#accepted.promise;
  }

  get closed(): Promise<IChannelEnd> {
    return this.#closed.promise;
  }

  get message(): ISignal<IChannel, string | Uint8Array> {
    return this.#message;
  }

  get bufferedAmount(): number {
    return this.#core.queueCost;
  }

  get writable(): boolean {
    return this.#core.writable;
  }

  ready(): Promise<void> {
    if (this.state === 'closing' || this.state === 'closed') {
      return Promise.reject(new ChannelClosedError());
    }
    if (this.writable) {
      return Promise.resolve();
    }
    this.#ready ??= new PromiseDelegate<void>();
    return this.#ready.promise;
  }

  send(record: string | ArrayBufferLike | ArrayBufferView): void {
    this.#core.send(recordOf(record));
    this.#usedMs = performance.now();
    if (this.writable) {
      // Whoever waits has room too; the core only tells when half is empty.
      this.#becomeReady();
    }
  }

  pause(): void {
    this.#paused = true;
    clearTimeout(this.#unheardTimer);
  }

  resume(): void {
    this.#paused = false;
    this.#drainSoon();
  }

  close(code?: number, reason?: string): void {
    checkEnd(code, reason);
    this.#core.close(code, reason);
    this.discard();
  }

  abort(code?: number, reason?: string): void {
    checkEnd(code, reason);
    this.#core.abort(code, reason);
    this.discard();
  }

  /** End as if the server had refused it: there is none, and its `open` has not been written. */
  refuse(code: number, reason: string): void {
    this.#refusal = { kind: 'refused', code, reason, ...NOTHING_SENT };
    this.#core.abort();
    this.discard();
  }

  /** Deliver no more records, not even those that wait (X4). */
  discard(): void {
    this.#discards = true;
    this.#giveUp();
    this.#drain();
  }

  #becomeReady(): void {
    this.#ready?.resolve();
    this.#ready = null;
  }

  /** Not from within: a handler that resumes must not be called again before it returns. */
  #drainSoon(): void {
    void Promise.resolve().then(() => this.#drain());
  }

  #drain(): void {
    const final = this.#core.final;
    if (final && !this.#end) {
      this.#end = this.#refusal ?? endOf(final);
      this.#onFinal(this.#end);
    }
    // A handler may do what ends up here; the next record comes after it returns.
    if (this.#draining) {
      return;
    }
    this.#draining = true;
    while (this.#discards || (this.#message.heard && !this.#paused)) {
      const record = this.#core.take();
      if (record === null) {
        break;
      }
      if (!this.#discards) {
        this.#usedMs = performance.now();
        this.#message.emit(record);
      }
    }
    this.#draining = false;
    if (this.#end && !this.#ended) {
      this.#giveUp();
      if (this.#core.empty) {
        this.#ended = true;
        this.#finish(this.#end);
      } else if (!this.#paused) {
        this.#waitToBeHeard();
      }
    }
  }

  #waitToBeHeard(): void {
    clearTimeout(this.#unheardTimer);
    this.#unheardTimer = setTimeout(() => {
      if (!this.#message.heard) {
        this.discard();
      }
    }, UNHEARD_MS);
  }

  #finish(end: IChannelEnd): void {
    clearTimeout(this.#unheardTimer);
    this.#accepted.reject(
      end.kind === 'refused'
        ? new ChannelRefusedError(end.code, end.reason)
        : end.kind === 'discontinuity'
          ? new DiscontinuityError(end)
          : new ChannelClosedError()
    );
    this.#closed.resolve(end);
    this.#onEnd();
    Signal.clearData(this);
  }

  #giveUp(): void {
    this.#ready?.reject(new ChannelClosedError());
    this.#ready = null;
  }

  readonly #core: Channel;
  readonly #onFinal: (end: IChannelEnd) => void;
  readonly #onEnd: () => void;
  readonly #message = new MessageSignal(this, () => this.#drainSoon());
  readonly #accepted = new PromiseDelegate<JSONObject>();
  readonly #closed = new PromiseDelegate<IChannelEnd>();
  #ready: PromiseDelegate<void> | null = null;
  #refusal: IChannelEnd | null = null;
  #unheardTimer: ReturnType<typeof setTimeout> | undefined;
  #usedMs = performance.now();
  #paused = false;
  #discards = false;
  #draining = false;
  // How it has ended; records may still wait.
  #end: IChannelEnd | null = null;
  // Whether that was told to everybody.
  #ended = false;
}

/** A signal that knows whether anybody has ever listened. */
class MessageSignal extends Signal<IChannel, string | Uint8Array> {
  /**
   * @param sender - The channel.
   * @param onHeard - Called when the first has connected.
   */
  constructor(sender: IChannel, onHeard: () => void) {
    super(sender);
    this.#onHeard = onHeard;
  }

  /** Whether anybody has connected yet. */
  heard = false;

  connect(
    ...slot: Parameters<ISignal<IChannel, string | Uint8Array>['connect']>
  ): boolean {
    const isNew = super.connect(...slot);
    if (!this.heard) {
      this.heard = true;
      this.#onHeard();
    }
    return isNew;
  }

  readonly #onHeard: () => void;
}
