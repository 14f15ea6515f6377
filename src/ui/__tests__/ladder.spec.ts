import type { ISituation, Rung } from '../ladder';
import { PATIENCE_MS, rungOf } from '../ladder';

const LONG = PATIENCE_MS;
const SHORT = PATIENCE_MS - 1;

const NOTHING: ISituation = {
  troubleMs: null,
  trying: false,
  question: 'none',
  answered: false,
  wanted: false,
  occupied: false,
  hidden: false,
  rung: 'item'
};

describe('rungOf()', () => {
  it.each<[string, Partial<ISituation>, Rung]>([
    ['no trouble', {}, 'item'],
    [
      'no trouble any more, whatever stands',
      { rung: 'dialog', wanted: true },
      'item'
    ],
    ['under 5 s', { troubleMs: SHORT }, 'item'],
    [
      'under 5 s, permanent',
      { troubleMs: SHORT, question: 'permanent' },
      'item'
    ],
    [
      'under 5 s, permanent, a person wants it',
      { troubleMs: SHORT, question: 'permanent', wanted: true },
      'dialog'
    ],
    [
      'nothing to ask, a person wants it',
      { troubleMs: SHORT, wanted: true },
      'item'
    ],
    ['5 s', { troubleMs: LONG }, 'notification'],
    [
      '5 s, a try under way may prove that it is over',
      { troubleMs: LONG + 1499, trying: true },
      'item'
    ],
    [
      '6.5 s, a try under way',
      { troubleMs: LONG + 1500, trying: true },
      'notification'
    ],
    [
      'something is shown, a try under way',
      { troubleMs: LONG, trying: true, rung: 'notification' },
      'notification'
    ],
    ['5 s, permanent', { troubleMs: LONG, question: 'permanent' }, 'dialog'],
    [
      'attempts used up',
      { troubleMs: 30_000, question: 'attempts', rung: 'notification' },
      'dialog'
    ],
    [
      'attempts used up, somebody types',
      { troubleMs: 30_000, question: 'attempts', occupied: true },
      'notification'
    ],
    [
      'attempts used up, somebody types, a person wants it',
      {
        troubleMs: 30_000,
        question: 'attempts',
        occupied: true,
        wanted: true
      },
      'dialog'
    ],
    [
      'attempts used up, answered',
      { troubleMs: LONG, question: 'attempts', answered: true },
      'notification'
    ],
    [
      'the dialog stands, and something else takes place',
      {
        troubleMs: LONG,
        question: 'attempts',
        rung: 'dialog',
        occupied: true,
        hidden: true
      },
      'dialog'
    ],
    [
      'the dialog stands, the question is over',
      { troubleMs: LONG, rung: 'dialog' },
      'notification'
    ],
    ['hidden', { troubleMs: LONG, hidden: true }, 'item'],
    [
      'hidden while the notification stands',
      {
        troubleMs: LONG,
        hidden: true,
        question: 'attempts',
        rung: 'notification'
      },
      'notification'
    ]
  ])('%s', (_, situation, rung) => {
    expect(rungOf({ ...NOTHING, ...situation })).toBe(rung);
  });
});
