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
    return [...this.#events];
  }

  /**
   * The longest time without a welcomed socket.
   *
   * @param nowMs - By `performance.now()`.
   */
  longestCutMs(nowMs: number): number {
    const currentMs = this.#cutMs === null ? 0 : nowMs - this.#cutMs;
    return Math.max(this.#longestCutMs, currentMs);
  }

  /** Note an event. */
  note(kind: string, detail = ''): void {
    this.#events.push({ time: Date.now(), kind, detail });
    if (this.#events.length > KEPT) {
      this.#events.shift();
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
      this.#longestCutMs = this.longestCutMs(nowMs);
    }
    this.#cutMs = status.cutMs;
    const step = `${status.state} ${status.cause} ${status.attempt} ${status.question}`;
    if (step !== this.#step) {
      this.#step = step;
      const attempt = status.attempt ? `attempt ${status.attempt}` : '';
      const question = status.question === 'none' ? '' : 'asking';
      this.note(
        status.state,
        [status.cause, attempt, question].filter(Boolean).join(', ')
      );
    }
  }

  readonly #events: IConnectionEvent[] = [];
  #step = '';
  #cutMs: number | null = null;
  #longestCutMs = 0;
}
