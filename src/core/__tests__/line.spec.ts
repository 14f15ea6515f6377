import { Line } from '../line';
import { Liveness } from '../liveness';
import { Session } from '../session';
import { Driver } from './driver';

describe('Line', () => {
  let driver: Driver;
  let liveness: Liveness;
  let session: Session;
  let line: Line;

  beforeEach(() => {
    driver = new Driver();
    liveness = new Liveness();
    session = new Session(driver, 1, liveness);
    session.attach(0, 0);
    line = new Line(driver, 1, session, liveness, 0);
  });

  it('should answer the welcome by a ping (H3)', () => {
    expect(driver.frames).toEqual(['{"type":"ping","id":1,"received":0}']);
    expect(liveness.pingOutstanding).toBe(true);
  });

  it.each([
    [4_999, false],
    [5_000, true]
  ])(
    'should be settled by a proof on a socket 5 s old: %i ms (R8)',
    (ms, is) => {
      expect(line.settled).toBe(false);
      liveness.pong(1, ms);
      expect(line.settled).toBe(is);
    }
  );

  it('should arm the deadline for what is in flight (L3)', () => {
    liveness.pong(1, 0);
    session.open('test');
    line.write(session.flush(1_000), 1_000);
    expect(liveness.nextCheckMs).toBe(
      Math.min(5_000, 1_000 + 3_000 + session.log.cost / 8)
    );
  });

  it('should know since when nothing went either way (L7)', () => {
    liveness.pong(1, 10);
    line.active(10);
    expect(line.silenceMs(4_010)).toBe(4_000);
    line.write([], 5_000);
    expect(line.silenceMs(6_000)).toBe(1_000);
  });

  it.each([
    [999, 5_999],
    [1_000, 1_000]
  ])(
    'should not count a ping that just lost the race: %i ms later (L7)',
    (laterMs, silenceMs) => {
      liveness.pong(1, 0);
      line.ping(5_000);
      expect(line.silenceMs(5_000 + laterMs)).toBe(silenceMs);
    }
  );

  it('should tell use by channels from heartbeats (L8)', () => {
    line.active(1_000);
    line.ping(2_000);
    expect(line.usedMs).toBe(0);
    session.unitsMoved++;
    line.active(3_000);
    line.active(4_000);
    expect(line.usedMs).toBe(3_000);
  });
});
