import fc from 'fast-check';

import { isCount, isFlag, isObject, isText, readMembers } from '../members';

import { brokenRule } from './vectors';

const SHAPES = { a: { count: isCount, text: isText }, b: {} };

describe('readMembers', () => {
  it('returns the members of the shape only (F6)', () => {
    const text = '{"x":1,"text":"t","type":"a","count":2}';
    expect(readMembers(text, SHAPES)).toEqual({
      type: 'a',
      count: 2,
      text: 't'
    });
  });

  it.each(['', 'null', '[]', '"a"', '1', '{}', '{"type":"c"}', '{"type":"a"}'])(
    'refuses %j (F6)',
    text => {
      expect(brokenRule(() => readMembers(text, SHAPES))).toBe('F6');
    }
  );

  it('takes any JSON for an object of its shapes or an error (F6)', () => {
    const values = fc.oneof(
      fc.json(),
      fc
        .record({ type: fc.constantFrom('a', 'b', 'c'), count: fc.jsonValue() })
        .map(value => JSON.stringify(value))
    );
    fc.assert(
      fc.property(values, text => {
        const rule = brokenRule(() => readMembers(text, SHAPES));
        expect([null, 'F6']).toContain(rule);
      })
    );
  });

  it('survives JSON nested deeply (B)', () => {
    const deep = '{"x":'.repeat(10_000) + '1' + '}'.repeat(10_000);
    const text = `{"type":"b","deep":${deep}}`;
    expect([null, 'F6']).toContain(brokenRule(() => readMembers(text, SHAPES)));
  });
});

describe('the tests of members', () => {
  it.each([
    ['isText', isText, ['', 'a'], [0, null, undefined, {}, ['a'], true]],
    ['isFlag', isFlag, [true, false], [0, 1, null, undefined, 'true', {}]],
    ['isObject', isObject, [{}, { a: 1 }], [null, undefined, [], '', 1]],
    [
      'isCount',
      isCount,
      [0, 1, 2 ** 53 - 1],
      [-1, 0.5, 2 ** 53, Infinity, NaN, '1', true, null, undefined, [1]]
    ]
  ])('%s tells its type from others (F6)', (_, fits, right, wrong) => {
    expect(right.every(value => fits(value))).toBe(true);
    expect(wrong.some(value => fits(value))).toBe(false);
  });
});
