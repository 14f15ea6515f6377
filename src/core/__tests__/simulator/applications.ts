import type { Channel, IChannelListener, IFinal, Message } from '../../channel';
import { QueueFullError } from '../../errors';
import { DeliberateError } from './ends';
import type { Random } from './random';
import type { World } from './world';

const TEXTS = [
  '',
  'x',
  'token ',
  '日本語',
  '\x1e',
  'a\x1eb',
  '{"a":1}',
  '0\x1e',
  '\ufffd'
];

const ENCODER = new TextEncoder();

/** Make a record nobody else sends: text or bytes, with what splits and separates. */
export function makeRecord(
  random: Random,
  number: number,
  size: number
): Message {
  let filler = random.choice(TEXTS);
  if (size) {
    filler = (filler || 'y').repeat(
      Math.floor(size / Math.max(filler.length, 1))
    );
  }
  const text = `${number}:${filler}`;
  return random.next() < 0.2 ? ENCODER.encode(text) : text;
}

/** One end of one channel: sends what the plan says, notes what it gets. */
export class Application implements IChannelListener {
  constructor(
    readonly world: World,
    readonly channel: Channel,
    readonly side: 'page' | 'server'
  ) {
    this.troubles = world.plan.troubles;
    channel.listener = this;
    channel.queueLimitBytes = world.plan.queueLimitBytes;
  }

  readonly sent: Message[] = [];
  readonly received: Message[] = [];
  final: IFinal | null = null;
  closedByUs: 'close' | 'abort' | null = null;
  pending: Message[] = [];
  stalled = false;
  troubles: number;

  /** Send, or wait until the queue has room. */
  send(record: Message): void {
    if (this.closedByUs || this.channel.final) {
      return;
    }
    if (this.pending.length) {
      this.pending.push(record);
      return;
    }
    try {
      this.channel.send(record);
    } catch (error) {
      if (!(error instanceof QueueFullError)) {
        throw error;
      }
      this.pending.push(record);
      return;
    }
    this.sent.push(record);
  }

  accepted(): void {
    this._maybeTrouble();
  }

  writable(): void {
    while (this.pending.length && this.channel.writable) {
      const record = this.pending.shift() as Message;
      this.channel.send(record);
      this.sent.push(record);
    }
    this._maybeTrouble();
  }

  readable(): void {
    if (this.final) {
      this._fail('an event after the final one (X1)');
    }
    if (!this.stalled) {
      this.drain();
    }
  }

  /** Take all there is, tell whether no trouble came between. */
  tryToDrain(): boolean {
    try {
      this.drain();
      return true;
    } catch (error) {
      if (!(error instanceof DeliberateError)) {
        throw error;
      }
      return false;
    }
  }

  /** Take all there is; sometimes make trouble between two records. */
  drain(): void {
    const { channel, world } = this;
    for (let record; (record = channel.take()) !== null;) {
      if (this.closedByUs) {
        this._fail('record after own close (X4)');
      }
      this.received.push(record);
      world.records++;
      this._maybeTrouble();
    }
    if (channel.final && channel.empty) {
      this.final = channel.final;
      this.pending = [];
      this._maybeTrouble();
    }
  }

  /** Close as a user would: gracefully or not. */
  close(how: 'close' | 'abort'): void {
    if (this.channel.final || this.closedByUs) {
      return;
    }
    this.closedByUs = how;
    this.pending = [];
    if (how === 'close') {
      this.channel.close(3000, 'enough');
    } else {
      this.channel.abort(3001, 'stop');
    }
  }

  private _fail(message: string): never {
    this.world.fail(`${this.side} channel ${this.channel.number}: ${message}`);
  }

  /** Do in a handler what handlers should not do (C6). */
  private _maybeTrouble(): void {
    if (this.troubles && this.world.random.next() < this.troubles) {
      this._trouble();
    }
  }

  private _trouble(): void {
    const { random, page, clock } = this.world;
    const kind = random.choice([
      'raise',
      'reconnect',
      'close',
      'abort',
      'send'
    ] as const);
    if (kind === 'raise') {
      throw new DeliberateError();
    } else if (kind === 'send') {
      this.send(this.world.nextRecord(0));
    } else if (kind !== 'reconnect') {
      this.close(kind);
    } else if (this.side === 'page') {
      page.connector.reconnect(clock.nowMs);
    }
  }
}
