import type { JSONObject } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';

import { pageToken } from './page-token';

/**
 * The one AI connection of the page.
 *
 * #### Notes
 * Sockets come and go; what is sent on a channel arrives once and in order all
 * the same. Only the end of the session on the server (restart, expiry) ends
 * channels, each with one truthful event.
 */
export interface IAIConnection {
  /** Where the connection stands now. */
  readonly status: IConnectionStatus;

  /** Emitted when `status` has changed; never while nothing changes. */
  readonly statusChanged: ISignal<IAIConnection, IConnectionStatus>;

  /** Whether it is over: the application has ended it, or the page is being left. */
  readonly isDisposed: boolean;

  /** The channels that are not closed, in the order of their opening. */
  readonly channels: ReadonlyArray<IChannel>;

  /** Emitted when a channel was opened or has ended. */
  readonly channelsChanged: ISignal<IAIConnection, void>;

  /**
   * Open a channel to a service of the server.
   *
   * @param service - The service's name, 1 to 128 characters.
   * @param parameters - What the service wants to know; at most 16 KiB of JSON.
   * @param name - What people call it; the service's name unless given.
   * @returns The channel, at once; records sent before it is accepted wait. Where
   * the server half of this package is missing it is refused with 4404, as it is
   * where nobody has registered such a service. While the connection may yet come
   * it waits for that without a limit, also behind a question that a person is
   * asked: `status.question` and `status.cause` say what for.
   *
   * @throws TypeError when `service` or `name` is no string, or `parameters` no object of JSON of at most 100 levels.
   * @throws RangeError when `service` has not 1 to 128 characters.
   * @throws RecordTooLargeError when `parameters` take more than 16 KiB.
   * @throws QueueFullError when too many channels wait to be opened.
   * @throws SessionEndedError when the connection is disposed.
   */
  open(service: string, parameters?: JSONObject, name?: string): IChannel;

  /** Drop whatever is under way and try now; attempts start afresh. */
  reconnect(): void;

  /** Do not wait for the next try, but try now; attempts go on. Nothing while connected. */
  hurry(): void;

  /** What is known of the connection, for a report; without secrets. */
  diagnostics(): IConnectionDiagnostics;

  /** Forget what was learned of idle proxies on the way to this host. */
  forgetSilence(): void;

  /**
   * A `WebSocket` that goes through the connection where it leads to a guarded
   * endpoint of this page's server, and is the browser's own elsewhere.
   *
   * #### Notes
   * The same class that the page has as `window.WebSocket` where the guard is on.
   */
  readonly WebSocket: typeof WebSocket;
}

/** The token of the page's AI connection. */
export const IAIConnection = pageToken<IAIConnection>(
  'jupyter-ai-ws:IAIConnection',
  `The AI connection of the page: one WebSocket shared by all AI extensions
  that survives cuts without losing, doubling or reordering a record. Use it to
  open channels to services of the server and to follow its status.`
);

/**
 * The guard: sockets of other extensions that go through the connection.
 */
export interface IGuard {
  /** The extensions that have asked for a socket, and those that the user has switched off. */
  readonly extensions: ReadonlyArray<IGuardedExtension>;

  /** Emitted when `extensions` has changed. */
  readonly changed: ISignal<IGuard, void>;

  /**
   * Switch the guard on or off for this browser, from the next load of the page.
   *
   * @param name - The name of an extension; null: all, those to come included.
   * @returns whether the browser has kept it.
   */
  setGuarded(name: string | null, guarded: boolean): boolean;
}

/** The token of the page's guard. */
export const IGuard = pageToken<IGuard>(
  'jupyter-ai-ws:IGuard',
  `The guard of other AI extensions. Use it to list what is guarded and to
  switch it on and off.`
);

/** An extension whose sockets may go through the connection. */
export interface IGuardedExtension {
  /** Its name for people. */
  readonly name: string;
  /** Whether its sockets go through the connection; between two of them, whether the next one would. */
  readonly guarded: boolean;
  /** Whether it is switched on on this page. */
  readonly switchedOn: boolean;
  /** Whether it will be when the page is loaded again. */
  readonly guardedNextTime: boolean;
  /** Its guarded sockets that are connecting, open or closing; native ones do not count. */
  readonly openSockets: number;
}

/**
 * One two-way stream of records.
 */
export interface IChannel {
  /** Its number; never reused while the page lives. */
  readonly id: number;

  /** The service it was opened to. */
  readonly service: string;

  /** What people call it. */
  readonly name: string;

  /** Where it stands. */
  readonly state: 'opening' | 'open' | 'closing' | 'closed';

  /** Resolves with what the service answered; rejects with `ChannelRefusedError`, `ChannelClosedError` or `DiscontinuityError`. */
  readonly accepted: Promise<JSONObject>;

  /** Resolves, never rejects, with how the channel ended, when all its records were delivered. */
  readonly closed: Promise<IChannelEnd>;

