import type { Message } from './channel';
import type { IConnectorDriver } from './driver';
import { ProtocolError, broken } from './errors';
import { type IWelcome, decode, encodeControl } from './frames';
import type { IResumeRequest } from './handshake';
import { CloseCode, SUBPROTOCOL } from './limits';
import { Line } from './line';
import { Liveness } from './liveness';
import type { ProbeAnswer } from './retry';
import type { Session } from './session';
import { IdleProxyDetector } from './silence';
import { ConnectorOptions, type IStatus } from './status';
import { Tries } from './tries';

/**
 * One AI connection of one page: gets sockets for the session and keeps it alive
 * (H, L, S, R).
 *
 * #### Notes
 * Sans I/O: a driver opens sockets and probes, and calls back what became of
 * them; time and randomness are passed in. `Tries` is what is under way, `Line`
 * what is connected.
 */
export class Connector {
  /**
   * Begin idle.
   *
   * @param driver - the shell.
   * @param random - returns a number in [0, 1).
   * @param options - settings, which may change at any time; the defaults unless
   * given.
   * @param proxy - what was learned of this host before.
   */
  constructor(
    driver: IConnectorDriver,
    random: () => number,
    readonly options = new ConnectorOptions(),
    readonly proxy = new IdleProxyDetector()
  ) {
    this.#driver = driver;
    this.liveness = new Liveness(options, proxy);
    this.#tries = new Tries(driver, this.liveness, options, random);
  }

  /** Judges the current socket. */
  readonly liveness: Liveness;

  /** Sockets that resumed a session. */
  resumes = 0;

  /** The current session; replaced when the server no longer holds it (H9). */
  get session(): Session {
    return this.#tries.session;
  }

  /** Where the connection stands. */
  get status(): IStatus {
    return this.#tries.status;
  }

  /** Server process of the last `welcome`; `null` before. */
  get instance(): string | null {
    return this.#tries.instance;
  }

  // -- For the owner -----------------------------------------------------------

  /** Open the first socket. */
  start(nowMs: number): void {
    this.#tries.start(nowMs);
  }

  /**
   * Start a try now, in any state, replacing any (R7). A person asked: attempts
   * are fresh.
   */
  reconnect(nowMs: number): void {
    if (this.status.state !== 'disposed') {
      this.#line = null;
      this.#tries.reconnect(nowMs);
    }
  }

  /** Say `bye`, close, end every channel. Nothing happens afterwards (H10). */
  dispose(nowMs: number): void {
    if (this.status.state !== 'disposed') {
      this.flush(nowMs);
      this.#line?.write([encodeControl({ type: 'bye' })], nowMs);
      this.#rest('disposed');
      this.session.end('disposed');
    }
  }

  /** What to post to the probe's address when the page goes while cut (H10). */
  get byeRequest(): IResumeRequest | null {
    const { request } = this.#tries;
    return request.epoch === undefined ? null : request;
  }

  // -- The page's life ---------------------------------------------------------

  /** Handle `online` or waking from sleep (R7). */
  cameBack(nowMs: number): void {
    // L8: nobody looks at a hidden page that sleeps.
    const asleep =
      this.liveness.hiddenMs < Infinity && this.status.state === 'sleeping';
    if (!asleep && !this.#tries.replaceOld(nowMs)) {
      this.#nudge(nowMs);
    }
  }

  /** Handle becoming visible or `pageshow` (R7, L8). */
  shown(nowMs: number): void {
    this.liveness.hiddenMs = Infinity;
    this.#nudge(nowMs);
  }

  /** Handle becoming hidden (L2, L8). */
  hid(nowMs: number): void {
    this.liveness.hiddenMs = Math.min(this.liveness.hiddenMs, nowMs);
  }

  /** Close the socket, keep the session: the page is being frozen (L8). */
  park(): void {
    // Idle, asleep, stopped or disposed it waits for nothing.
    if (this.nextMs < Infinity) {
      this.#rest('sleeping');
    }
  }

  // -- From the driver ---------------------------------------------------------

  /**
   * Handle that the upgrade was answered (V2).
   *
   * @param protocol - the subprotocol chosen.
   */
  socketOpened(socketId: number, protocol: string, nowMs: number): void {
    if (socketId === this.#tries.current && protocol !== SUBPROTOCOL) {
      this.#fail(CloseCode.VERSION, 'version', nowMs);
    }
  }

