import { broken } from './errors';
import { RECORD_LIMIT_BYTES, RECORD_LIMIT_UNITS } from './limits';
import { type IUnit, MORE, WHOLE } from './units';

/** The unfinished record of one channel; it outlives sockets (C5). */
export class Reassembler {
  /** Cost of the pieces held (C7); 0 between records. */
  get cost(): number {
    return this.#cost;
  }

  /**
   * Take the next unit of the channel.
   *
   * @returns the record if this unit completes one, else `null`.
   * @throws ProtocolError for a whole record inside another (C4), text and bytes
   * in one record (F4), too many units (F7) or bytes (M).
   */
  add({ payload, form, size, cost }: IUnit): string | Uint8Array | null {
    const pieces = this.#pieces;
    if (!pieces.length && form !== MORE) {
      return payload;
    }
    if (form === WHOLE) {
      broken('C4');
    }
    if (pieces.length && typeof payload !== typeof pieces[0]) {
      broken('F4');
    }
    pieces.push(payload);
    this.#cost += cost;
    this.#bytes += size;
    if (pieces.length > RECORD_LIMIT_UNITS) {
      broken('F7');
    }
    if (this.#bytes > RECORD_LIMIT_BYTES) {
      broken('M');
    }
    if (form === MORE) {
      return null;
    }
    const record =
      typeof payload === 'string'
        ? pieces.join('')
        : concatenate(pieces as Uint8Array[], this.#bytes);
    this.#pieces = [];
    this.#bytes = this.#cost = 0;
    return record;
  }

  #pieces: (string | Uint8Array)[] = [];
  #bytes = 0;
  #cost = 0;
}

function concatenate(pieces: Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let end = 0;
  for (const piece of pieces) {
    whole.set(piece, end);
    end += piece.length;
  }
  return whole;
}
