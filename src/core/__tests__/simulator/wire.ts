import { Queue } from '../../queue';
import type { Clock } from './clock';
import type { Page } from './ends';

const HEADER_BYTES = 6;

/** One direction of one socket; what is sent arrives in order or not at all. */
export class Pipe {
  constructor(
    private _clock: Clock,
    private _latencyMs: number,
    public bytesPerMs: number
  ) {}

  dead = false;
  hole = false;
  stalledUntilMs = 0;
  usedMs = 0;

  /** Told of everything that is sent. */
  onSend = () => {};

  /** Deliver after the bytes have gone through, unless the pipe breaks before the last. */
  send(size: number, deliver: () => void): void {
    let { nowMs } = this._clock;
    this.usedMs = nowMs;
    this.onSend();
    if (this.bytesPerMs !== Infinity) {
      this._busyMs =
        Math.max(nowMs, this._busyMs) + (size + HEADER_BYTES) / this.bytesPerMs;
      nowMs = this._busyMs;
    }
    const atMs = nowMs + this._latencyMs;
    this._queue.push({ atMs, deliver });
    this._clock.at(atMs, this._pump);
  }

  private _pump = (): void => {
    const { nowMs } = this._clock;
    for (;;) {
      const first = this._queue.first;
      if (!first || first.atMs > nowMs) {
        return;
      }
      if (this.stalledUntilMs > nowMs) {
        this._clock.at(this.stalledUntilMs, this._pump);
        return;
      }
      this._queue.shift();
      if (!this.dead && !this.hole) {
        first.deliver();
      }
    }
  };

  private _busyMs = 0;
  private _queue = new Queue<{ atMs: number; deliver: () => void }>();
}

/** One socket as the network sees it. */
export class Wire {
  constructor(
    clock: Clock,
    latencyMs: number,
    bytesPerMs: number,
    readonly page: Page,
    readonly socketId: number
  ) {
    this.up = new Pipe(clock, latencyMs, bytesPerMs);
    this.down = new Pipe(clock, latencyMs, bytesPerMs);
  }

  readonly up: Pipe;
  readonly down: Pipe;
  pageOpen = true;
  serverOpen = true;

  /** When something first went wrong with it; `null`: never. */
  faultyMs: number | null = null;

  /** When something was last sent either way. */
  get usedMs(): number {
    return Math.max(this.up.usedMs, this.down.usedMs);
  }

  /** Lose all that is under way. */
  kill(): void {
    this.up.dead = this.down.dead = true;
  }
}
