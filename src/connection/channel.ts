import type { JSONObject } from '@lumino/coreutils';
import { PromiseDelegate } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type { Channel } from '../core/channel';
import { ChannelClosedError } from '../core/errors';
import type { IChannel, IChannelEnd } from '../tokens';
import { ChannelRefusedError, DiscontinuityError } from './errors';

/**
 * A channel as extension authors see it: signals and promises over the core's.
 */
export class PageChannel implements IChannel {
  /**
   * @param core - The channel it wraps.
   * @param onEnd - Called once, when the channel has ended.
   */
  constructor(core: Channel, onEnd: () => void) {
    this._core = core;
    this._onEnd = onEnd;
    // Nobody has to listen to these.
    this._accepted.promise.catch(() => undefined);
    core.listener = {
      accepted: () => this._accepted.resolve((core.answer ?? {}) as JSONObject),
      readable: () => this._drain(),
      writable: () => this._becomeReady()
    };
  }

  get id(): number {
    return this._core.number;
  }

  get service(): string {
    return this._core.service;
  }

  get state(): IChannel['state'] {
    return this._core.state;
  }

  get accepted(): Promise<JSONObject> {
    return this._accepted.promise;
  }

  get closed(): Promise<IChannelEnd> {
    return this._closed.promise;
  }

  get message(): ISignal<IChannel, string | Uint8Array> {
    return this._message;
  }

  get bufferedAmount(): number {
    return this._core.queueCost;
  }

  get writable(): boolean {
    return this._core.writable;
  }

  ready(): Promise<void> {
    if (this.state === 'closing' || this.state === 'closed') {
      return Promise.reject(new ChannelClosedError());
    }
    if (this.writable) {
      return Promise.resolve();
    }
    this._ready ??= new PromiseDelegate<void>();
    return this._ready.promise;
  }

  send(record: string | Uint8Array): void {
    this._core.send(record);
    if (this.writable) {
      // Whoever waits has room too; the core only tells when half is empty.
      this._becomeReady();
    }
  }

  pause(): void {
    this._paused = true;
  }

  resume(): void {
    this._paused = false;
    // Not from within: a handler that resumes must not be called again before it returns.
    void Promise.resolve().then(() => this._drain());
  }

  close(code?: number, reason?: string): void {
    this._core.close(code, reason);
    this.discard();
  }

  abort(code?: number, reason?: string): void {
    this._core.abort(code, reason);
    this.discard();
  }

  /** Deliver no more records, not even those that wait (X4). */
  discard(): void {
    this._discards = true;
    this._giveUp();
    this._drain();
  }

  private _becomeReady(): void {
    this._ready?.resolve();
    this._ready = null;
  }

  private _drain(): void {
    // A handler may do what ends up here; the next record comes after it returns.
    if (this._draining) {
      return;
    }
    this._draining = true;
    while (this._discards || !this._paused) {
      const record = this._core.take();
      if (record === null) {
        break;
      }
      if (!this._discards) {
        this._message.emit(record);
      }
    }
    this._draining = false;
    const end = this._core.final;
    if (end && !this._ended) {
      this._giveUp();
      if (this._core.empty) {
        this._ended = true;
        this._finish(end);
      }
    }
  }

  private _finish(end: IChannelEnd): void {
    this._accepted.reject(
      end.kind === 'refused'
        ? new ChannelRefusedError(end.code, end.reason)
        : end.kind === 'discontinuity'
          ? new DiscontinuityError(end)
          : new ChannelClosedError()
    );
    this._closed.resolve(end);
    this._onEnd();
    Signal.clearData(this);
  }

  private _giveUp(): void {
    this._ready?.reject(new ChannelClosedError());
    this._ready = null;
  }

  private readonly _core: Channel;
  private readonly _onEnd: () => void;
  private readonly _message = new Signal<IChannel, string | Uint8Array>(this);
  private readonly _accepted = new PromiseDelegate<JSONObject>();
  private readonly _closed = new PromiseDelegate<IChannelEnd>();
  private _ready: PromiseDelegate<void> | null = null;
  private _paused = false;
  private _discards = false;
  private _draining = false;
  private _ended = false;
}
