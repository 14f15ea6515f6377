import type { Channel, Message } from './channel';
import type { IConnectorDriver } from './driver';
import { ProtocolError } from './errors';
import { type IWelcome, decode, encodeControl } from './frames';
import type { IResumeRequest } from './handshake';
import {
  CONNECT_TIMEOUT_LIMIT_MS,
  CONNECT_TIMEOUT_MS,
  CloseCode,
  LATE_TIMER_MS,
  PROBE_TIMEOUT_MS,
  SUBPROTOCOL
} from './limits';
import { Liveness } from './liveness';
import { type IMoment, type IStep, Outage } from './outage';
import { type ICloseVerdict, type ProbeAnswer, classifyClose } from './retry';
import { type ISessionListener, Session } from './session';
import { IdleProxyDetector } from './silence';
import { ConnectorOptions, type IStatus } from './status';

/** A socket must have lived so long before a proof gives attempts back (R8). */
export const ATTEMPTS_BACK_MS = 5_000;
/** The user is asked no earlier than this after the cut (R9). */
export const ASK_AFTER_MS = 30_000;
/** A try older than this is replaced when the network or the machine comes back (R7). */
export const REPLACE_AFTER_MS = 3_000;

/** Why a session ended, by the code of its socket. */
const ENDINGS: Readonly<Record<number, string>> = {
  4404: 'the server no longer holds the session',
  4409: 'the session id was taken',
  4410: 'the server ended the session'
};

/**
 * One AI connection of one page: gets sockets for the session and keeps it alive
 * (H, L, S, R).
 *
 * #### Notes
 * Sans I/O: a driver opens sockets and probes, and calls back what became of
 * them; time and randomness are passed in.
 */
export class Connector implements ISessionListener {
  /**
   * Begin idle.
   *
   * @param driver - the shell.
   * @param random - returns a number in [0, 1).
   * @param options - settings; the defaults unless given.
   * @param proxy - what was learned of this host before.
   */
  constructor(
    readonly driver: IConnectorDriver,
    random: () => number,
    readonly options = new ConnectorOptions(),
    readonly proxy = new IdleProxyDetector()
  ) {
    this._outage = new Outage(options, random);
    this._sid = driver.randomSid();
    this.session = new Session('page', this);
    this.applyOptions();
  }

  /** The current session; replaced when the server no longer holds it (H9). */
  session: Session;

  /** Where the connection stands. */
  status: IStatus = {
    state: 'idle',
    cause: '',
    attempt: 0,
    nextTryMs: null,
    cutMs: null,
    question: 'none'
  };

  /** Judges the current socket. */
  readonly liveness = new Liveness();

  /** Sockets that resumed a session. */
  resumes = 0;

  /** What the server announced in its last `welcome`. */
  limits: Readonly<Record<string, number>> = {};

  /** Server process of the last `welcome`. */
  instance: string | null = null;

  /** Whether the page is hidden. */
  hidden = false;

  // -- For the owner -----------------------------------------------------------

  /** Open the first socket. */
  start(nowMs: number): void {
    if (this.status.state === 'idle') {
      this._nowMs = this._hiddenMs = nowMs;
      this._openSocket();
    }
  }

  /** Open a channel on the current session; see `Session.open`. */
  open(service: string, parameters?: Record<string, unknown>): Channel {
    return this.session.open(service, parameters);
  }

  /**
   * Start a try now, in any state, replacing any (R7). A person asked: attempts
   * are fresh.
   */
  reconnect(nowMs: number): void {
    const { state, cutMs } = this.status;
    if (state !== 'disposed') {
      this._nowMs = nowMs;
      this._abandon('reconnect');
      this._outage.startOver();
      this._setStatus({ attempt: 0, cutMs: cutMs ?? nowMs, question: 'none' });
      this._freeTry = false;
      this._try();
    }
  }

  /** Say `bye`, close, end every channel. Nothing happens afterwards (H10). */
  dispose(nowMs: number): void {
    const { state } = this.status;
    if (state === 'disposed') {
      return;
    }
    this._nowMs = nowMs;
    if (state === 'connected') {
      this.flush(nowMs);
    }
    if (this.status.state === 'connected' && this._socket !== null) {
      this.driver.write(this._socket, [encodeControl({ type: 'bye' })]);
    }
    this._abandon('bye', CloseCode.NORMAL);
    this._setStatus({
      state: 'disposed',
      cause: '',
      nextTryMs: null,
      cutMs: null,
      question: 'none'
    });
    this.session.end('the connection was closed');
  }