  /** Take in one message; of a socket no longer current it is dropped (S1). */
  socketMessage(socketId: number, message: Message, nowMs: number): void {
    if (socketId !== this.#tries.current) {
      return;
    }
    const { session } = this;
    const line = this.#line;
    try {
      const frame = decode(message);
      if (line) {
        session.receive(frame, nowMs);
        line.active(nowMs);
      } else if (!Array.isArray(frame) && frame.type === 'welcome') {
        this.#welcomed(frame, nowMs);
      } else {
        broken('H3');
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error;
      }
      if (session === this.session) {
        this.#fail(CloseCode.PROTOCOL_ERROR, error.message, nowMs);
      }
    }
    if (this.status.attempt && this.#line?.settled) {
      this.#tries.setStatus({ attempt: 0 });
    }
  }

  /** Handle the end of a socket. */
  socketClosed(socketId: number, code: number, nowMs: number): void {
    if (socketId === this.#tries.current) {
      if (
        this.#line &&
        (code === CloseCode.ABNORMAL || code === CloseCode.NO_STATUS)
      ) {
        this.proxy.cut(this.#line.silenceMs(nowMs));
      }
      this.#line = null;
      this.#tries.lost(code, nowMs);
    }
  }

  /** Handle what the probe found (R4). */
  probeAnswered(probeId: number, answer: ProbeAnswer, nowMs: number): void {
    if (probeId === this.#tries.current) {
      this.#tries.probeAnswered(answer, nowMs);
    }
  }

  /** Write what waits; called by the driver after `flushWanted`. */
  flush(nowMs: number): void {
    if (this.status.state === 'sleeping' && this.session.hasUnsent) {
      this.#tries.wake(nowMs);
    }
    const line = this.#line;
    const frames = this.session.flush(nowMs);
    if (line && line === this.#line && frames.length) {
      line.write(frames, nowMs);
    }
  }

  /** When `tick` must be called next; infinite: not at all. */
  get nextMs(): number {
    return this.#line
      ? Math.min(
          this.liveness.nextCheckMs,
          this.session.nextMs,
          this.#sleepMs(this.#line)
        )
      : this.#tries.nextMs;
  }

  /** Do what has fallen due by time. */
  tick(nowMs: number): void {
    const line = this.#line;
    if (!line) {
      this.#tries.tick(nowMs);
      return;
    }
    const verdict = this.liveness.check(nowMs);
    if (verdict === 'dead') {
      this.#fail(CloseCode.SILENT, 'no answer in time', nowMs);
      return;
    }
    if (verdict === 'ping') {
      line.ping(nowMs);
    }
    this.session.tick(nowMs);
    if (nowMs >= this.#sleepMs(line)) {
      this.park();
    }
  }

  // -- Private -----------------------------------------------------------------

  /** Ping what is connected, else do not wait any longer. */
  #nudge(nowMs: number): void {
    if (!this.#line) {
      this.#tries.wake(nowMs);
    } else if (!this.liveness.pingOutstanding) {
      this.#line.ping(nowMs);
    }
  }

  #welcomed(welcome: IWelcome, nowMs: number): void {
    if (this.#tries.welcomed(welcome, nowMs)) {
      this.resumes += welcome.resumed ? 1 : 0;
      this.#line = new Line(
        this.#driver,
        this.#tries.current,
        this.session,
        this.liveness,
        nowMs
      );
      this.#tries.settle('connected');
      this.flush(nowMs);
    }
  }

  /** Close the socket; the session stays. */
  #rest(state: 'sleeping' | 'disposed'): void {
    this.#line = null;
    this.#tries.drop(CloseCode.NORMAL, state);
    this.#tries.settle(state);
  }

  /** Give up the socket; a verdict of silence counts as 1006 (R1). */
  #fail(code: number, reason: string, nowMs: number): void {
    this.#line = null;
    this.#tries.drop(code, reason);
    this.#tries.lost(
      code === CloseCode.SILENT ? CloseCode.ABNORMAL : code,
      nowMs
    );
  }

  /** When a hidden page falls asleep (L8). */
  #sleepMs(line: Line): number {
    const { sleepAfterMs } = this.options;
    return sleepAfterMs > 0
      ? Math.max(line.usedMs, this.liveness.hiddenMs) + sleepAfterMs
      : Infinity;
  }

  #driver: IConnectorDriver;
  #tries: Tries;
  #line: Line | null = null;
}
