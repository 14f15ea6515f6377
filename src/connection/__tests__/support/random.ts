/** A seeded source of randomness, so that a failing run can be had again. */
export class Random {
  constructor(seed: number) {
    this._state = seed >>> 0;
  }

  /** A number in [0, 1); mulberry32. */
  next(): number {
    this._state = (this._state + 0x6d2b79f5) >>> 0;
    let mixed = this._state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  /** One of these. */
  choice<T>(values: readonly T[]): T {
    return values[this.below(values.length)];
  }

  private _state: number;
}
