import type { IConnectionEvent, IConnectionStatus } from '../tokens';

/** How many events are kept. */
const KEPT = 200;

/**
 * What happened to the connection, for reports.
 */
export class History {
  /** When the current connection was welcomed, by `Date.now()`; null while cut. */
  connectedSince: number | null = null;

  /** Sessions that were lost. */
  discontinuities = 0;

  /** The last 200 events, oldest first. */
  get events(): ReadonlyArray<IConnectionEvent> {
    return [...this._events];
  }

  /**
   * The longest time without a welcomed socket.
   *
   * @param nowMs - By `performance.now()`.
   */
  longestCutMs(nowMs: number): number {
    const currentMs = this._cutMs === null ? 0 : nowMs - this._cutMs;
    return Math.max(this._longestCutMs, currentMs);
  }

  /** Note an event. */
  note(kind: string, detail = ''): void {
    this._events.push({ time: Date.now(), kind, detail });
    if (this._events.length > KEPT) {
      this._events.shift();
    }
  }

  /**
   * Note a new status.
   *
   * @param status - The new one.
   * @param nowMs - By `performance.now()`.
   */
  statusChanged(status: IConnectionStatus, nowMs: number): void {
    if (status.state === 'connected') {
      this.connectedSince ??= Date.now();
    } else {
      this.connectedSince = null;
    }
    if (status.cutMs === null) {
      this._longestCutMs = this.longestCutMs(nowMs);
    }
    this._cutMs = status.cutMs;
    const step = `${status.state} ${status.cause} ${status.attempt} ${status.question}`;
    if (step !== this._step) {
      this._step = step;
      const attempt = status.attempt ? `attempt ${status.attempt}` : '';
      const question = status.question === 'none' ? '' : 'asking';
      this.note(
        status.state,
        [status.cause, attempt, question].filter(Boolean).join(', ')
      );
    }
  }

  private readonly _events: IConnectionEvent[] = [];
  private _step = '';
  private _cutMs: number | null = null;
  private _longestCutMs = 0;
}
