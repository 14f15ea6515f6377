/** `setTimeout` takes no more. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * One timer, by the page's own clock.
 */
export class Timer {
  /** @param fire - Called when it is time, seldom a little early. */
  constructor(fire: () => void) {
    this.#fire = fire;
  }

  /** Fire at that time by `performance.now()` and at no other; infinite: never. */
  set(dueMs: number): void {
    if (dueMs === this.#dueMs) {
      return;
    }
    clearTimeout(this.#timer);
    this.#dueMs = dueMs;
    if (dueMs === Infinity) {
      return;
    }
    const delayMs = Math.max(0, Math.ceil(dueMs - performance.now()));
    this.#timer = setTimeout(
      () => {
        this.#dueMs = Infinity;
        this.#fire();
      },
      Math.min(delayMs, LONGEST_MS)
    );
  }

  readonly #fire: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #dueMs = Infinity;
}
