import {
  ACK_BYTES,
  BULK_BYTES,
  LOG_LIMIT_BYTES,
  UNIT_LIMIT_BYTES
} from '../limits';
import { Receipts, SendLog } from '../log';
import { MORE, WHOLE, unitOf } from '../units';
import { ruleOf } from './pair';

const UNITS = [0, 1, 2, 3, 4].map(number => unitOf(1, `${number}`, WHOLE));

describe('SendLog', () => {
  let log: SendLog;

  beforeEach(() => {
    log = new SendLog();
    UNITS.forEach(unit => log.append(unit));
    log.unwritten(0);
  });

  it('should write what is counted, once (W1)', () => {
    const fresh = new SendLog();
    UNITS.slice(0, 2).forEach(unit => fresh.append(unit));
    expect(fresh.unwritten(0)).toEqual(UNITS.slice(0, 2));
    fresh.append(UNITS[2]);
    expect(fresh.unwritten(0)).toEqual([UNITS[2]]);
    expect(fresh.unwritten(0)).toEqual([]);
  });

  it('should count units from 0 (C2)', () => {
    expect([log.start, log.end, log.cost]).toEqual([0, 5, 5 * 17]);
  });

  it('should forget acknowledged units and return them (A4)', () => {
    expect(log.acknowledge(2, 0)).toEqual(UNITS.slice(0, 2));
    expect(log.acknowledge(2, 0)).toEqual([]);
    expect([log.start, log.end, log.cost]).toEqual([2, 5, 3 * 17]);
  });

  it.each([1, 6])(
    'should reject an acknowledgement that shrinks or runs ahead: %i (A3)',
    received => {
      log.acknowledge(2, 0);
      expect(ruleOf(() => log.acknowledge(received, 0))).toBe('A3');
    }
  );

  it('should reject one of what was not written to this socket (A3)', () => {
    log.rewind(1);
    expect(ruleOf(() => log.acknowledge(2, 0))).toBe('A3');
    expect(log.unwritten(0)).toEqual(UNITS.slice(1));
    expect(log.acknowledge(5, 0)).toEqual(UNITS.slice(1));
  });

  it('should give each socket once what is missing (A4)', () => {
    expect(log.unwritten(0)).toEqual([]);
    expect(log.rewind(3)).toEqual(UNITS.slice(0, 3));
    expect(log.unwritten(0)).toEqual(UNITS.slice(3));
    expect(log.unwritten(0)).toEqual([]);
    expect(log.rewind(3)).toEqual([]);
    expect(log.unwritten(0)).toEqual(UNITS.slice(3));
  });

  it.each([0, 6])('should reject a cursor outside of it: %i (H7)', received => {
    log.acknowledge(1, 0);
    expect(ruleOf(() => log.rewind(received))).toBe('H7');
  });

  it('should hold 128 KiB (W2)', () => {
    const full = new SendLog();
    for (
      let sizeLeft = LOG_LIMIT_BYTES - 17;
      sizeLeft > 0;
      sizeLeft -= 16_400
    ) {
      const size = Math.min(sizeLeft, 16_400) - 16;
      full.append(unitOf(1, new Uint8Array(size), WHOLE));
    }
    expect(full.append(unitOf(1, 'xx', WHOLE))).toBe(false);
    expect(full.append(unitOf(1, 'x', WHOLE))).toBe(true);
    expect(full.cost).toBe(LOG_LIMIT_BYTES);
  });

  describe('on a fast line (W2)', () => {
    const large = unitOf(1, new Uint8Array(UNIT_LIMIT_BYTES), MORE);

    /** Fill a log with as much as may be in flight, and write it; return how much there is. */
    function fill(log: SendLog, nowMs = 0): number {
      while (log.append(large)) {
        continue;
      }
      log.unwritten(nowMs);
      return log.end - log.start;
    }

    it.each([
      [256, true],
      [257, false]
    ])(
      'should tell by 128 KiB that are acknowledged within 256 ms: %i ms',
      (spanMs, fast) => {
        const log = new SendLog();
        fill(log);
        log.acknowledge(log.end - 1, spanMs);
        expect(log.fast).toBe(false);
        log.acknowledge(log.end, spanMs);
        expect(log.fast).toBe(fast);
      }
    );

    it('should hold 512 KiB, and as much as ever when it gets slow', () => {
      const log = new SendLog();
      expect(fill(log)).toBe(7);
      log.acknowledge(log.end, 10);
      expect(fill(log)).toBe(31);
      log.acknowledge(log.end, 1_025);
      expect(log.fast).toBe(false);
      expect(fill(log)).toBe(7);
    });

    it('should count as fast for 10 s after the log was full', () => {
      const log = new SendLog();
      fill(log);
      log.acknowledge(log.end, 10);
      log.expire(9_999);
      expect(log.fast).toBe(true);
      expect(fill(log, 9_999)).toBe(31);
      log.acknowledge(log.end, 10_009);
      log.expire(19_998);
      expect(log.fast).toBe(true);
      log.expire(19_999);
      expect(log.fast).toBe(false);
      expect(fill(log, 19_999)).toBe(7);
    });

    it('should write once what was in flight when it ceased to be fast', () => {
      const log = new SendLog();
      fill(log);
      log.acknowledge(log.end, 10);
      fill(log);
      log.expire(10_000);
      expect(log.unwritten(10_000)).toEqual([]);
      expect(log.append(large)).toBe(false);
      log.acknowledge(log.start + 25, 10_001);
      expect(log.append(large)).toBe(true);
      expect(log.unwritten(10_001)).toEqual([large]);
      log.acknowledge(log.end, 10_001);
      expect(log.fast).toBe(false);
      expect(fill(log, 10_002)).toBe(7);
      log.acknowledge(log.end, 10_003);
      expect(log.fast).toBe(true);
    });

    it('should begin slow on each socket', () => {
      const log = new SendLog();
      fill(log);
      log.acknowledge(log.end, 10);
      log.rewind(log.end);
      expect(log.fast).toBe(false);
    });

    it('should tell nothing by less than a full log', () => {
      const log = new SendLog();
      log.append(large);
      log.unwritten(0);
      log.acknowledge(1, 0);
      expect(log.fast).toBe(false);
    });

    it('should tell nothing by what a former socket had', () => {
      const log = new SendLog();
      fill(log);
      log.rewind(1);
      log.acknowledge(log.start, 0);
      expect(log.fast).toBe(false);
    });
  });
});

