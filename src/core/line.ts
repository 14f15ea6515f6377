import type { Message } from './channel';
import type { IConnectorDriver } from './driver';
import { ATTEMPTS_BACK_MS, LATE_TIMER_MS } from './limits';
import type { Liveness } from './liveness';
import type { Session } from './session';

/** A welcomed socket: writes to it, and knows when it was used. */
export class Line {
  /**
   * Answer the welcome by a ping (H3).
   *
   * @param driver - the shell.
   * @param socketId - the socket.
   * @param session - what it carries.
   * @param liveness - judges it.
   */
  constructor(
    driver: IConnectorDriver,
    socketId: number,
    session: Session,
    liveness: Liveness,
    nowMs: number
  ) {
    this.#driver = driver;
    this.#socketId = socketId;
    this.#session = session;
    this.#liveness = liveness;
    this.#welcomedMs = this.usedMs = this.#activeMs = nowMs;
    this.#unitsMoved = session.unitsMoved;
    liveness.start(nowMs);
    this.ping(nowMs);
  }

  /** When a channel was last seen to have carried units (L8). */
  usedMs: number;

  /** Whether a proof has come that gives attempts back (R8). */
  get settled(): boolean {
    return this.#liveness.lastProofMs - this.#welcomedMs >= ATTEMPTS_BACK_MS;
  }

  /** Note that something went either way. */
  active(nowMs: number): void {
    this.#activeMs = nowMs;
    if (this.#session.unitsMoved !== this.#unitsMoved) {
      this.#unitsMoved = this.#session.unitsMoved;
      this.usedMs = nowMs;
    }
  }

  /** Write a ping. */
  ping(nowMs: number): void {
    this.#activeBeforePingMs = this.#activeMs;
    this.#pingedMs = nowMs;
    this.write([this.#session.ping(this.#liveness.ping(nowMs))], nowMs);
  }

  /** Write frames. */
  write(frames: Message[], nowMs: number): void {
    this.active(nowMs);
    this.#liveness.written(this.#session.log.cost, nowMs);
    this.#driver.write(this.#socketId, frames);
  }

  /**
   * Return for how long the line had carried nothing when it was cut; a ping that
   * just lost a race does not count (L7).
   */
  silenceMs(nowMs: number): number {
    const pingLost =
      this.#liveness.pingOutstanding &&
      this.#activeMs === this.#pingedMs &&
      nowMs - this.#pingedMs < LATE_TIMER_MS;
    return nowMs - (pingLost ? this.#activeBeforePingMs : this.#activeMs);
  }

  #driver: IConnectorDriver;
  #socketId: number;
  #session: Session;
  #liveness: Liveness;
  #welcomedMs: number;
  // When the last byte went either way, and the same before the last ping.
  #activeMs: number;
  #activeBeforePingMs = 0;
  #pingedMs = 0;
  #unitsMoved: number;
}
