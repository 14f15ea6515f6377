/** Randomness that a seed replays: mulberry32. */
export class Random {
  constructor(seed: number) {
    // Neighbouring seeds must not begin alike.
    this._state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b);
    this.next();
  }

  /** A number in [0, 1). */
  readonly next = (): number => {
    this._state = (this._state + 0x6d2b79f5) | 0;
    let t = Math.imul(this._state ^ (this._state >>> 15), this._state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };

  /** An integer of a range, both bounds included. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  /** One of several. */
  choice<T>(options: readonly T[]): T {
    return options[Math.floor(this.next() * options.length)];
  }

  /** So many hexadecimal digits. */
  hex(digits: number): string {
    let text = '';
    while (text.length < digits) {
      text += Math.floor(this.next() * 16).toString(16);
    }
    return text;
  }

  private _state: number;
}
