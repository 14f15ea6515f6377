import fc from 'fast-check';

import { IdleProxyDetector } from '../silence';

import { load } from './vectors';

interface ISilenceCase {
  known_limit_ms: number | null;
  cuts_ms: number[];
  limit_ms: number | null;
  heartbeats_ms: [wantedMs: number, heartbeatMs: number][];
}

describe('IdleProxyDetector', () => {
  it.each(load<ISilenceCase>('silence', 'cases'))(
    '$name',
    ({ known_limit_ms, cuts_ms, limit_ms, heartbeats_ms }) => {
      const detector = new IdleProxyDetector(known_limit_ms);
      cuts_ms.forEach(silenceMs => detector.cut(silenceMs));
      expect(detector.silenceLimitMs).toBe(limit_ms);
      for (const [wantedMs, heartbeatMs] of heartbeats_ms) {
        expect(detector.heartbeatMs(wantedMs)).toBe(heartbeatMs);
      }
    }
  );

  it('never slows the heartbeat nor raises the limit (L7)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1e6, noNaN: true })),
        fc.double({ min: 1, max: 1e6, noNaN: true }),
        (cutsMs, wantedMs) => {
          const detector = new IdleProxyDetector();
          let limitMs = Infinity;
          for (const silenceMs of cutsMs) {
            detector.cut(silenceMs);
            const nextMs = detector.silenceLimitMs ?? Infinity;
            expect(nextMs).toBeLessThanOrEqual(limitMs);
            limitMs = nextMs;
          }
          const heartbeatMs = detector.heartbeatMs(wantedMs);
          expect(heartbeatMs).toBeLessThanOrEqual(wantedMs);
          expect(heartbeatMs).toBeGreaterThanOrEqual(Math.min(wantedMs, 2000));
          expect([...cutsMs, Infinity]).toContain(limitMs);
        }
      )
    );
  });
});