  /** Take over changed `options` at once. */
  applyOptions(): void {
    const { liveness, options, proxy } = this;
    liveness.heartbeatIntervalMs = proxy.heartbeatMs(
      options.heartbeatIntervalMs
    );
    liveness.hiddenHeartbeatIntervalMs = proxy.heartbeatMs(
      options.hiddenHeartbeatIntervalMs
    );
    liveness.answerTimeoutMs = options.answerTimeoutMs;
  }

  /** What to post to the probe's address when the page goes while cut (H10). */
  get byeRequest(): IResumeRequest | null {
    return this._epoch === undefined ? null : this._request(0);
  }

  // -- The page's life ---------------------------------------------------------

  /** Handle `online` or waking from sleep (R7). */
  cameBack(nowMs: number): void {
    this._nowMs = nowMs;
    if (this.hidden && this.status.state === 'sleeping') {
      return; // L8: nobody looks
    }
    if (this._underWay && nowMs - this._tryMs > REPLACE_AFTER_MS) {
      this._abandon('network back');
      this._freeTry = true;
      this._try();
    } else {
      this._nudge();
    }
  }

  /** Handle becoming visible or `pageshow` (R7, L8). */
  shown(nowMs: number): void {
    this._nowMs = nowMs;
    this.hidden = this.liveness.hidden = false;
    this._nudge();
  }

  /** Handle becoming hidden (L2, L8). */
  hid(nowMs: number): void {
    this._nowMs = nowMs;
    if (!this.hidden) {
      this.hidden = this.liveness.hidden = true;
      this._hiddenMs = nowMs;
    }
  }

  /** Close the socket, keep the session: the page is being frozen (L8). */
  park(nowMs: number): void {
    this._nowMs = nowMs;
    if (!['disposed', 'stopped', 'idle'].includes(this.status.state)) {
      this._abandon('sleeping', CloseCode.NORMAL);
      this._setStatus({
        state: 'sleeping',
        cause: '',
        nextTryMs: null,
        cutMs: null,
        question: 'none'
      });
    }
  }

  // -- From the driver ---------------------------------------------------------

  /**
   * Handle that the upgrade was answered (V2).
   *
   * @param protocol - the subprotocol chosen.
   */
  socketOpened(socketId: number, protocol: string, nowMs: number): void {
    if (socketId === this._socket && protocol !== SUBPROTOCOL) {
      this._nowMs = nowMs;
      this.driver.closeSocket(socketId, CloseCode.VERSION, 'version');
      this._lose(CloseCode.VERSION);
    }
  }

  /** Take in one message; of a socket no longer current it is dropped (S1). */
  socketMessage(socketId: number, message: Message, nowMs: number): void {
    if (socketId !== this._socket) {
      return;
    }
    this._nowMs = this._activeMs = nowMs;
    const { session } = this;
    try {
      const frame = decode(message);
      if (this.status.state === 'connected') {
        session.receive(frame, nowMs);
      } else if (!Array.isArray(frame) && frame.type === 'welcome') {
        this._welcomed(frame, socketId);
      } else {
        throw new ProtocolError('H3', 'no welcome');
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error;
      }
      if (session === this.session) {
        this._abandon(error.reason, CloseCode.PROTOCOL_ERROR);
        this._lose(CloseCode.PROTOCOL_ERROR);
      }
    }
  }

  /** Handle the end of a socket. */
  socketClosed(socketId: number, code: number, nowMs: number): void {
    if (socketId !== this._socket) {
      return;
    }
    this._nowMs = nowMs;
    if (
      this.status.state === 'connected' &&
      (code === CloseCode.ABNORMAL || code === CloseCode.NO_STATUS)
    ) {
      this.proxy.cut(nowMs - this._lastActivityMs());
      this.applyOptions();
    }
    this._lose(code);
  }

  /** Handle what the probe found (R4). */
  probeAnswered(probeId: number, answer: ProbeAnswer, nowMs: number): void {
    if (probeId === this._probe) {
      this._nowMs = nowMs;
      this._probe = null;
      this._judgeProbe(answer, false);
    }
  }

