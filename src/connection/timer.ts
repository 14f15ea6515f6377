/** `setTimeout` takes no more. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * One timer, by the page's own clock.
 */
export class Timer {
  /** @param fire - Called when it is time, seldom a little early. */
  constructor(fire: () => void) {
    this._fire = fire;
  }

  /** Fire at that time by `performance.now()` and at no other; infinite: never. */
  set(dueMs: number): void {
    if (dueMs === this._dueMs) {
      return;
    }
    clearTimeout(this._timer);
    this._dueMs = dueMs;
    if (dueMs === Infinity) {
      return;
    }
    const delayMs = Math.max(0, Math.ceil(dueMs - performance.now()));
    this._timer = setTimeout(
      () => {
        this._dueMs = Infinity;
        this._fire();
      },
      Math.min(delayMs, LONGEST_MS)
    );
  }

  private readonly _fire: () => void;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _dueMs = Infinity;
}
