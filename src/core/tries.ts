import type { IConnectorDriver } from './driver';
import { broken } from './errors';
import type { IWelcome } from './frames';
import type { IResumeRequest } from './handshake';
import {
  CONNECT_TIMEOUT_LIMIT_MS,
  CONNECT_TIMEOUT_MS,
  CloseCode,
  PROBE_TIMEOUT_MS,
  REPLACE_AFTER_MS
} from './limits';
import type { Liveness } from './liveness';
import { Outage } from './outage';
import { type ProbeAnswer, classifyClose } from './retry';
import { Session } from './session';
import type { ConnectorOptions, IStatus } from './status';

/** Nothing is wrong and nothing is waited for. */
const AT_REST = {
  cause: '',
  nextTryMs: null,
  cutMs: null,
  question: 'none'
} as const;

/**
 * What is under way while a page is not connected: the session to be resumed,
 * the one socket or probe, and when the next one is due (H, S, R).
 */
export class Tries {
  /**
   * Begin idle.
   *
   * @param driver - the shell.
   * @param liveness - judges every socket.
   * @param options - the settings, which may change at any time.
   * @param random - returns a number in [0, 1).
   */
  constructor(
    driver: IConnectorDriver,
    liveness: Liveness,
    options: ConnectorOptions,
    random: () => number
  ) {
    this.#driver = driver;
    this.#liveness = liveness;
    this.#options = options;
    this.#outage = new Outage(options, random);
    this.#sid = driver.randomSid();
    this.session = new Session(driver, 1, liveness);
  }

  /** The session that is connected or to be resumed. */
  session: Session;

  /** Where the connection stands. */
  status: IStatus = { ...AT_REST, state: 'idle', attempt: 0 };

  /** Server process of the last welcome; `null` before (H8). */
  instance: string | null = null;

  /** The one socket or probe there is; 0: none. No number is used twice. */
  current = 0;

  /** What the last request said, with the cursor of now (H1). */
  get request(): IResumeRequest {
    return {
      sid: this.#sid,
      epoch: this.#epoch,
      received: this.session.receipts.received,
      serial: this.#serial
    };
  }

  /** When `tick` must be called next; infinite: not at all. */
  get nextMs(): number {
    return Math.min(
      this.#outage.askMs(this.status),
      this.#deadlineMs,
      this.status.nextTryMs ?? Infinity
    );
  }

  /** Change the status, and tell. */
  setStatus(changes: Partial<IStatus>): void {
    this.status = { ...this.status, ...changes };
    this.#driver.statusChanged(this.status);
  }

  /** Set a state in which nothing is wrong and nothing is waited for. */
  settle(state: 'connected' | 'sleeping' | 'disposed'): void {
    this.setStatus({ ...AT_REST, state });
  }

  /** Open the first socket. */
  start(nowMs: number): void {
    if (this.status.state === 'idle') {
      this.#open(false, nowMs);
    }
  }

  /** Try now, as a person asked, in any state; attempts are fresh (R7). */
  reconnect(nowMs: number): void {
    this.drop(CloseCode.SILENT, 'reconnect');
    this.#outage.startOver();
    const cutMs = this.status.cutMs ?? nowMs;
    this.#try(nowMs, { attempt: 1, cutMs, question: 'none' });
  }

  /** Try now if a try is waited for, or if the page sleeps (R7, L8). */
  wake(nowMs: number): void {
    const { state } = this.status;
    if (state === 'waiting') {
      this.#try(nowMs);
    } else if (state === 'sleeping') {
      this.#try(nowMs, {});
    }
  }

  /** Replace a try that is older than 3 s; tell whether there was one (R7). */
  replaceOld(nowMs: number): boolean {
    const isOld =
      this.#deadlineMs < Infinity && nowMs - this.#startedMs > REPLACE_AFTER_MS;
    if (isOld) {
      this.drop(CloseCode.SILENT, 'network back');
      this.#try(nowMs, {});
    }
    return isOld;
  }

  /** Do what has fallen due by time. */
  tick(nowMs: number): void {
    if (nowMs >= this.#outage.askMs(this.status)) {
      this.#ask();
    }
    if (nowMs >= (this.status.nextTryMs ?? Infinity)) {
      this.#try(nowMs);
    } else if (nowMs >= this.#deadlineMs) {
      this.#timeOut(nowMs);
    }
  }

  /** Handle what the probe found (R4). */
  probeAnswered(answer: ProbeAnswer, nowMs: number, timedOut = false): void {
    this.#done();
    const { status } = this;
    const next = this.#outage.probed(status, answer, timedOut, nowMs);
    if (next) {
      this.setStatus(next);
    } else {
      this.#open(false, nowMs);
    }
  }

