import type {
  IChannelEnd,
  IConnectionEvent,
  IConnectionStatus,
  IRoundTrip,
  ISessionLoss,
  IUnacknowledged
} from '../tokens';

/** How many events are kept. */
const KEPT = 200;

/** For how long round trips are kept. */
const ROUND_TRIPS_MS = 300_000;

/** A channel that was used within this time may have been in the middle of an answer. */
const RECENT_MS = 60_000;

/**
 * What happened to the connection, for reports.
 */
export class History {
  /** When the current connection was welcomed, by `Date.now()`; null while cut. */
  connectedSince: number | null = null;

  /** Sessions that were lost. */
  discontinuities = 0;

  /** Records sent on channels that ended with their session, and never acknowledged. */
  recordsLost = 0;

  /** The last session that was lost. */
  lastLoss: ISessionLoss | null = null;

  /** The last 200 events, oldest first. */
  get events(): ReadonlyArray<IConnectionEvent> {
    return [...this.#events];
  }

  /** The round trips of the last five minutes, oldest first, with a gap for each cut. */
  get roundTrips(): ReadonlyArray<IRoundTrip> {
    const sinceMs = Date.now() - ROUND_TRIPS_MS;
    return this.#roundTrips.filter(({ time }) => time >= sinceMs);
  }

  /** Note the round trip of the last ping, as often as you like. */
  measured(ms: number | null): void {
    if (ms !== this.#lastRoundTripMs && this.connectedSince !== null) {
      this.#lastRoundTripMs = ms;
      this.#plot(ms);
    }
  }

  /**
   * Note how a channel ended.
   *
   * @param name - What people call it.
   * @param end - How it ended.
   * @param idleMs - For how long it had carried no record when the line was lost.
   */
  channelEnded(name: string, end: IChannelEnd, idleMs: number): void {
    if (end.kind !== 'discontinuity') {
      return;
    }
    const before = this.#ended.get(name);
    const perhapsDelivered =
      end.perhapsDelivered + (before?.perhapsDelivered ?? 0);
    const neverWritten = end.neverWritten + (before?.neverWritten ?? 0);
    this.recordsLost += end.perhapsDelivered + end.neverWritten;
    if (before || idleMs < RECENT_MS || perhapsDelivered + neverWritten) {
      this.#ended.set(name, { name, perhapsDelivered, neverWritten });
    }
  }

  /**
   * Note that a session was lost, when all its channels have ended.
   *
   * @param instance - The process of the server now.
   */
  sessionLost(instance: string | null): void {
    const restarted = instance !== this.#instance;
    this.discontinuities++;
    this.lastLoss = {
      time: Date.now(),
      restarted,
      channels: [...this.#ended.keys()],
      unacknowledged: [...this.#ended.values()].filter(
        ({ neverWritten, perhapsDelivered }) => neverWritten + perhapsDelivered
      )
    };
    this.#ended.clear();
    this.note('session lost', restarted ? 'server restarted' : '');
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
   * @param instance - The process of the server by its last welcome.
   */
  statusChanged(
    status: IConnectionStatus,
    nowMs: number,
    instance: string | null = null
  ): void {
    if (status.state === 'connected') {
      this.connectedSince ??= Date.now();
      this.#instance = instance;
    } else if (this.connectedSince !== null) {
      this.connectedSince = null;
      this.#plot(null);
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

  #plot(ms: number | null): void {
    this.#roundTrips = [...this.roundTrips, { time: Date.now(), ms }];
  }

  readonly #events: IConnectionEvent[] = [];
  // What a session that is being lost has ended, by name.
  readonly #ended = new Map<string, IUnacknowledged>();
  #roundTrips: ReadonlyArray<IRoundTrip> = [];
  #lastRoundTripMs: number | null = null;
  #instance: string | null = null;
  #step = '';
  #cutMs: number | null = null;
  #longestCutMs = 0;
}