  /**
   * Emitted with each record, in order.
   *
   * #### Notes
   * Records wait until the first slot is connected, as on a channel that is paused:
   * connect when you are ready, for instance when `accepted` has told you how to
   * read them. Connect even if you want none, or a service that sends much waits
   * for ever. What waits when the channel has ended is dropped after 5 s.
   */
  readonly message: ISignal<IChannel, string | Uint8Array>;

  /** UTF-8 bytes (plus 16 a unit) sent and not yet written to a socket. */
  readonly bufferedAmount: number;

  /** Whether `send` takes a record now. */
  readonly writable: boolean;

  /** Resolves when `send` takes a record; rejects when the channel has ended. */
  ready(): Promise<void>;

  /**
   * Send a record. It arrives once and in order, or the channel ends.
   *
   * @param record - Text, or binary data, which is copied by its bytes.
   *
   * @throws TypeError when it is anything else, such as an object or a Blob.
   * @throws QueueFullError when 8 MiB wait already; nothing was sent, await `ready()`.
   * @throws ChannelClosedError when the channel is closing or closed.
   * @throws RecordTooLargeError beyond 16 MiB.
   */
  send(record: string | ArrayBufferLike | ArrayBufferView): void;

  /** Stop the delivery of records, and of `closed` behind them; the sender is held back, nothing is lost. */
  pause(): void;

  /** Go on delivering. */
  resume(): void;

  /**
   * Close behind what was sent. No `message` is emitted from now on.
   *
   * @param code - 1000 to 4999; 1000 unless given.
   * @param reason - Text for people; it is cut at 123 UTF-8 bytes.
   *
   * @throws TypeError when `code` is no integer or `reason` no string.
   * @throws RangeError when `code` is not 1000 to 4999.
   */
  close(code?: number, reason?: string): void;

  /**
   * Discard what was not written yet and close at once. No `message` is emitted
   * from now on.
   *
   * @param code - 1000 to 4999; 1000 unless given.
   * @param reason - Text for people; it is cut at 123 UTF-8 bytes.
   *
   * @throws TypeError when `code` is no integer or `reason` no string.
   * @throws RangeError when `code` is not 1000 to 4999.
   */
  abort(code?: number, reason?: string): void;
}

/** How a channel ended. */
export interface IChannelEnd {
  /** `discontinuity`: the session ended (server restarted, expiry, protocol error), or the page is being left. */
  readonly kind: 'closed' | 'refused' | 'discontinuity';
  /** The close code; 1006 for a discontinuity. */
  readonly code: number;
  readonly reason: string;
  /** Records sent that reached the server's memory (only counted for a discontinuity). */
  readonly acknowledged: number;
  /** Records written whole and never acknowledged. */
  readonly perhapsDelivered: number;
  /** Records of which the server cannot have the whole. */
  readonly neverWritten: number;
}

/**
 * - `connecting`: for the first time;
 * - `connected`: records flow;
 * - `reconnecting`: it was lost and comes back by itself;
 * - `sleeping`: the page is hidden and idle, the socket is closed on purpose;
 * - `stopped`: nothing is tried any more until `reconnect()`;
 * - `disposed`: over.
 */
export type ConnectionState =
  | 'connecting'
  | 'connected'
  | 'reconnecting'
  | 'sleeping'
  | 'stopped'
  | 'disposed';

/** Why the connection is not there; `''` while it is, and where nothing has failed. */
export type ConnectionCause =
  | ''
  | 'network' // the socket ended without a word
  | 'restarting' // the server said it goes
  | 'protocol' // one end broke the protocol
  | 'session-lost' // the server no longer holds the session
  | 'version' // no common version, said by the server
  | 'incompatible' // no common version, said by the probe
  | 'silent' // an end heard nothing for too long
  | 'taken' // another socket has the session, or the request was old
  | 'too-many' // too many sessions of this user
  | 'login' // the login has expired
  | 'missing' // the server extension is missing or disabled
  | 'stopped' // the hub stopped the server
  | 'down' // a proxy answers, the server does not
  | 'unreachable' // nothing answers
  | 'busy' // accepted, no answer in time
  | 'blocked'; // the probe answers, WebSockets never do

/** Where the connection stands, whole and immutable. */
export interface IConnectionStatus {
  readonly state: ConnectionState;
  readonly cause: ConnectionCause;
  /** Attempts spent; given back when a socket of at least 5 s has proved that it works. */
  readonly attempt: number;
  /** Attempts after which the user is asked; 0: never by their number. */
  readonly maxAttempts: number;
  /** When the next try starts, on the clock of `performance.now()`; null: none waits. */
  readonly nextTryMs: number | null;
  /** Whether a try is under way (a probe or a socket). */
  readonly trying: boolean;
  /** Whether that try is a probe, by HTTP. */
  readonly probing: boolean;
  /**
   * When the connection was lost or first failed, on the clock of `performance.now()`;
   * null while it is there or asleep, and before anything has failed.
   */
  readonly cutMs: number | null;
  /** Whether a person is needed: attempts used up, or a cause that does not mend itself. */
  readonly question: 'none' | 'attempts' | 'permanent';
}

