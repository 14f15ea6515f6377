import fc from 'fast-check';

import { type ChannelRecord, decodeRecord, encodeRecord } from '../records';
import { SERVER_SHAPES } from '../server-end';

import { anyText, records } from './arbitraries';
import { brokenRule, load } from './vectors';

interface IRecordCase {
  text: string;
  record: ChannelRecord;
  canonical: boolean;
}

describe('decodeRecord', () => {
  it.each(load<IRecordCase>('records', 'valid'))(
    '$name',
    ({ text, record }) => {
      expect(decodeRecord(text, SERVER_SHAPES)).toEqual(record);
    }
  );

  it.each(load<{ text: string; rule: string }>('records', 'invalid'))(
    'refuses $name',
    ({ text, rule }) => {
      expect(brokenRule(() => decodeRecord(text, SERVER_SHAPES))).toBe(rule);
    }
  );

  it('takes any text for a record or an error (B1)', () => {
    const kinds = fc.constantFrom(
      'open',
      'accept',
      'refuse',
      'close',
      'credit'
    );
    const members = fc.record(
      {
        type: kinds,
        channel: fc.jsonValue(),
        service: fc.jsonValue(),
        parameters: fc.jsonValue(),
        code: fc.jsonValue(),
        reason: fc.jsonValue(),
        taken: fc.jsonValue()
      },
      { requiredKeys: ['type'] }
    );
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          fc.json(),
          members.map(value => JSON.stringify(value))
        ),
        text => {
          const rule = brokenRule(() => decodeRecord(text, SERVER_SHAPES));
          expect([null, 'F6', 'Z4']).toContain(rule);
        }
      )
    );
  });
});

describe('encodeRecord', () => {
  it.each(
    load<IRecordCase>('records', 'valid').filter(({ canonical }) => canonical)
  )('$name', ({ text, record }) => {
    expect(encodeRecord(record)).toBe(text);
  });

  it('writes what is read as it was (Z)', () => {
    fc.assert(
      fc.property(records, record => {
        const text = encodeRecord(record);
        expect(text.startsWith('{"type":"')).toBe(true);
        expect(decodeRecord(text, SERVER_SHAPES)).toEqual(JSON.parse(text));
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(record)));
      })
    );
  });
});