  /**
   * Take in the welcome of the socket.
   *
   * @returns whether the session is attached; else another is asked for (H9).
   * @throws ProtocolError if it does not answer the request (S3, H4, H7).
   */
  welcomed(welcome: IWelcome, nowMs: number): boolean {
    const { epoch, instance, received, resumed, serial } = welcome;
    const restarted = this.instance !== null && instance !== this.instance;
    const asked = this.#epoch !== undefined;
    if (serial !== this.#serial) {
      broken('S3');
    }
    this.instance = instance;
    if (asked && epoch === undefined && !resumed) {
      this.drop(CloseCode.NORMAL, '');
      this.#startOver(restarted ? 'restarted' : 'session-lost', () =>
        this.#tryForNew(nowMs)
      );
      return false;
    }
    if (
      epoch === undefined ||
      resumed !== asked ||
      (resumed && epoch !== this.#epoch)
    ) {
      broken('H4');
    }
    this.session.attach(received, nowMs);
    this.#epoch = epoch;
    this.#deadlineMs = Infinity;
    this.#connectTimeoutMs = CONNECT_TIMEOUT_MS;
    this.#outage.welcomed();
    return true;
  }

  /**
   * Handle the end of the socket: decide what comes next (R1, R2).
   *
   * @param code - by which it is judged.
   * @param timedOut - whether it was given up for want of a welcome (S2).
   */
  lost(code: number, nowMs: number, timedOut = false): void {
    this.#done();
    const { status } = this;
    // Nobody can lose a session that was not asked for: without this a server that
    // answers so for ever would be asked for ever, without a pause.
    const unasked = code === CloseCode.UNKNOWN && this.#epoch === undefined;
    const verdict = classifyClose(unasked ? CloseCode.PROTOCOL_ERROR : code);
    const next = () =>
      verdict.spendsAttempt
        ? this.setStatus(
            this.#outage.socketFailed(status, verdict, timedOut, nowMs)
          )
        : this.#tryForNew(nowMs);
    if (verdict.session === 'ended') {
      this.#startOver(verdict.cause, next);
    } else {
      next();
    }
  }

  /** Give up whatever is under way or connected; the session stays. */
  drop(code: number, reason: string): void {
    const { current } = this;
    this.#done();
    if (current && this.#probing) {
      this.#driver.dropProbe(current);
    } else if (current) {
      this.#driver.closeSocket(current, code, reason);
    }
  }

  // -- Private -----------------------------------------------------------------

  #done(): void {
    this.session.detach();
    this.current = 0;
    this.#deadlineMs = Infinity;
  }

  /**
   * Start a try: a probe once a socket has failed (R3), else a socket.
   *
   * @param changes - in the status; one attempt more unless given.
   */
  #try(
    nowMs: number,
    changes: Partial<IStatus> = { attempt: this.status.attempt + 1 }
  ): void {
    this.#open(this.#outage.byProbe, nowMs, changes);
  }

  #open(probing: boolean, nowMs: number, changes?: Partial<IStatus>): void {
    this.current = ++this.#serial;
    this.#probing = probing;
    this.#startedMs = nowMs;
    this.#deadlineMs =
      nowMs + (probing ? PROBE_TIMEOUT_MS : this.#connectTimeoutMs);
    if (probing) {
      this.#driver.openProbe(this.current);
    } else {
      this.#driver.openSocket(this.current, this.request);
    }
    const state = probing ? 'probing' : 'connecting';
    this.setStatus({ ...changes, state, nextTryMs: null });
  }

  /** A time-out spends an attempt and is followed at once by the next try (R6). */
  #timeOut(nowMs: number): void {
    this.drop(CloseCode.SILENT, 'no answer');
    if (this.#probing) {
      this.probeAnswered('busy', nowMs, true);
    } else {
      this.#connectTimeoutMs = Math.min(
        this.#connectTimeoutMs * 2,
        CONNECT_TIMEOUT_LIMIT_MS
      );
      this.lost(CloseCode.ABNORMAL, nowMs, true);
    }
  }

  /**
   * Ask for a new session from now on (H9).
   *
   * @param next - what to do next, before the owners of channels are told: they
   * may do anything.
   */
  #startOver(reason: string, next: () => void): void {
    const { session } = this;
    this.session = new Session(
      this.#driver,
      session.nextChannel,
      this.#liveness
    );
    this.#sid = this.#driver.randomSid();
    this.#epoch = undefined;
    next();
    session.end(reason);
    this.#driver.sessionReplaced(this.session);
  }

  /** Connect at once; spends no attempt (H9). */
  #tryForNew(nowMs: number): void {
    this.#outage.startOver();
    const cutMs = this.status.cutMs ?? nowMs;
    this.#try(nowMs, { cause: 'session-lost', cutMs });
  }

  /** Ask the user, attempts being used up (R9). */
  #ask(): void {
    this.setStatus({ question: 'attempts' });
    if (!this.#options.retryWhileAsking) {
      this.drop(CloseCode.SILENT, 'asking');
      this.setStatus({ state: 'stopped', nextTryMs: null });
    }
  }

  #driver: IConnectorDriver;
  #liveness: Liveness;
  #options: ConnectorOptions;
  #outage: Outage;
  #sid: string;
  // Absent: a new session is asked for.
  #epoch: string | undefined;
  // Number of the last socket or probe.
  #serial = 0;
  // Whether the last try was a probe.
  #probing = false;
  // When the current try started, and when it times out; infinite: none is under way.
  #startedMs = 0;
  #deadlineMs = Infinity;
  #connectTimeoutMs: number = CONNECT_TIMEOUT_MS;
}
