import fc from 'fast-check';

import { fitText, utf8Length, wellFormed } from '../text';

import { anyText } from './arbitraries';
import { load } from './vectors';

describe('wellFormed', () => {
  it.each(load<{ text: string; well_formed: string }>('units', 'well_formed'))(
    '$name',
    ({ text, well_formed }) => {
      expect(wellFormed(text)).toBe(well_formed);
    }
  );

  it('changes no length in UTF-8 (C3)', () => {
    fc.assert(
      fc.property(anyText, text => {
        const better = wellFormed(text);
        expect(Buffer.from(better).toString()).toBe(better);
        expect(wellFormed(better)).toBe(better);
        expect(utf8Length(text)).toBe(Buffer.from(better).length);
        expect(utf8Length(better)).toBe(utf8Length(text));
      })
    );
  });
});

describe('utf8Length', () => {
  it.each(load<{ text: string; bytes: number }>('units', 'utf8_length'))(
    '$name',
    ({ text, bytes }) => {
      expect(utf8Length(text)).toBe(bytes);
    }
  );
});

describe('fitText', () => {
  it.each(
    load<{ text: string; limit_bytes: number; fit: string }>(
      'units',
      'fit_text'
    )
  )('$name', ({ text, limit_bytes, fit }) => {
    expect(fitText(text, limit_bytes)).toBe(fit);
  });

  it('returns the longest beginning that fits (Z4)', () => {
    fc.assert(
      fc.property(anyText, fc.nat(20), (text, limitBytes) => {
        const fit = fitText(text, limitBytes);
        const rest = wellFormed(text).slice(fit.length);
        expect(wellFormed(text)).toBe(fit + rest);
        expect(utf8Length(fit)).toBeLessThanOrEqual(limitBytes);
        if (rest) {
          const [next] = rest;
          expect(utf8Length(fit + next)).toBeGreaterThan(limitBytes);
        }
      })
    );
  });
});