  /** Write what waits; called by the driver after `flushWanted`. */
  flush(nowMs: number): void {
    this._nowMs = nowMs;
    if (this.status.state === 'sleeping' && this.session.hasUnsent) {
      this._freeTry = true;
      this._try();
    }
    const socketId = this._socket;
    const frames = this.session.flush(nowMs);
    if (socketId !== null && socketId === this._socket && frames.length) {
      this._write(socketId, frames);
    }
  }

  /** When `tick` must be called next; infinite: not at all. */
  get nextMs(): number {
    const { state, nextTryMs } = this.status;
    if (state === 'connected') {
      return Math.min(
        this.liveness.nextCheckMs,
        this.session.nextMs,
        this._sleepMs()
      );
    }
    return Math.min(
      this._askMs(),
      this._underWay
        ? this._deadlineMs
        : state === 'waiting'
          ? (nextTryMs ?? Infinity)
          : Infinity
    );
  }

  /** Do what has fallen due by time. */
  tick(nowMs: number): void {
    this._nowMs = nowMs;
    if (nowMs >= this._askMs()) {
      this._ask();
    }
    const { state, nextTryMs } = this.status;
    if (state === 'waiting' && nowMs >= (nextTryMs ?? 0)) {
      this._try();
    } else if (this._underWay && nowMs >= this._deadlineMs) {
      this._timeOut();
    } else if (state === 'connected') {
      this._tickConnected();
    }
  }

  // -- From the session --------------------------------------------------------

  /** Pass on the session's wish. */
  flushWanted(): void {
    this.driver.flushWanted();
  }

  /** Pass on what a listener threw (C6). */
  handlerFailed(error: unknown): void {
    this.driver.handlerFailed(error);
  }

  /** Note a proof (L1, R8). */
  pong(pingId: number): void {
    if (this.liveness.pong(pingId, this._nowMs)) {
      this._proved();
    }
  }

  /** Note a proof (L1, R8). */
  acknowledged(outstanding: boolean): void {
    this.liveness.inFlightCost = this.session.log.cost;
    this.liveness.ackAdvanced(outstanding, this._nowMs);
    this._proved();
  }

  /** Note that bulk comes in (L3). */
  unitsReceived(cost: number): void {
    this.liveness.unitsReceived(cost, this._nowMs);
  }

  // -- Private: tries ----------------------------------------------------------

  private get _underWay(): boolean {
    const { state } = this.status;
    return state === 'connecting' || state === 'probing';
  }

  private _nudge(): void {
    const { state } = this.status;
    if (state === 'connected') {
      if (!this.liveness.pingOutstanding) {
        this._ping();
      }
    } else if (state === 'waiting' || state === 'sleeping') {
      this._freeTry = state === 'sleeping';
      this._try();
    }
  }

  /** Start a try: a probe once a socket has failed (R3), else a socket. */
  private _try(): void {
    if (!this._freeTry) {
      this._setStatus({ attempt: this.status.attempt + 1 });
    }
    this._freeTry = false;
    this._tryMs = this._nowMs;
    if (this._outage.byProbe) {
      this._probe = ++this._nextId;
      this._deadlineMs = this._nowMs + PROBE_TIMEOUT_MS;
      this._setStatus({ state: 'probing', nextTryMs: null });
      this.driver.openProbe(this._probe);
    } else {
      this._openSocket();
    }
  }

  private _openSocket(): void {
    this._socket = ++this._nextId;
    this._serial++;
    this._tryMs = this._nowMs;
    this._deadlineMs = this._nowMs + this._connectTimeoutMs;
    const request = this._request(
      this._epoch === undefined ? 0 : this.session.receipts.received
    );
    this._setStatus({ state: 'connecting', nextTryMs: null });
    this.driver.openSocket(this._socket, request);
  }

  private _request(received: number): IResumeRequest {
    return {
      sid: this._sid,
      epoch: this._epoch,
      received,
      serial: this._serial
    };
  }

  /** A time-out spends an attempt and is followed at once by the next try (R6). */
  private _timeOut(): void {
    if (this._probe !== null) {
      this.driver.dropProbe(this._probe);
      this._probe = null;
      this._judgeProbe('busy', true);
    } else if (this._socket !== null) {
      this._connectTimeoutMs = Math.min(
        this._connectTimeoutMs * 2,
        CONNECT_TIMEOUT_LIMIT_MS
      );
      this.driver.closeSocket(this._socket, CloseCode.SILENT, 'no welcome');
      this._lose(CloseCode.ABNORMAL, true);
    }
  }

