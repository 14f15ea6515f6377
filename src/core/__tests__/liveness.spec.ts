import fc from 'fast-check';

import { Liveness } from '../liveness';
import { ConnectorOptions } from '../status';

import { camelCase, camelCaseNames, load } from './vectors';

interface IStep {
  at: number;
  call: string;
  args?: unknown[];
  gives?: unknown;
  next?: number | null;
  last_proof_ms?: number;
  ping_outstanding?: boolean;
  round_trip_ms?: number | null;
}

type Method = (...args: unknown[]) => unknown;

const STATE = ['last_proof_ms', 'ping_outstanding', 'round_trip_ms'];

/** Do what a step says, and return the step with what came of it. */
function follow(
  liveness: Liveness,
  options: ConnectorOptions,
  step: IStep
): Record<string, unknown> {
  const { at, call, args = [], ...rest } = step;
  const members = liveness as unknown as Record<string, unknown>;
  const result: Record<string, unknown> = { ...step };
  if (call === 'set') {
    const { hidden, ...settings } = camelCaseNames<{ hidden?: boolean }>(rest);
    if (hidden !== undefined) {
      liveness.hiddenMs = hidden ? at : Infinity;
    }
    Object.assign(options, settings);
  } else {
    result.gives = (members[camelCase(call)] as Method).call(
      liveness,
      ...args,
      at
    );
  }
  for (const name of STATE.filter(name => name in step)) {
    result[name] = members[camelCase(name)];
  }
  if ('next' in step) {
    // JSON has no infinity.
    result.next =
      liveness.nextCheckMs === Infinity ? null : liveness.nextCheckMs;
  }
  return result;
}

describe('Liveness', () => {
  it.each(
    load<{ options: Record<string, number>; steps: IStep[] }>(
      'liveness',
      'cases'
    )
  )('$name', ({ options: settings, steps }) => {
    const options = new ConnectorOptions();
    Object.assign(options, camelCaseNames(settings));
    const liveness = new Liveness(options);
    for (const step of steps) {
      expect(follow(liveness, options, step)).toEqual(step);
    }
  });

  it('never abandons a socket that answers in time (L2)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2999 }), delayMs => {
        const liveness = new Liveness();
        liveness.start(0);
        for (let pings = 0; pings < 20; pings++) {
          const nowMs = liveness.nextCheckMs;
          expect(liveness.check(nowMs)).toBe('ping');
          const id = liveness.ping(nowMs);
          expect(liveness.check(nowMs + delayMs)).toBe('alive');
          liveness.pong(id, nowMs + delayMs);
          expect(liveness.lastProofMs).toBe(nowMs + delayMs);
        }
      })
    );
  });

  it('keeps the deadline within 20 s of proof or arming (L3)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 2999 }), { maxLength: 50 }),
        gapsMs => {
          const liveness = new Liveness();
          liveness.start(0);
          liveness.written(8, 0);
          let nowMs = 0;
          for (const gapMs of gapsMs) {
            nowMs += gapMs;
            liveness.ping(nowMs);
            liveness.unitsReceived(8192, nowMs);
            expect(liveness.nextCheckMs).toBe(Math.min(nowMs + 3001, 20_000));
          }
          expect(liveness.check(liveness.nextCheckMs)).toBe('dead');
        }
      )
    );
  });

  it('gives one reprieve to late timers (L4)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1001, max: 1_000_000 }), lateMs => {
        const liveness = new Liveness();
        liveness.start(0);
        liveness.ping(5000);
        expect(liveness.check(liveness.nextCheckMs + lateMs)).toBe('ping');
        liveness.ping(8000 + lateMs);
        expect(liveness.nextCheckMs).toBe(11_000 + lateMs);
        expect(liveness.check(liveness.nextCheckMs + lateMs)).toBe('dead');
      })
    );
  });
});
