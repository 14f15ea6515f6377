import fc from 'fast-check';

import { StreamChecker, TEXT_CHARACTERS, textOf } from '../checker';

describe('textOf()', () => {
  it('is what the server sends', () => {
    expect(textOf(17)).toBe(
      'record 17 record 17 record 17 record 17 record 17 record 17 reco'
    );
    for (const n of [1, 99, 2000, 100000]) {
      expect(textOf(n)).toHaveLength(TEXT_CHARACTERS);
    }
  });
});

describe('StreamChecker', () => {
  const check = (expected: number, numbers: readonly unknown[]) => {
    const checker = new StreamChecker(expected);
    for (const n of numbers) {
      checker.take(n, textOf(n as number));
    }
    return checker.counts();
  };
  const perfect = {
    expected: 4,
    arrived: 4,
    lost: 0,
    doubled: 0,
    outOfOrder: 0,
    damaged: 0
  };

  it('finds nothing wrong with what is right', () => {
    expect(check(4, [1, 2, 3, 4])).toEqual(perfect);
  });

  it('counts what is lost in the middle and at the end', () => {
    expect(check(4, [1, 3])).toEqual({ ...perfect, arrived: 2, lost: 2 });
  });

  it('counts what is doubled, and does not count it as out of order', () => {
    expect(check(4, [1, 2, 1, 2, 3, 4, 4])).toEqual({ ...perfect, doubled: 3 });
  });

  it('counts what comes after a later one', () => {
    expect(check(4, [1, 4, 2, 3])).toEqual({ ...perfect, outOfOrder: 2 });
  });

  it.each([0, 5, -1, 1.5, NaN, '1', null, undefined, {}])(
    'counts %p, which was never sent, as damaged',
    n => {
      expect(check(4, [1, 2, 3, 4, n])).toEqual({ ...perfect, damaged: 1 });
    }
  );

  it('counts a record with another text as damaged and so as lost', () => {
    const checker = new StreamChecker(1);
    checker.take(1, textOf(2));
    checker.take(1, 5);
    expect(checker.counts()).toMatchObject({ damaged: 2, lost: 1 });
    expect(checker.complete).toBe(false);
  });

  it('agrees with a plain account of any stream', () => {
    const stream = fc.array(fc.integer({ min: 1, max: 20 }));
    fc.assert(
      fc.property(stream, numbers => {
        const first = [...new Set(numbers)];
        const late = first.filter((n, index) =>
          first.slice(0, index).some(earlier => earlier > n)
        );
        expect(check(20, numbers)).toEqual({
          expected: 20,
          arrived: first.length,
          lost: 20 - first.length,
          doubled: numbers.length - first.length,
          outOfOrder: late.length,
          damaged: 0
        });
      })
    );
  });

  it('is complete when every record has arrived', () => {
    const checker = new StreamChecker(2);
    checker.take(2, textOf(2));
    expect(checker.complete).toBe(false);
    checker.take(1, textOf(1));
    expect(checker.complete).toBe(true);
    expect(checker.arrived).toBe(2);
  });
});
