import fc from 'fast-check';

import { RecordTooLargeError } from '../errors';
import { UNIT_LIMIT_BYTES } from '../limits';
import { type IUnit, LAST, MORE, RS, WHOLE, splitRecord } from '../units';

import { anyText, largeBytes, largeText } from './arbitraries';
import {
  type IUnitCase,
  type Notation,
  expand,
  expandUnit,
  glue,
  load,
  makeUnit,
  plain,
  plainUnits
} from './vectors';

interface ISplitCase {
  channel: number;
  record: Notation;
}

function check(units: IUnit[], whole: string | Uint8Array): void {
  expect(plain(glue(units.map(unit => unit.payload)))).toBe(plain(whole));
  units.forEach(({ channel, payload, form, cost }, index) => {
    expect(cost).toBe(makeUnit(payload, form, channel).cost);
    expect(cost - 16).toBeLessThanOrEqual(UNIT_LIMIT_BYTES);
    const alone = typeof whole === 'string' && whole.includes(RS);
    const last = units.length > 1 || alone ? LAST : WHOLE;
    expect(form).toBe(index < units.length - 1 ? MORE : last);
    expect(form === MORE && !payload.length).toBe(false);
  });
}

describe('splitRecord', () => {
  it.each(load<ISplitCase & { units: IUnitCase[] }>('units', 'split'))(
    '$name',
    ({ channel, record, units }) => {
      expect(plainUnits(splitRecord(channel, expand(record)))).toEqual(
        plainUnits(units.map(expandUnit))
      );
    }
  );

  it.each(
    load<ISplitCase & { size_bytes: number; limit_bytes: number }>(
      'units',
      'refused'
    )
  )('refuses $name', ({ channel, record, size_bytes, limit_bytes }) => {
    expect(() => splitRecord(channel, expand(record))).toThrow(
      new RecordTooLargeError(size_bytes, limit_bytes)
    );
  });

  it('takes a record of 16 MiB (M)', () => {
    expect(splitRecord(1, 'x'.repeat(16 * 1024 * 1024))).toHaveLength(1024);
  });

  it.each([3, 40_000])('copies %i bytes, which may change', length => {
    const buffer = new Uint8Array(length);
    const units = splitRecord(1, buffer);
    buffer.fill(1);
    expect(plain(glue(units.map(unit => unit.payload)))).toBe(
      plain(new Uint8Array(length))
    );
  });

  it('makes units that make the text (C1, C3, C4)', () => {
    fc.assert(
      fc.property(fc.oneof(largeText, anyText), text => {
        check(splitRecord(1, text), Buffer.from(text).toString());
      })
    );
  });

  it('makes units that make the bytes (C1, C4)', () => {
    fc.assert(
      fc.property(largeBytes, bytes => {
        check(splitRecord(1, bytes), bytes);
      })
    );
  });
});