  private _judgeProbe(answer: ProbeAnswer, timedOut: boolean): void {
    const step = this._outage.probed(
      answer,
      this._moment(timedOut),
      this._nowMs
    );
    if (step) {
      this._follow(step);
    } else {
      this._openSocket();
    }
  }

  /** The socket is gone: decide what comes next (R1, R2). */
  private _lose(code: number, timedOut = false): void {
    const wasConnected = this.status.state === 'connected';
    this._socket = null;
    this.session.detach();
    const verdict = this._judgeClose(code);
    this._setStatus({ cutMs: this.status.cutMs ?? this._nowMs });
    const old = this.session;
    if (verdict.session === 'ended') {
      this._replaceSession();
    }
    const step = this._outage.socketFailed(
      verdict,
      wasConnected,
      this._moment(timedOut)
    );
    if (verdict.spendsAttempt) {
      this._follow(step);
    } else {
      this._startOver(verdict.cause);
    }
    if (old !== this.session) {
      this._endSession(
        old,
        ENDINGS[code] ?? 'the connection broke the protocol'
      );
    }
  }

  private _judgeClose(code: number): ICloseVerdict {
    // Nobody can lose a session that was not asked for: without this a server that
    // answers so for ever would be asked for ever, without a pause.
    const unasked = code === CloseCode.UNKNOWN && this._epoch === undefined;
    return classifyClose(unasked ? CloseCode.PROTOCOL_ERROR : code);
  }

  /** Connect at once with a new sid; spends no attempt (H9). */
  private _startOver(cause: string): void {
    this._setStatus({ state: 'waiting', cause, nextTryMs: this._nowMs });
    this._freeTry = true;
    this._outage.startOver();
    this._try();
  }

  private _moment(timedOut: boolean): IMoment {
    const { attempt, cutMs } = this.status;
    return {
      timedOut,
      attempt,
      cutMs: cutMs === null ? 0 : this._nowMs - cutMs
    };
  }

  /** Wait for the next try, ask, or stop, as the outage says (R9). */
  private _follow({ delayMs, cause, question, stop }: IStep): void {
    if (question === 'none') {
      question = this.status.question;
    }
    stop ||= question !== 'none' && !this.options.retryWhileAsking;
    this._setStatus({
      state: stop ? 'stopped' : 'waiting',
      cause,
      nextTryMs: stop ? null : this._nowMs + delayMs,
      question
    });
  }

  private _askMs(): number {
    const { attempt, cutMs, question, state } = this.status;
    const { maxAttempts } = this.options;
    return cutMs !== null &&
      question === 'none' &&
      maxAttempts &&
      attempt >= maxAttempts &&
      (state === 'waiting' || this._underWay)
      ? cutMs + ASK_AFTER_MS
      : Infinity;
  }

  /** Ask the user, attempts being used up (R9). */
  private _ask(): void {
    this._setStatus({ question: 'attempts' });
    if (!this.options.retryWhileAsking) {
      this._abandon('asking');
      this._setStatus({ state: 'stopped', nextTryMs: null });
    }
  }

  // -- Private: connected ------------------------------------------------------

  private _welcomed(welcome: IWelcome, socketId: number): void {
    const { epoch, instance, received, resumed, serial } = welcome;
    if (serial !== this._serial) {
      throw new ProtocolError('S3', 'wrong serial');
    }
    const restarted = this.instance !== null && instance !== this.instance;
    const asked = this._epoch !== undefined;
    this.instance = instance;
    if (asked && epoch === undefined && !resumed) {
      const old = this.session;
      this._abandon('', CloseCode.NORMAL);
      this._replaceSession();
      this._startOver('session-lost');
      this._endSession(
        old,
        restarted ? 'the server was restarted' : ENDINGS[4404]
      );
      return;
    }
    if (
      epoch === undefined ||
      resumed !== asked ||
      (resumed && epoch !== this._epoch)
    ) {
      throw new ProtocolError('H4', 'wrong welcome');
    }
    this.session.attach(received, this._nowMs);
    this._epoch = epoch;
    this.limits = welcome.limits;
    this.resumes += resumed ? 1 : 0;
    this._settle(socketId);
  }

  private _settle(socketId: number): void {
    this._outage.welcomed();
    this._welcomedMs = this._usedMs = this._nowMs;
    this._connectTimeoutMs = CONNECT_TIMEOUT_MS;
    this.liveness.start(this._nowMs);
    this._write(socketId, [this.session.ping(this.liveness.ping(this._nowMs))]);
    this._setStatus({
      state: 'connected',
      cause: '',
      nextTryMs: null,
      cutMs: null,
      question: 'none'
    });
    this.flush(this._nowMs);
  }

