import fc from 'fast-check';

import { type Control, decode, encodeControl, encodeUnits } from '../frames';
import {
  FAST_LOG_LIMIT_BYTES,
  MAX_CHANNEL,
  MESSAGE_LIMIT_BYTES,
  UNIT_LIMIT_BYTES
} from '../limits';
import { type IUnit, LAST, RS, costOf, countOf, splitRecord } from '../units';

import {
  anyText,
  channels,
  controls,
  largeBytes,
  largeText,
  text
} from './arbitraries';
import {
  type IUnitCase,
  type Notation,
  brokenRule,
  expand,
  expandUnit,
  glue,
  load,
  plain,
  plainUnits
} from './vectors';

/** What a fast line offers. */
const MEMORY = new Uint8Array(FAST_LOG_LIMIT_BYTES);

interface IControlCase {
  frame: string;
  control: Control;
  canonical: boolean;
}

describe('decode', () => {
  it.each(load<{ frame: Notation; units: IUnitCase[] }>('frames', 'valid'))(
    '$name',
    ({ frame, units }) => {
      expect(plainUnits(decode(expand(frame)))).toEqual(
        plainUnits(units.map(expandUnit))
      );
    }
  );

  it.each(load<IControlCase>('frames', 'control'))(
    '$name',
    ({ frame, control }) => {
      expect(decode(frame)).toEqual(control);
    }
  );

  it.each(load<{ frame: Notation; rule: string }>('frames', 'invalid'))(
    'refuses $name',
    ({ frame, rule }) => {
      expect(brokenRule(() => decode(expand(frame)))).toBe(rule);
    }
  );

  it('takes any text for a frame or an error (B1)', () => {
    const heads = fc.constantFrom('', '0', '5', '12', '05', '5+', '5.', '0.');
    const messages = fc.oneof(
      anyText,
      fc.tuple(heads, anyText).map(parts => parts.join(RS)),
      anyText.map(rest => `{${rest}`)
    );
    fc.assert(
      fc.property(messages, message => {
        expect(brokenRule(() => decode(message))).not.toBe('');
      })
    );
  });

  it('takes any bytes for a frame or an error (B1)', () => {
    fc.assert(
      fc.property(fc.uint8Array(), message => {
        if (brokenRule(() => decode(message)) === null) {
          expect(encodeUnits(decode(message) as IUnit[])).toEqual([message]);
        }
      })
    );
  });

  it('copies the bytes of a record, so that their buffer holds nothing else', () => {
    const [unit] = decode(Uint8Array.of(5, 0, 1, 2)) as IUnit[];
    expect((unit.payload as Uint8Array).buffer.byteLength).toBe(2);
  });

  it('does not copy those of a piece, which are copied into the record', () => {
    const frame = Uint8Array.of(5, 1, 1, 2);
    const [unit] = decode(frame) as IUnit[];
    expect(unit.payload).toEqual(Uint8Array.of(1, 2));
    expect((unit.payload as Uint8Array).buffer).toBe(frame.buffer);
  });
});

describe('encodeControl', () => {
  it.each(
    load<IControlCase>('frames', 'control').filter(({ canonical }) => canonical)
  )('$name', ({ frame, control }) => {
    expect(encodeControl(control)).toBe(frame);
  });

  it('writes what is read as it was (F1)', () => {
    fc.assert(
      fc.property(controls, control => {
        expect(decode(encodeControl(control))).toEqual(control);
      })
    );
  });
});