describe('Receipts', () => {
  it.each([
    ['after 32 units', 31, 0, 1, 17],
    ['after 16 KiB', 1, ACK_BYTES - 1, 1, 1]
  ])(
    'should owe an acknowledgement %s (A2)',
    (_, units, cost, moreUnits, moreCost) => {
      const receipts = new Receipts();
      receipts.count(units, cost, 0);
      expect(receipts.due(0)).toBe(false);
      receipts.count(moreUnits, moreCost, 0);
      expect(receipts.due(0)).toBe(true);
    }
  );

  it('should owe an acknowledgement after 200 ms (A2)', () => {
    const receipts = new Receipts();
    expect(receipts.nextMs).toBe(Infinity);
    receipts.count(1, 17, 100);
    receipts.count(1, 17, 250);
    expect(receipts.nextMs).toBe(300);
    expect(receipts.due(299)).toBe(false);
    expect(receipts.due(300)).toBe(true);
  });

  it('should owe what is counted before bulk that would delay it (A2)', () => {
    const receipts = new Receipts();
    receipts.count(1, 17, 0);
    expect(receipts.due(1, BULK_BYTES - 1)).toBe(false);
    expect(receipts.due(1, BULK_BYTES)).toBe(true);
  });

  it('should owe no more what was told (A1)', () => {
    const receipts = new Receipts();
    receipts.count(40, ACK_BYTES, 0);
    expect(receipts.tell()).toBe(40);
    expect(receipts.due(1_000, BULK_BYTES)).toBe(false);
    expect(receipts.nextMs).toBe(Infinity);
  });
});