  private _proved(): void {
    if (this._nowMs - this._welcomedMs >= ATTEMPTS_BACK_MS) {
      this._setStatus({ attempt: 0 });
    }
  }

  private _tickConnected(): void {
    const verdict = this.liveness.check(this._nowMs);
    if (verdict === 'dead' && this._socket !== null) {
      this.driver.closeSocket(
        this._socket,
        CloseCode.SILENT,
        'no answer in time'
      );
      this._lose(CloseCode.ABNORMAL);
      return;
    }
    if (verdict === 'ping') {
      this._ping();
    }
    this.session.tick(this._nowMs);
    if (this._nowMs >= this._sleepMs()) {
      this.park(this._nowMs);
    }
  }

  private _sleepMs(): number {
    const { sleepAfterMs } = this.options;
    if (!this.hidden || sleepAfterMs <= 0) {
      return Infinity;
    }
    if (this.session.unitsMoved !== this._unitsMoved) {
      this._unitsMoved = this.session.unitsMoved;
      this._usedMs = this._nowMs;
    }
    return Math.max(this._usedMs, this._hiddenMs) + sleepAfterMs;
  }

  private _ping(): void {
    if (this._socket !== null) {
      this._activeBeforePingMs = this._activeMs;
      this._pingedMs = this._nowMs;
      this._write(this._socket, [
        this.session.ping(this.liveness.ping(this._nowMs))
      ]);
    }
  }

  /**
   * When the line last carried anything; a ping that just lost a race does not
   * count (L7).
   */
  private _lastActivityMs(): number {
    return this.liveness.pingOutstanding &&
      this._activeMs === this._pingedMs &&
      this._nowMs - this._pingedMs < LATE_TIMER_MS
      ? this._activeBeforePingMs
      : this._activeMs;
  }

  private _write(socketId: number, frames: Message[]): void {
    const { cost } = this.session.log;
    this._activeMs = this._nowMs;
    this.liveness.inFlightCost = cost;
    if (cost) {
      this.liveness.unitWritten(this._nowMs);
    }
    this.driver.write(socketId, frames);
  }

  // -- Private: state ----------------------------------------------------------

  /** Drop whatever socket or probe there is; the session stays. */
  private _abandon(reason: string, code: number = CloseCode.SILENT): void {
    this.session.detach();
    const socket = this._socket;
    const probe = this._probe;
    this._socket = this._probe = null;
    if (socket !== null) {
      this.driver.closeSocket(socket, code, reason);
    }
    if (probe !== null) {
      this.driver.dropProbe(probe);
    }
  }

  private _replaceSession(): void {
    this.session = new Session('page', this, this.session.nextChannel);
    this._sid = this.driver.randomSid();
    this._epoch = undefined;
    this._unitsMoved = 0;
  }

  /** Tell the owners, when all else is done: they may do anything. */
  private _endSession(old: Session, reason: string): void {
    old.end(reason);
    this.driver.sessionReplaced(this.session);
  }

  private _setStatus(changes: Partial<IStatus>): void {
    const status = { ...this.status, ...changes };
    const names = Object.keys(changes) as (keyof IStatus)[];
    if (names.some(name => status[name] !== this.status[name])) {
      this.status = status;
      this.driver.statusChanged(status);
    }
  }

  private _outage: Outage;
  private _nowMs = 0;
  private _sid: string;
  // Absent: a new session is asked for.
  private _epoch: string | undefined;
  private _serial = 0;
  private _nextId = 0;
  // The one connecting or connected.
  private _socket: number | null = null;
  private _probe: number | null = null;
  // The next try spends no attempt.
  private _freeTry = false;
  // When the current try started, and when it times out.
  private _tryMs = 0;
  private _deadlineMs = Infinity;
  private _connectTimeoutMs: number = CONNECT_TIMEOUT_MS;
  private _welcomedMs = Infinity;
  // Last byte either way, and the same before the last ping.
  private _activeMs = 0;
  private _activeBeforePingMs = 0;
  private _pingedMs = 0;
  // When a channel was last seen to have carried units, and how many (L8).
  private _usedMs = 0;
  private _unitsMoved = 0;
  private _hiddenMs = 0;
}
