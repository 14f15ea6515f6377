import fc from 'fast-check';

import {
  type IResumeRequest,
  type Query,
  formatRequest,
  parseRequest
} from '../handshake';
import { MAX_INTEGER } from '../limits';

import { counts } from './arbitraries';
import { brokenRule, load } from './vectors';

interface IQueryCase {
  query: Query;
  request: IResumeRequest;
  text: string | null;
}

function hexadecimal(length: number): fc.Arbitrary<string> {
  const digits = fc.constantFrom(...'0123456789abcdef');
  return fc.string({ unit: digits, minLength: length, maxLength: length });
}

describe('parseRequest', () => {
  it.each(load<IQueryCase>('handshake', 'valid'))(
    '$name',
    ({ query, request }) => {
      expect(parseRequest(query)).toEqual(request);
    }
  );

  it.each(load<IQueryCase>('handshake', 'invalid'))(
    'refuses $name',
    ({ query }) => {
      expect(brokenRule(() => parseRequest(query))).toBe('H1');
    }
  );

  it('takes any query for a request or an error (H1)', () => {
    const queries = fc.dictionary(
      fc.constantFrom('sid', 'epoch', 'received', 'serial', 'x'),
      fc.array(fc.oneof(fc.string(), hexadecimal(32), hexadecimal(16)), {
        maxLength: 2
      })
    );
    fc.assert(
      fc.property(queries, query => {
        const rule = brokenRule(() => parseRequest(query));
        expect([null, 'H1']).toContain(rule);
      })
    );
  });
});

describe('formatRequest', () => {
  it.each(load<IQueryCase>('handshake', 'valid').filter(({ text }) => text))(
    '$name',
    ({ request, text }) => {
      expect(formatRequest(request)).toBe(text);
    }
  );

  it('writes what is read as it was (H1)', () => {
    const requests = fc.record({
      sid: hexadecimal(32),
      epoch: hexadecimal(16),
      received: counts,
      serial: fc.integer({ min: 1, max: MAX_INTEGER })
    });
    fc.assert(
      fc.property(requests, request => {
        const query: Record<string, string[]> = {};
        new URLSearchParams(formatRequest(request)).forEach((value, name) => {
          query[name] = [value];
        });
        expect(parseRequest(query)).toEqual(request);
      })
    );
  });
});
