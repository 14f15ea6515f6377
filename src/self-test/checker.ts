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
    this.#expected = expected;
    this.#seen = new Uint8Array(expected + 1);
  }

  /** Records that have arrived, each counted once. */
  get arrived(): number {
    return this.#arrived;
  }

  /** Whether every record has arrived. */
  get complete(): boolean {
    return this.#arrived === this.#expected;
  }

  /**
   * Take a record.
   *
   * @param n - Its number.
   * @param text - Its text.
   */
  take(n: unknown, text: unknown): void {
    if (!this.#isExpected(n) || text !== textOf(n)) {
      this.#damaged++;
      return;
    }
    if (this.#seen[n]) {
      this.#doubled++;
      return;
    }
    this.#seen[n] = 1;
    this.#arrived++;
    if (n < this.#highest) {
      this.#outOfOrder++;
    }
    this.#highest = Math.max(this.#highest, n);
  }

  /** What became of the records so far: what has not arrived counts as lost. */
  counts(): ICounts {
    return {
      expected: this.#expected,
      arrived: this.#arrived,
      lost: this.#expected - this.#arrived,
      doubled: this.#doubled,
      outOfOrder: this.#outOfOrder,
      damaged: this.#damaged
    };
  }

  #isExpected(n: unknown): n is number {
    return (
      Number.isInteger(n) &&
      (n as number) >= 1 &&
      (n as number) <= this.#expected
    );
  }

  readonly #expected: number;
  readonly #seen: Uint8Array;
  #arrived = 0;
  #highest = 0;
  #doubled = 0;
  #outOfOrder = 0;
  #damaged = 0;
}
