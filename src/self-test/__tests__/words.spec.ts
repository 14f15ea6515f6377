import { nullTranslator } from '@jupyterlab/translation';

import type { ICounts } from '../checker';
import type { IResult } from '../runner';
import { arrivedSentence, passed, resultSentence, verdict } from '../words';

const trans = nullTranslator.load('jupyter_ai_ws');

const good: ICounts = {
  expected: 2000,
  arrived: 2000,
  lost: 0,
  doubled: 0,
  outOfOrder: 0,
  damaged: 0
};

const result = (changes: Partial<IResult> = {}): IResult => ({
  outcome: 'complete',
  toPage: good,
  toServer: good,
  cuts: 10,
  cutsWanted: 10,
  reason: '',
  ...changes
});

describe('resultSentence()', () => {
  it('says what came out, of both directions together', () => {
    expect(resultSentence(result(), trans)).toBe(
      '2,000 records each way, 10 cuts: 0 lost, 0 doubled, 0 out of order.'
    );
    const bad = { ...good, lost: 1, doubled: 1200 };
    const toServer = { ...good, lost: 2, outOfOrder: 3 };
    expect(resultSentence(result({ toPage: bad, toServer }), trans)).toBe(
      '2,000 records each way, 10 cuts: 3 lost, 1,200 doubled, 3 out of order.'
    );
  });

  it('speaks of damage only when there is some', () => {
    const toPage = { ...good, damaged: 1 };
    expect(resultSentence(result({ toPage }), trans)).toMatch(/ 1 damaged\.$/);
  });
});

describe('passed()', () => {
  it('wants everything, all cuts and no fault', () => {
    expect(passed(result())).toBe(true);
    expect(passed(result({ cuts: 9 }))).toBe(false);
    expect(passed(result({ outcome: 'timeout' }))).toBe(false);
    for (const fault of ['lost', 'doubled', 'outOfOrder', 'damaged']) {
      const bad = { ...good, [fault]: 1 };
      expect(passed(result({ toPage: bad }))).toBe(false);
      expect(passed(result({ toServer: bad }))).toBe(false);
    }
  });
});

describe('verdict()', () => {
  it('passes only what passed', () => {
    expect(verdict(result(), trans)).toMatch(/^Passed\./);
    const toPage = { ...good, lost: 1 };
    expect(verdict(result({ toPage }), trans)).toMatch(/^Failed\./);
    const outcomes = [
      'refused',
      'unconnected',
      'session-lost',
      'closed',
      'lost',
      'timeout',
      'cancelled'
    ] as const;
    for (const outcome of outcomes) {
      expect(verdict(result({ outcome }), trans)).not.toMatch(/Passed/);
    }
  });

  it('does not take a session that is gone for a restart, as it may have expired', () => {
    const lost = result({ outcome: 'session-lost' });
    expect(verdict(lost, trans)).not.toMatch(/restart/);
  });

  it('repeats what the server said', () => {
    const refused = result({ outcome: 'refused', reason: 'no such service' });
    expect(verdict(refused, trans)).toMatch(/: no such service$/);
  });
});

describe('arrivedSentence()', () => {
  it('says how far it is', () => {
    const progress = {
      records: 2000,
      toPage: 1234,
      toServer: 5,
      cuts: 3,
      cutsWanted: 10,
      waiting: false
    };
    expect(arrivedSentence(progress, trans)).toBe(
      '1,234 of 2,000 records to the page, 5 to the server, 3 of 10 cuts.'
    );
  });
});
