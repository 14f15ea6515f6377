import fc from 'fast-check';

import { BackOff, firstDelayMs } from '../backoff';

import { load } from './vectors';

interface IFirstCase {
  local: boolean;
  spread: boolean;
  random: number;
  delay_ms: number;
}

interface ILaterCase {
  options: { base_ms?: number; cap_ms?: number };
  retry: number;
  since_cut_ms: number;
  random: number;
  delay_ms: number;
}

describe('firstDelayMs', () => {
  it.each(load<IFirstCase>('backoff', 'first'))(
    '$name',
    ({ local, spread, random, delay_ms }) => {
      expect(firstDelayMs(local, spread, () => random)).toBe(delay_ms);
    }
  );
});

describe('BackOff', () => {
  it.each(load<ILaterCase>('backoff', 'later'))(
    '$name',
    ({ options, retry, since_cut_ms, random, delay_ms }) => {
      const backOff = new BackOff(options.base_ms, options.cap_ms);
      const delayMs = backOff.delayMs(retry, since_cut_ms, () => random);
      expect(delayMs).toBe(delay_ms);
    }
  );

  it('lets its settings be changed while waiting (R2)', () => {
    const backOff = new BackOff();
    backOff.baseMs = 100;
    backOff.capMs = 150;
    const delaysMs = [1, 2, 3].map(retry => backOff.delayMs(retry, 0, () => 0));
    expect(delaysMs).toEqual([50, 75, 75]);
  });

  it('waits between half its bound and its bound (R2)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.double({ min: 0, max: 1e9, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (retry, sinceCutMs, random) => {
          const boundMs =
            sinceCutMs >= 120_000
              ? 30_000
              : Math.min(1000 * 2 ** (retry - 1), 8000);
          const delayMs = new BackOff().delayMs(
            retry,
            sinceCutMs,
            () => random
          );
          expect(delayMs).toBeGreaterThanOrEqual(boundMs / 2);
          expect(delayMs).toBeLessThanOrEqual(boundMs);
        }
      )
    );
  });
});
