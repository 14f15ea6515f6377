import fc from 'fast-check';

import { firstDelayMs, laterDelayMs } from '../backoff';

import { load } from './vectors';

interface IFirstCase {
  local: boolean;
  spread: boolean;
  random: number;
  delay_ms: number;
}

interface ILaterCase {
  options: { base_delay_ms?: number; delay_cap_ms?: number };
  retry: number;
  since_cut_ms: number;
  random: number;
  delay_ms: number;
}

const DEFAULTS = { baseDelayMs: 1_000, delayCapMs: 8_000 };

describe('firstDelayMs', () => {
  it.each(load<IFirstCase>('backoff', 'first'))(
    '$name',
    ({ local, spread, random, delay_ms }) => {
      expect(firstDelayMs(local, spread, () => random)).toBe(delay_ms);
    }
  );
});

describe('laterDelayMs', () => {
  it.each(load<ILaterCase>('backoff', 'later'))(
    '$name',
    ({ options, retry, since_cut_ms, random, delay_ms }) => {
      const settings = {
        baseDelayMs: options.base_delay_ms ?? DEFAULTS.baseDelayMs,
        delayCapMs: options.delay_cap_ms ?? DEFAULTS.delayCapMs
      };
      expect(laterDelayMs(retry, since_cut_ms, settings, () => random)).toBe(
        delay_ms
      );
    }
  );

  it('takes a cap below the base for the base (R2)', () => {
    const settings = { baseDelayMs: 5_000, delayCapMs: 1_000 };
    expect(laterDelayMs(3, 0, settings, () => 0)).toBe(2_500);
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
          const delayMs = laterDelayMs(
            retry,
            sinceCutMs,
            DEFAULTS,
            () => random
          );
          expect(delayMs).toBeGreaterThanOrEqual(boundMs / 2);
          expect(delayMs).toBeLessThanOrEqual(boundMs);
        }
      )
    );
  });
});