/** A snapshot for people and reports. No token, cookie or user name in it. */
export interface IConnectionDiagnostics {
  readonly status: IConnectionStatus;
  /** Process of the server, by its last welcome. */
  readonly instance: string | null;
  readonly protocol: string;
  /** When the current connection was welcomed, by `Date.now()`; null while there is none. */
  readonly connectedSince: number | null;
  /** Sockets that resumed the session. */
  readonly resumes: number;
  /** Sessions that were lost (restart, expiry, protocol error). */
  readonly discontinuities: number;
  /** Records of this page that ended with a lost session before the server acknowledged them. */
  readonly recordsLost: number;
  /** The last session that was lost; null: none. */
  readonly lastLoss: ISessionLoss | null;
  /** Longest time for which the connection was lost, sleep aside, in milliseconds. */
  readonly longestCutMs: number;
  /** Of the last heartbeat; null before the first. */
  readonly roundTripMs: number | null;
  /** The round trips of the last five minutes, oldest first, with a gap for each cut. */
  readonly roundTrips: ReadonlyArray<IRoundTrip>;
  /** The heartbeat in force now, shown or hidden, after adaptation to an idle proxy. */
  readonly heartbeatIntervalMs: number;
  /** The silence after which a proxy on the way cuts, in milliseconds; null: none was found. */
  readonly silenceLimitMs: number | null;
  /** Units of the current session, its own included: records, or pieces of at most 16 KiB of larger ones. */
  readonly unitsSent: number;
  /** See `unitsSent`. */
  readonly unitsReceived: number;
  /** Units sent that the server has not acknowledged. */
  readonly unitsInFlight: number;
  /** What uses the connection, in the order of its opening. */
  readonly channels: ReadonlyArray<IChannelDiagnostics>;
  /** See `IGuard.extensions`. */
  readonly guarded: ReadonlyArray<IGuardedExtension>;
  /** The last 200 events, oldest first. */
  readonly events: ReadonlyArray<IConnectionEvent>;
}

/** What is known of a channel. */
export interface IChannelDiagnostics {
  /** What people call it. */
  readonly name: string;
  readonly state: IChannel['state'];
  /** Time since it carried a record either way, or was opened, in milliseconds. */
  readonly idleMs: number;
}

/** A session that was lost. */
export interface ISessionLoss {
  /** By `Date.now()`. */
  readonly time: number;
  /** Whether the server is another process now. */
  readonly restarted: boolean;
  /** Names of what has ended and had carried a record in the last minute of the line, or is among `unacknowledged`. */
  readonly channels: ReadonlyArray<string>;
  /** What had been sent and was not acknowledged; each name once. */
  readonly unacknowledged: ReadonlyArray<IUnacknowledged>;
}

/** Records that were sent under a name and did not certainly arrive. */
export interface IUnacknowledged {
  readonly name: string;
  /** See `IChannelEnd.perhapsDelivered`. */
  readonly perhapsDelivered: number;
  /** See `IChannelEnd.neverWritten`. */
  readonly neverWritten: number;
}

/** One heartbeat and its answer. */
export interface IRoundTrip {
  /** By `Date.now()`. */
  readonly time: number;
  /** How long it took; null: the connection was cut here. */
  readonly ms: number | null;
}

/** Something that happened to the connection. */
export interface IConnectionEvent {
  /** By `Date.now()`. */
  readonly time: number;
  readonly kind: string;
  readonly detail: string;
}

/** The values of the settings, clamped. Times are whole milliseconds. */
export interface IConnectionSettings {
  /** Time without proof of the way out after which a visible page asks for it; 1,000 to 60,000, 5,000 by default. */
  readonly heartbeatIntervalMs: number;
  /** The same for a hidden page, never less than for a visible one; 5,000 to 120,000, 25,000 by default. */
  readonly hiddenHeartbeatIntervalMs: number;
  /** How long an answer may take before the line counts as dead; 1,000 to 30,000, 3,000 by default. */
  readonly answerTimeoutMs: number;
  /** The longest wait after the first attempt has failed; it doubles from then on; 100 to 60,000, 1,000 by default. */
  readonly baseDelayMs: number;
  /** Where doubling stops for the first two minutes, never below `baseDelayMs`; 1,000 to 300,000, 8,000 by default. */
  readonly delayCapMs: number;
  /** Attempts after which the user is asked, though not before 30 s; 0: never by their number; 0 to 100, 5 by default. */
  readonly maxAttempts: number;
  /** Whether attempts go on behind the question. */
  readonly retryWhileAsking: boolean;
  /** Whether the heartbeat is lowered where something on the way cuts silent connections. */
  readonly adaptToProxy: boolean;
  /** Whether the interface, not JupyterLab's own dialog, tells of a lost server. */
  readonly replaceServerErrorDialog: boolean;
}
