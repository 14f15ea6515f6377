/** What a channel carries. */
export type Message = string | Uint8Array;

/** What went wrong on a channel; all 0 when nothing did. */
export interface IFindings {
  /** Records that never came. */
  lost: number;
  /** Records that came again. */
  doubled: number;
  /** Records that came after a later one. */
  reordered: number;
  /** Records that came altered, or that nobody sent. */
  corrupt: number;
}

/** Nothing went wrong. */
export const NOTHING: IFindings = {
  lost: 0,
  doubled: 0,
  reordered: 0,
  corrupt: 0
};

/**
 * Judges whether records come once, whole and in order.
 *
 * #### Notes
 * A record begins with its number and a blank, or is empty.
 */
export class Oracle {
  /** What went wrong so far; what is still on its way counts as lost. */
  get findings(): IFindings {
    return { ...this.#findings, lost: this.waiting };
  }

  /** Records that are to come. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Records sent, in all. */
  get sent(): number {
    return this.#sent;
  }

  /** Note that a record is to come, behind those noted before. */
  expect(record: Message): void {
    this.#waiting.set(this.#sent++, record);
  }

  /** Judge a record that has come. */
  judge(record: Message): void {
    const [next] = this.#waiting.keys();
    if (next !== undefined && same(record, this.#waiting.get(next)!)) {
      this.#waiting.delete(next);
      if (next < this.#highest) {
        this.#findings.reordered++;
      }
      this.#highest = Math.max(this.#highest, next);
      return;
    }
    this.#judgeOdd(record);
  }

  #judgeOdd(record: Message): void {
    const number = numberOf(record) ?? this.#firstSame(record);
    const expected = this.#waiting.get(number);
    if (expected === undefined) {
      this.#findings[number < this.#sent ? 'doubled' : 'corrupt']++;
      return;
    }
    this.#waiting.delete(number);
    if (!same(record, expected)) {
      this.#findings.corrupt++;
    } else if (number < this.#highest) {
      this.#findings.reordered++;
    }
    this.#highest = Math.max(this.#highest, number);
  }

  /** The first such record that is to come; -1: there is none, it came again. */
  #firstSame(record: Message): number {
    for (const [number, expected] of this.#waiting) {
      if (same(record, expected)) {
        return number;
      }
    }
    return -1;
  }

  readonly #waiting = new Map<number, Message>();
  readonly #findings = { ...NOTHING };
  #sent = 0;
  #highest = -1;
}

/** The number a record begins with; `null` for an empty one, infinite for one without. */
function numberOf(record: Message): number | null {
  if (!record.length) {
    return null;
  }
  const head =
    typeof record === 'string'
      ? record.slice(0, 17)
      : String.fromCharCode(...record.subarray(0, 17));
  const match = /^(\d+) /.exec(head);
  return match ? Number(match[1]) : Infinity;
}

function same(one: Message, other: Message): boolean {
  if (typeof one === 'string' || typeof other === 'string') {
    return one === other;
  }
  return (
    one.length === other.length &&
    one.every((byte, index) => byte === other[index])
  );
}
