import type { Channel, Message } from './channel';
import type { IConnectorDriver } from './driver';
import { ProtocolError, broken } from './errors';
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
import { ConnectorOptions, type IStatus, type State } from './status';

/** A socket must have lived so long before a proof gives attempts back (R8). */
const ATTEMPTS_BACK_MS = 5_000;
/** The user is asked no earlier than this after the cut (R9). */
export const ASK_AFTER_MS = 30_000;
/** A try older than this is replaced when the network or the machine comes back (R7). */
const REPLACE_AFTER_MS = 3_000;

/** Why a session ended, by the code of its socket. */
const ENDINGS: Readonly<Record<number, string>> = {
  4404: 'the server no longer holds the session',
  4409: 'the session id was taken',
  4410: 'the server ended the session'
};

/** Nothing is wrong and nothing is waited for. */
const AT_REST = {
  cause: '',
  nextTryMs: null,
  cutMs: null,
  question: 'none'
} as const;

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
    this.#outage = new Outage(options, random);
    this.#sid = driver.randomSid();
    this.session = new Session(this);
    this.applyOptions();
  }

  /** The current session; replaced when the server no longer holds it (H9). */
  session: Session;

  /** Where the connection stands. */
  status: IStatus = { ...AT_REST, state: 'idle', attempt: 0 };

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
      this.#nowMs = this.#hiddenMs = nowMs;
      this.#openSocket();
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
      this.#nowMs = nowMs;
      this.#abandon('reconnect');
      this.#outage.startOver();
      this.#setStatus({ attempt: 0, cutMs: cutMs ?? nowMs, question: 'none' });
      this.#try();
    }
  }

  /** Say `bye`, close, end every channel. Nothing happens afterwards (H10). */
  dispose(nowMs: number): void {
    const { state } = this.status;
    if (state === 'disposed') {
      return;
    }
    this.#nowMs = nowMs;
    if (state === 'connected') {
      this.flush(nowMs);
    }
    if (this.status.state === 'connected') {
      this.#write([encodeControl({ type: 'bye' })]);
    }
    this.#abandon('bye', CloseCode.NORMAL);
    this.#setStatus({ ...AT_REST, state: 'disposed' });
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
    return this.#epoch === undefined ? null : this.#request;
  }

  // -- The page's life ---------------------------------------------------------

  /** Handle `online` or waking from sleep (R7). */
  cameBack(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.hidden && this.status.state === 'sleeping') {
      return; // L8: nobody looks
    }
    if (this.#underWay && nowMs - this.#tryMs > REPLACE_AFTER_MS) {
      this.#abandon('network back');
      this.#try(true);
    } else {
      this.#nudge();
    }
  }

  /** Handle becoming visible or `pageshow` (R7, L8). */
  shown(nowMs: number): void {
    this.#nowMs = nowMs;
    this.hidden = this.liveness.hidden = false;
    this.#nudge();
  }

  /** Handle becoming hidden (L2, L8). */
  hid(nowMs: number): void {
    this.#nowMs = nowMs;
    if (!this.hidden) {
      this.hidden = this.liveness.hidden = true;
      this.#hiddenMs = nowMs;
    }
  }

  /** Close the socket, keep the session: the page is being frozen (L8). */
  park(nowMs: number): void {
    this.#nowMs = nowMs;
    if (!['disposed', 'stopped', 'idle'].includes(this.status.state)) {
      this.#abandon('sleeping', CloseCode.NORMAL);
      this.#setStatus({ ...AT_REST, state: 'sleeping' });
    }
  }

  // -- From the driver ---------------------------------------------------------

  /**
   * Handle that the upgrade was answered (V2).
   *
   * @param protocol - the subprotocol chosen.
   */
  socketOpened(socketId: number, protocol: string, nowMs: number): void {
    if (socketId === this.#socket && protocol !== SUBPROTOCOL) {
      this.#nowMs = nowMs;
      this.#abandon('version', CloseCode.VERSION);
      this.#lose(CloseCode.VERSION);
    }
  }

  /** Take in one message; of a socket no longer current it is dropped (S1). */
  socketMessage(socketId: number, message: Message, nowMs: number): void {
    if (socketId !== this.#socket) {
      return;
    }
    this.#nowMs = this.#activeMs = nowMs;
    const { session } = this;
    try {
      const frame = decode(message);
      if (this.status.state === 'connected') {
        session.receive(frame, nowMs);
      } else if (!Array.isArray(frame) && frame.type === 'welcome') {
        this.#welcomed(frame);
      } else {
        broken('H3', 'no welcome');
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error;
      }
      if (session === this.session) {
        this.#abandon(error.reason, CloseCode.PROTOCOL_ERROR);
        this.#lose(CloseCode.PROTOCOL_ERROR);
      }
    }
  }

  /** Handle the end of a socket. */
  socketClosed(socketId: number, code: number, nowMs: number): void {
    if (socketId !== this.#socket) {
      return;
    }
    this.#nowMs = nowMs;
    if (
      this.status.state === 'connected' &&
      (code === CloseCode.ABNORMAL || code === CloseCode.NO_STATUS)
    ) {
      this.proxy.cut(nowMs - this.#lastActivityMs());
      this.applyOptions();
    }
    this.#lose(code);
  }

  /** Handle what the probe found (R4). */
  probeAnswered(probeId: number, answer: ProbeAnswer, nowMs: number): void {
    if (probeId === this.#probe) {
      this.#nowMs = nowMs;
      this.#probe = null;
      this.#judgeProbe(answer, false);
    }
  }

  /** Write what waits; called by the driver after `flushWanted`. */
  flush(nowMs: number): void {
    this.#nowMs = nowMs;
    if (this.status.state === 'sleeping' && this.session.hasUnsent) {
      this.#try(true);
    }
    const socketId = this.#socket;
    const frames = this.session.flush(nowMs);
    if (socketId === this.#socket && frames.length) {
      this.#write(frames);
    }
  }

  /** When `tick` must be called next; infinite: not at all. */
  get nextMs(): number {
    const { state, nextTryMs } = this.status;
    if (state === 'connected') {
      return Math.min(
        this.liveness.nextCheckMs,
        this.session.nextMs,
        this.#sleepMs()
      );
    }
    return Math.min(
      this.#askMs(),
      this.#underWay ? this.#deadlineMs : (nextTryMs ?? Infinity)
    );
  }

  /** Do what has fallen due by time. */
  tick(nowMs: number): void {
    this.#nowMs = nowMs;
    if (nowMs >= this.#askMs()) {
      this.#ask();
    }
    const { state, nextTryMs } = this.status;
    if (nextTryMs !== null && nowMs >= nextTryMs) {
      this.#try();
    } else if (this.#underWay && nowMs >= this.#deadlineMs) {
      this.#timeOut();
    } else if (state === 'connected') {
      this.#tickConnected();
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
    if (this.liveness.pong(pingId, this.#nowMs)) {
      this.#proved();
    }
  }

  /** Note a proof (L1, R8). */
  acknowledged(outstanding: boolean): void {
    this.liveness.inFlightCost = this.session.log.cost;
    this.liveness.ackAdvanced(outstanding, this.#nowMs);
    this.#proved();
  }

  /** Note that bulk comes in (L3). */
  unitsReceived(cost: number): void {
    this.liveness.unitsReceived(cost, this.#nowMs);
  }

  // -- Private: tries ----------------------------------------------------------

  get #underWay(): boolean {
    const { state } = this.status;
    return state === 'connecting' || state === 'probing';
  }

  #nudge(): void {
    const { state } = this.status;
    if (state === 'connected') {
      if (!this.liveness.pingOutstanding) {
        this.#ping();
      }
    } else if (state === 'waiting' || state === 'sleeping') {
      this.#try(state === 'sleeping');
    }
  }

  /**
   * Start a try: a probe once a socket has failed (R3), else a socket.
   *
   * @param free - whether it spends no attempt.
   */
  #try(free = false): void {
    if (!free) {
      this.#setStatus({ attempt: this.status.attempt + 1 });
    }
    if (this.#outage.byProbe) {
      this.#probe = this.#begin('probing', PROBE_TIMEOUT_MS);
      this.driver.openProbe(this.#probe);
    } else {
      this.#openSocket();
    }
  }

  #openSocket(): void {
    this.#serial++;
    this.#socket = this.#begin('connecting', this.#connectTimeoutMs);
    this.driver.openSocket(this.#socket, this.#request);
  }

  /** Note that a try is under way; return the id of its socket or probe. */
  #begin(state: State, timeoutMs: number): number {
    this.#tryMs = this.#nowMs;
    this.#deadlineMs = this.#nowMs + timeoutMs;
    this.#setStatus({ state, nextTryMs: null });
    return ++this.#nextId;
  }

  get #request(): IResumeRequest {
    return {
      sid: this.#sid,
      epoch: this.#epoch,
      received: this.session.receipts.received,
      serial: this.#serial
    };
  }

  /** A time-out spends an attempt and is followed at once by the next try (R6). */
  #timeOut(): void {
    const probing = this.#probe !== null;
    this.#abandon('no welcome');
    if (probing) {
      this.#judgeProbe('busy', true);
    } else {
      this.#connectTimeoutMs = Math.min(
        this.#connectTimeoutMs * 2,
        CONNECT_TIMEOUT_LIMIT_MS
      );
      this.#lose(CloseCode.ABNORMAL, true);
    }
  }

  #judgeProbe(answer: ProbeAnswer, timedOut: boolean): void {
    const step = this.#outage.probed(
      answer,
      this.#moment(timedOut),
      this.#nowMs
    );
    if (step) {
      this.#follow(step);
    } else {
      this.#openSocket();
    }
  }

  /** The socket is gone: decide what comes next (R1, R2). */
  #lose(code: number, timedOut = false): void {
    const wasConnected = this.status.state === 'connected';
    this.#socket = null;
    this.session.detach();
    const verdict = this.#judgeClose(code);
    this.#setStatus({ cutMs: this.status.cutMs ?? this.#nowMs });
    const old = this.session;
    if (verdict.session === 'ended') {
      this.#replaceSession();
    }
    const step = this.#outage.socketFailed(
      verdict,
      wasConnected,
      this.#moment(timedOut)
    );
    if (verdict.spendsAttempt) {
      this.#follow(step);
    } else {
      this.#startOver(verdict.cause);
    }
    if (old !== this.session) {
      this.#endSession(
        old,
        ENDINGS[code] ?? 'the connection broke the protocol'
      );
    }
  }

  #judgeClose(code: number): ICloseVerdict {
    // Nobody can lose a session that was not asked for: without this a server that
    // answers so for ever would be asked for ever, without a pause.
    const unasked = code === CloseCode.UNKNOWN && this.#epoch === undefined;
    return classifyClose(unasked ? CloseCode.PROTOCOL_ERROR : code);
  }

  /** Connect at once with a new sid; spends no attempt (H9). */
  #startOver(cause: string): void {
    this.#setStatus({ state: 'waiting', cause, nextTryMs: this.#nowMs });
    this.#outage.startOver();
    this.#try(true);
  }

  #moment(timedOut: boolean): IMoment {
    const { attempt, cutMs } = this.status;
    return {
      timedOut,
      attempt,
      cutMs: cutMs === null ? 0 : this.#nowMs - cutMs
    };
  }

  /** Wait for the next try, ask, or stop, as the outage says (R9). */
  #follow({ delayMs, cause, question, stop }: IStep): void {
    if (question === 'none') {
      question = this.status.question;
    }
    stop ||= question !== 'none' && !this.options.retryWhileAsking;
    this.#setStatus({
      state: stop ? 'stopped' : 'waiting',
      cause,
      nextTryMs: stop ? null : this.#nowMs + delayMs,
      question
    });
  }

  #askMs(): number {
    const { attempt, cutMs, question, state } = this.status;
    const { maxAttempts } = this.options;
    return cutMs !== null &&
      question === 'none' &&
      maxAttempts &&
      attempt >= maxAttempts &&
      (state === 'waiting' || this.#underWay)
      ? cutMs + ASK_AFTER_MS
      : Infinity;
  }

  /** Ask the user, attempts being used up (R9). */
  #ask(): void {
    this.#setStatus({ question: 'attempts' });
    if (!this.options.retryWhileAsking) {
      this.#abandon('asking');
      this.#setStatus({ state: 'stopped', nextTryMs: null });
    }
  }

  // -- Private: connected ------------------------------------------------------

  #welcomed(welcome: IWelcome): void {
    const { epoch, instance, received, resumed, serial } = welcome;
    if (serial !== this.#serial) {
      broken('S3', 'wrong serial');
    }
    const restarted = this.instance !== null && instance !== this.instance;
    const asked = this.#epoch !== undefined;
    this.instance = instance;
    if (asked && epoch === undefined && !resumed) {
      const old = this.session;
      this.#abandon('', CloseCode.NORMAL);
      this.#replaceSession();
      this.#startOver('session-lost');
      this.#endSession(
        old,
        restarted ? 'the server was restarted' : ENDINGS[4404]
      );
      return;
    }
    if (
      epoch === undefined ||
      resumed !== asked ||
      (resumed && epoch !== this.#epoch)
    ) {
      broken('H4', 'wrong welcome');
    }
    this.session.attach(received, this.#nowMs);
    this.#epoch = epoch;
    this.limits = welcome.limits;
    this.resumes += resumed ? 1 : 0;
    this.#settle();
  }

  #settle(): void {
    this.#outage.welcomed();
    this.#welcomedMs = this.#usedMs = this.#nowMs;
    this.#connectTimeoutMs = CONNECT_TIMEOUT_MS;
    this.liveness.start(this.#nowMs);
    this.#ping();
    this.#setStatus({ ...AT_REST, state: 'connected' });
    this.flush(this.#nowMs);
  }

  #proved(): void {
    if (this.#nowMs - this.#welcomedMs >= ATTEMPTS_BACK_MS) {
      this.#setStatus({ attempt: 0 });
    }
  }

  #tickConnected(): void {
    const verdict = this.liveness.check(this.#nowMs);
    if (verdict === 'dead') {
      this.#abandon('no answer in time');
      this.#lose(CloseCode.ABNORMAL);
      return;
    }
    if (verdict === 'ping') {
      this.#ping();
    }
    this.session.tick(this.#nowMs);
    if (this.#nowMs >= this.#sleepMs()) {
      this.park(this.#nowMs);
    }
  }

  #sleepMs(): number {
    const { sleepAfterMs } = this.options;
    if (!this.hidden || sleepAfterMs <= 0) {
      return Infinity;
    }
    if (this.session.unitsMoved !== this.#unitsMoved) {
      this.#unitsMoved = this.session.unitsMoved;
      this.#usedMs = this.#nowMs;
    }
    return Math.max(this.#usedMs, this.#hiddenMs) + sleepAfterMs;
  }

  #ping(): void {
    this.#activeBeforePingMs = this.#activeMs;
    this.#pingedMs = this.#nowMs;
    this.#write([this.session.ping(this.liveness.ping(this.#nowMs))]);
  }

  /**
   * When the line last carried anything; a ping that just lost a race does not
   * count (L7).
   */
  #lastActivityMs(): number {
    return this.liveness.pingOutstanding &&
      this.#activeMs === this.#pingedMs &&
      this.#nowMs - this.#pingedMs < LATE_TIMER_MS
      ? this.#activeBeforePingMs
      : this.#activeMs;
  }

  /** Write to the socket, which is connected. */
  #write(frames: Message[]): void {
    const { cost } = this.session.log;
    this.#activeMs = this.#nowMs;
    this.liveness.inFlightCost = cost;
    if (cost) {
      this.liveness.unitWritten(this.#nowMs);
    }
    this.driver.write(this.#socket as number, frames);
  }

  // -- Private: state ----------------------------------------------------------

  /** Drop whatever socket or probe there is; the session stays. */
  #abandon(reason: string, code: number = CloseCode.SILENT): void {
    this.session.detach();
    const socket = this.#socket;
    const probe = this.#probe;
    this.#socket = this.#probe = null;
    if (socket !== null) {
      this.driver.closeSocket(socket, code, reason);
    }
    if (probe !== null) {
      this.driver.dropProbe(probe);
    }
  }

  #replaceSession(): void {
    this.session = new Session(this, this.session.nextChannel);
    this.#sid = this.driver.randomSid();
    this.#epoch = undefined;
    this.#unitsMoved = 0;
  }

  /** Tell the owners, when all else is done: they may do anything. */
  #endSession(old: Session, reason: string): void {
    old.end(reason);
    this.driver.sessionReplaced(this.session);
  }

  #setStatus(changes: Partial<IStatus>): void {
    const status = { ...this.status, ...changes };
    const names = Object.keys(changes) as (keyof IStatus)[];
    if (names.some(name => status[name] !== this.status[name])) {
      this.status = status;
      this.driver.statusChanged(status);
    }
  }

  #outage: Outage;
  #nowMs = 0;
  #sid: string;
  // Absent: a new session is asked for.
  #epoch: string | undefined;
  #serial = 0;
  #nextId = 0;
  // The one connecting or connected.
  #socket: number | null = null;
  #probe: number | null = null;
  // When the current try started, and when it times out.
  #tryMs = 0;
  #deadlineMs = Infinity;
  #connectTimeoutMs: number = CONNECT_TIMEOUT_MS;
  #welcomedMs = Infinity;
  // Last byte either way, and the same before the last ping.
  #activeMs = 0;
  #activeBeforePingMs = 0;
  #pingedMs = 0;
  // When a channel was last seen to have carried units, and how many (L8).
  #usedMs = 0;
  #unitsMoved = 0;
  #hiddenMs = 0;
}
