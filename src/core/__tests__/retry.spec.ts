import fc from 'fast-check';

import { SUBPROTOCOL } from '../limits';
import {
  type ICloseVerdict,
  type ProbeAction,
  type ProbeAnswer,
  classifyClose,
  classifyProbe,
  decide
} from '../retry';

import { anyText } from './arbitraries';
import { camelCaseNames, load } from './vectors';

interface IProbeCase {
  status: number | null;
  body: string | null;
  redirected: boolean;
  protocols: string[];
  answer: ProbeAnswer;
}

interface IDecisionCase {
  answer: ProbeAnswer;
  welcomed_before: boolean;
  action: ProbeAction;
}

describe('classifyClose', () => {
  it.each(
    load<{ code: number | null; verdict: Record<string, unknown> }>(
      'retry',
      'closes'
    )
  )('$name', ({ code, verdict }) => {
    const expected = camelCaseNames<ICloseVerdict>(verdict);
    expect(classifyClose(code)).toEqual(expected);
  });
});

describe('classifyProbe', () => {
  it.each(load<IProbeCase>('retry', 'probes'))(
    '$name',
    ({ status, body, redirected, protocols, answer }) => {
      expect(classifyProbe(status, body, redirected, protocols)).toBe(answer);
    }
  );

  it('names whatever a probe brings (R4)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100, max: 599 }),
        fc.oneof(anyText, fc.json()),
        fc.boolean(),
        (status, body, redirected) => {
          const answer = classifyProbe(status, body, redirected, [SUBPROTOCOL]);
          expect(['open', 'retry', 'ask']).toContain(decide(answer, true));
        }
      )
    );
  });
});

describe('decide', () => {
  it.each(load<IDecisionCase>('retry', 'decisions'))(
    '$name',
    ({ answer, welcomed_before, action }) => {
      expect(decide(answer, welcomed_before)).toBe(action);
    }
  );
});
