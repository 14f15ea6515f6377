import { RecordTooLargeError } from './errors';
import {
  RECORD_LIMIT_BYTES,
  UNIT_LIMIT_BYTES,
  UNIT_OVERHEAD_BYTES
} from './limits';
import { fittingEnd, utf8Length, wellFormed } from './text';

export { utf8Length, wellFormed };

/** F: separates the records of a text frame. */
export const RS = '\x1e';

/** Form: a whole record; a text one holds no RS and may share a frame. */
export const WHOLE = 0;
/** Form: the last fragment, or a whole record that has to stand alone. */
export const LAST = 1;
/** Form: a fragment after which more follow. */
export const MORE = 2;

/** How a unit relates to its record. */
export type Form = typeof WHOLE | typeof LAST | typeof MORE;

/** A whole record or a fragment of one (C1). */
export interface IUnit {
  readonly channel: number;
  /** Well-formed text, or bytes; at most 16 KiB. */
  readonly payload: string | Uint8Array;
  readonly form: Form;
  /** Payload in UTF-8 bytes. */
  readonly size: number;
  /** Size plus 16, for each unit that it stands for (C7). */
  readonly cost: number;
}

/** Make a unit, measuring its payload if that is not done (C7, F2). */
export function unitOf(
  channel: number,
  payload: string | Uint8Array,
  form: Form,
  size = sizeOf(payload)
): IUnit {
  const count = Math.ceil(size / UNIT_LIMIT_BYTES) || 1;
  const cost = size + count * UNIT_OVERHEAD_BYTES;
  return { channel, payload, form, size, cost };
}

/** Count units; a joined one stands for several (F2). */
export function countOf(units: readonly IUnit[]): number {
  return (costOf(units) - sizesOf(units)) / UNIT_OVERHEAD_BYTES;
}

/** Add up the costs of units (C7). */
export function costOf(units: readonly IUnit[]): number {
  return units.reduce((sum, unit) => sum + unit.cost, 0);
}

/** Add up the payloads of units, in bytes. */
export function sizesOf(units: readonly IUnit[]): number {
  return units.reduce((sum, unit) => sum + unit.size, 0);
}

/**
 * Cut a record into units (C1, C3, C4).
 *
 * @param record - text, which is made well-formed, or bytes, which are copied.
 * @returns the units in order, at least one.
 * @throws RecordTooLargeError over 16 MiB, or over 16 KiB on channel 0 (Z1).
 */
export function splitRecord(
  channel: number,
  record: string | Uint8Array
): IUnit[] {
  const whole =
    typeof record === 'string' ? wellFormed(record) : new Uint8Array(record);
  const size = sizeOf(whole);
  const limit = channel ? RECORD_LIMIT_BYTES : UNIT_LIMIT_BYTES;
  if (size > limit) {
    throw new RecordTooLargeError(size, limit);
  }
  if (size <= UNIT_LIMIT_BYTES) {
    const alone = typeof whole === 'string' && whole.includes(RS);
    return [unitOf(channel, whole, alone ? LAST : WHOLE, size)];
  }
  const units: IUnit[] = [];
  for (let start = 0, end; start < whole.length; start = end) {
    let piece: string | Uint8Array;
    if (typeof whole === 'string') {
      end = fittingEnd(whole, start, UNIT_LIMIT_BYTES);
      piece = whole.slice(start, end);
    } else {
      end = start + UNIT_LIMIT_BYTES;
      piece = whole.subarray(start, end);
    }
    units.push(unitOf(channel, piece, end < whole.length ? MORE : LAST));
  }
  return units;
}

function sizeOf(payload: string | Uint8Array): number {
  return typeof payload === 'string' ? utf8Length(payload) : payload.length;
}
