/** What became of the records of one direction. */
export interface ICounts {
  /** Records expected. */
  readonly expected: number;
  /** Of these, how many arrived. */
  readonly arrived: number;
  readonly lost: number;
  readonly doubled: number;
  readonly outOfOrder: number;
  /** Not a record of this test, or with another text than it was sent with. */
  readonly damaged: number;
}

/** Length of a record's text. */
export const TEXT_CHARACTERS = 64;

/**
 * The text that belongs to a number.
 *
 * @param n - The number of a record.
 */
export function textOf(n: number): string {
  const word = `record ${n} `;
  return word
    .repeat(Math.ceil(TEXT_CHARACTERS / word.length))
    .slice(0, TEXT_CHARACTERS);
}

/**
 * Counts what is lost, doubled or out of order in one direction. Pure.
 */
export class StreamChecker {
  /** @param expected - Records numbered 1 to this are expected. */
  constructor(expected: number) {
    this._expected = expected;
    this._seen = new Uint8Array(expected + 1);
  }

  /** Records that have arrived, each counted once. */
  get arrived(): number {
    return this._arrived;
  }

  /** Whether every record has arrived. */
  get complete(): boolean {
    return this._arrived === this._expected;
  }

  /**
   * Take a record.
   *
   * @param n - Its number.
   * @param text - Its text.
   */
  take(n: unknown, text: unknown): void {
    if (!this._isExpected(n) || text !== textOf(n)) {
      this._damaged++;
      return;
    }
    if (this._seen[n]) {
      this._doubled++;
      return;
    }
    this._seen[n] = 1;
    this._arrived++;
    if (n < this._highest) {
      this._outOfOrder++;
    }
    this._highest = Math.max(this._highest, n);
  }

  /** What became of the records so far: what has not arrived counts as lost. */
  counts(): ICounts {
    return {
      expected: this._expected,
      arrived: this._arrived,
      lost: this._expected - this._arrived,
      doubled: this._doubled,
      outOfOrder: this._outOfOrder,
      damaged: this._damaged
    };
  }

  private _isExpected(n: unknown): n is number {
    return (
      Number.isInteger(n) &&
      (n as number) >= 1 &&
      (n as number) <= this._expected
    );
  }

  private readonly _expected: number;
  private readonly _seen: Uint8Array;
  private _arrived = 0;
  private _highest = 0;
  private _doubled = 0;
  private _outOfOrder = 0;
  private _damaged = 0;
}
