import fc from 'fast-check';

import { Reassembler } from '../fragments';
import { LAST, MORE, splitRecord } from '../units';

import { largeBytes, largeText, text } from './arbitraries';
import {
  FORMS,
  type Notation,
  brokenRule,
  expand,
  load,
  makeUnit,
  plain
} from './vectors';

interface IStep {
  payload: Notation;
  form: keyof typeof FORMS;
  gives: Notation | null;
}

interface ILimitCase {
  payload: Notation;
  more: number;
  last: Notation;
  rule: string | null;
}

describe('Reassembler', () => {
  it.each(load<{ steps: IStep[] }>('fragments', 'valid'))(
    '$name',
    ({ steps }) => {
      const reassembler = new Reassembler();
      let cost = 0;
      for (const { payload, form, gives } of steps) {
        const unit = makeUnit(expand(payload), FORMS[form]);
        const record = reassembler.add(unit);
        expect(record).toEqual(gives === null ? null : expand(gives));
        cost = gives === null ? cost + unit.cost : 0;
        expect(reassembler.cost).toBe(cost);
      }
    }
  );

  it.each(load<{ steps: IStep[]; rule: string }>('fragments', 'invalid'))(
    'refuses $name',
    ({ steps, rule }) => {
      const reassembler = new Reassembler();
      const units = steps.map(step =>
        makeUnit(expand(step.payload), FORMS[step.form])
      );
      const rules = units.map(unit => brokenRule(() => reassembler.add(unit)));
      expect(rules.pop()).toBe(rule);
      expect(rules.every(broken => broken === null)).toBe(true);
    }
  );

  it.each(load<ILimitCase>('fragments', 'limits'))(
    '$name',
    ({ payload, more, last, rule }) => {
      const reassembler = new Reassembler();
      const piece = makeUnit(expand(payload), MORE);
      for (let count = 0; count < more; count++) {
        reassembler.add(piece);
      }
      const end = makeUnit(expand(last), LAST);
      if (rule) {
        expect(brokenRule(() => reassembler.add(end))).toBe(rule);
      } else {
        expect(reassembler.add(end)?.length).toBe(
          piece.payload.length * more + end.payload.length
        );
      }
    }
  );

  it('puts together whatever was cut (C4)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(largeText, largeBytes, text), { maxLength: 4 }),
        records => {
          const reassembler = new Reassembler();
          for (const record of records) {
            const results = splitRecord(1, record).map(unit =>
              reassembler.add(unit)
            );
            expect(plain(results.pop())).toBe(plain(record));
            expect(results.every(result => result === null)).toBe(true);
            expect(reassembler.cost).toBe(0);
          }
        }
      )
    );
  });

  it('does not care where it was cut (C4)', () => {
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), pieces => {
        const reassembler = new Reassembler();
        const last = pieces[pieces.length - 1];
        for (const piece of pieces.slice(0, -1)) {
          reassembler.add(makeUnit(piece, MORE));
        }
        expect(reassembler.add(makeUnit(last, LAST))).toBe(pieces.join(''));
      })
    );
  });
});