describe('encodeUnits', () => {
  it.each(
    load<{ units: IUnitCase[]; frames: Notation[] }>('frames', 'written')
  )('$name', ({ units, frames }) => {
    expect(encodeUnits(units.map(expandUnit)).map(plain)).toEqual(
      frames.map(frame => plain(expand(frame)))
    );
  });

  it.each(
    load<{ units: IUnitCase[]; frames: Notation[] }>('frames', 'written_fast')
  )('on a fast line: $name', ({ units, frames }) => {
    expect(encodeUnits(units.map(expandUnit), MEMORY).map(plain)).toEqual(
      frames.map(frame => plain(expand(frame)))
    );
  });

  it.each([
    // Neither repeats itself by 16 KiB, and texts are cut below that.
    ['bytes', Uint8Array.from({ length: 500_000 }, (_, index) => index % 251)],
    ['text', '€'.repeat(166_600)],
    ['text of pairs', `x${'𝄞'.repeat(124_900)}`]
  ])('joins %s on a fast line, and counts as ever (F2)', (_, record) => {
    const units = splitRecord(MAX_CHANNEL, record);
    const frames = encodeUnits(units, MEMORY);
    expect(frames.length).toBe(3);
    for (const frame of frames) {
      expect(Buffer.byteLength(frame)).toBeLessThan(MESSAGE_LIMIT_BYTES);
    }
    const read = frames.flatMap(frame => decode(frame) as IUnit[]);
    expect(plain(glue(read.map(unit => unit.payload)))).toBe(plain(record));
    expect(countOf(read)).toBe(units.length);
    expect(costOf(read)).toBe(costOf(units));
  });

  it('lays binary frames into the memory of a fast line, one behind the other', () => {
    const units = [3, 4].flatMap(channel =>
      splitRecord(channel, Uint8Array.of(channel))
    );
    const frames = encodeUnits(units, MEMORY) as Uint8Array[];
    expect(frames).toEqual([Uint8Array.of(3, 0, 3), Uint8Array.of(4, 0, 4)]);
    expect(frames.map(frame => frame.buffer)).toEqual([
      MEMORY.buffer,
      MEMORY.buffer
    ]);
    expect(encodeUnits(units, MEMORY)).toEqual(frames);
  });

  it('needs no more memory than units cost', () => {
    const records = fc.tuple(channels, fc.oneof(largeBytes, fc.uint8Array()));
    fc.assert(
      fc.property(fc.array(records), sent => {
        const units = sent.flatMap(record => splitRecord(...record));
        const frames = encodeUnits(units, new Uint8Array(costOf(units)));
        const read = frames.flatMap(frame => decode(frame) as IUnit[]);
        const bytes = (all: IUnit[]) =>
          plain(glue(all.map(unit => unit.payload)));
        expect(costOf(read)).toBe(costOf(units));
        expect(bytes(read)).toEqual(bytes(units));
      })
    );
  });

  it('writes what is read as it was, within 16 KiB (F2, F5)', () => {
    const records = fc.tuple(
      fc.oneof(fc.integer({ min: 1, max: 3 }), channels),
      fc.oneof(largeText, largeBytes, text)
    );
    fc.assert(
      fc.property(fc.array(records), sent => {
        const units = sent.flatMap(record => splitRecord(...record));
        const read = encodeUnits(units).flatMap(frame => {
          const inside = decode(frame) as IUnit[];
          const size = inside.reduce((sum, { cost }) => sum + cost - 16, 0);
          expect(size).toBeLessThanOrEqual(UNIT_LIMIT_BYTES);
          return inside;
        });
        // A binary frame does not tell a whole record from a last fragment.
        const expected = units.map(unit =>
          typeof unit.payload === 'string' || unit.form
            ? unit
            : { ...unit, form: LAST }
        );
        expect(plainUnits(read)).toEqual(plainUnits(expected));
      })
    );
  });

  it.each(['', 'x', 'é'])(
    'makes no frame that costs over 16 KiB of small records and %j (F5)',
    record => {
      const [unit] = splitRecord(1, record);
      const [empty] = splitRecord(1, '');
      const count = Math.floor(FAST_LOG_LIMIT_BYTES / unit.cost);
      const units = [
        unit,
        ...Array(8191).fill(empty),
        ...Array(count).fill(unit)
      ];
      const read = encodeUnits(units, MEMORY).map(
        frame => decode(frame) as IUnit[]
      );
      expect(read.flat()).toHaveLength(units.length);
      for (const inside of read) {
        expect(costOf(inside)).toBeLessThanOrEqual(UNIT_LIMIT_BYTES);
      }
    }
  );
});
