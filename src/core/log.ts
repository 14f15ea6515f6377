import { broken } from './errors';
import {
  ACK_BYTES,
  ACK_DELAY_MS,
  ACK_UNITS,
  BULK_BYTES,
  FAST_BYTES_PER_MS,
  FAST_FOR_MS,
  FAST_LOG_LIMIT_BYTES,
  LOG_LIMIT_BYTES,
  UNIT_LIMIT_BYTES
} from './limits';
import { Queue } from './queue';
import { type IUnit, costOf } from './units';

/**
 * Units of one direction, counted and kept until the other end has them in
 * memory (C2, A3, A4, W2).
 */
export class SendLog {
  /** Number of the first unit kept; all before it are acknowledged. */
  start = 0;

  /** Number the next unit will get. */
  end = 0;

  /** Cost of the units kept (C7). */
  cost = 0;

  /** Whether the line is fast (W2). */
  fast = false;

  /**
   * Count a unit if it may be (W1, W2); it is written after those that are
   * `unwritten`.
   *
   * @returns whether it was counted.
   */
  append(unit: IUnit): boolean {
    const fits = this.cost + unit.cost <= this.#limit;
    if (fits) {
      this.#units.push(unit);
      this.cost += unit.cost;
      this.end++;
    }
    return fits;
  }

  /**
   * Start on a new socket.
   *
   * @param received - units that its other end has counted.
   * @returns the units acknowledged by that.
   * @throws ProtocolError if `received` is outside the log (H4, H7).
   */
  rewind(received: number): IUnit[] {
    const released = this.#release(received, this.end, 'H7');
    this.#position = this.start;
    this.#fullEnd = 0;
    this.fast = false;
    return released;
  }

  /**
   * Forget the units before `received` and return them.
   *
   * @throws ProtocolError if more than was written to this socket, or less than
   * before (A3).
   */
  acknowledge(received: number, nowMs: number): IUnit[] {
    if (this.start < this.#fullEnd && this.#fullEnd <= received) {
      this.fast = this.#limit >= (nowMs - this.#fullMs) * FAST_BYTES_PER_MS;
    }
    return this.#release(received, this.#position, 'A3');
  }

  /** Forget that the line was fast if that was long ago (W2); before units are added. */
  expire(nowMs: number): void {
    this.fast &&= nowMs - this.#fullMs < FAST_FOR_MS;
  }

  /** Return the units not yet written to this socket; they count as written (A4). */
  unwritten(nowMs: number): IUnit[] {
    const skipped = this.#position - this.start;
    this.#position = this.end;
    if (
      this.#fullEnd <= this.start &&
      this.cost > this.#limit - 2 * UNIT_LIMIT_BYTES
    ) {
      this.#fullEnd = this.end;
      this.#fullMs = nowMs;
    }
    return this.#units.slice(skipped);
  }

  /** How much cost may be kept (W2). */
  get #limit(): number {
    return this.fast ? FAST_LOG_LIMIT_BYTES : LOG_LIMIT_BYTES;
  }

  #release(received: number, most: number, rule: string): IUnit[] {
    if (received < this.start || received > most) {
      broken(rule);
    }
    const released: IUnit[] = [];
    for (; this.start < received; this.start++) {
      released.push(this.#units.shift() as IUnit);
    }
    this.cost -= costOf(released);
    return released;
  }

  #units = new Queue<IUnit>();
  // Number of the first unit not yet written to this socket.
  #position = 0;
  // When it was last full, and before which unit all is to be acknowledged then;
  // infinite: it was not.
  #fullMs = 0;
  #fullEnd = 0;
}

/** What has been received and how much of it the other end knows (A1, A2). */
export class Receipts {
  /** Units counted in this session. */
  received = 0;

  /** When an acknowledgement falls due by time; infinite when none is owed. */
  nextMs = Infinity;

  /** Count the units of one frame. */
  count(units: number, cost: number, nowMs: number): void {
    this.received += units;
    this.#cost += cost;
    this.nextMs = Math.min(this.nextMs, nowMs + ACK_DELAY_MS);
  }

  /**
   * Tell whether an acknowledgement must be written now.
   *
   * @param behindCost - cost of the units that are written after it.
   */
  due(nowMs: number, behindCost = 0): boolean {
    const owed = this.received - this.#told;
    return (
      nowMs >= this.nextMs ||
      owed >= ACK_UNITS ||
      this.#cost >= ACK_BYTES ||
      (owed > 0 && behindCost >= BULK_BYTES)
    );
  }

  /** Return the cursor to write and remember that the other end is told. */
  tell(): number {
    this.#cost = 0;
    this.nextMs = Infinity;
    return (this.#told = this.received);
  }

  #told = 0;
  #cost = 0;
}
