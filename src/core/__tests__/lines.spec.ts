import {
  ASK_AFTER_MS,
  CREDIT_BYTES,
  LOG_LIMIT_BYTES,
  UNIT_OVERHEAD_BYTES
} from '../limits';
import type { ProbeAnswer } from '../retry';
import { ConnectorOptions } from '../status';
import type { Application } from './simulator/applications';
import { HOUR_MS, Line, MINUTE_MS, TIMER_MS } from './simulator/line';

const MIB = 2 ** 20;
const BULK = 'x'.repeat(MIB / 4);

/** Bytes a millisecond. */
const RATES = {
  '64 kbit/s': 8,
  '256 kbit/s': 32,
  '1 Mbit/s': 125,
  '10 Mbit/s': 1_250
};
const HOLES = { up: [true, false], down: [false, true], both: [true, true] };
const BULKS = ['up', 'down', 'both'] as const;
type Rate = keyof typeof RATES;
type Hole = keyof typeof HOLES;
type Bulk = (typeof BULKS)[number];

const rates = Object.keys(RATES) as Rate[];
const holes = Object.keys(HOLES) as Hole[];

/** Every combination of two or three lists. */
function product<A, B>(as: readonly A[], bs: readonly B[]): [A, B][] {
  return as.flatMap(a => bs.map((b): [A, B] => [a, b]));
}

function report(figure: string): void {
  process.stdout.write(`    ${figure}\n`);
}

/** Let the line go half-open; return how long the page takes to find out. */
function foundAfterMs(line: Line, hole: Hole): number {
  line.swallow(HOLES[hole][0], HOLES[hole][1]);
  return line.until(() => line.page.deaths > 0, MINUTE_MS);
}

/** What was under way still arrives and proves; then two timers fire. */
function slackMs(line: Line): number {
  return line.plan.latencyMs + 2 * TIMER_MS;
}

/** The ends that send. */
function senders(bulk: Bulk, ends: Application[]): Application[] {
  return bulk === 'both' ? ends : [ends[bulk === 'up' ? 0 : 1]];
}

describe('a half-open line (L2, L3)', () => {
  it.each(product(['idle', 'tokens down', 'tokens up'], holes))(
    'should be found within 8 s (%s, hole %s)',
    (traffic, hole) => {
      let worstMs = 0;
      for (let phaseMs = 0; phaseMs < 6_000; phaseMs += 150) {
        const line = new Line();
        line.join();
        const [page, server] = line.open();
        if (traffic !== 'idle') {
          const end = traffic === 'tokens down' ? server : page;
          line.every(100, () => line.send(end, 'token '));
        }
        line.runFor(3_000 + phaseMs);
        const foundMs = foundAfterMs(line, hole);
        expect(foundMs).toBeLessThanOrEqual(8_000 + slackMs(line));
        worstMs = Math.max(worstMs, foundMs);
      }
      report(`${traffic}, hole ${hole}: found after ${worstMs / 1000} s`);
    }
  );

  it.each(
    product(['64 kbit/s', '1 Mbit/s'] as const, product(BULKS, holes)).map(
      ([rate, [bulk, hole]]) => [rate, bulk, hole] as const
    )
  )(
    'should be found within 25 s under bulk (%s, bulk %s, hole %s)',
    (rate, bulk, hole) => {
      let worstMs = 0;
      for (let phaseMs = 0; phaseMs < 6_000; phaseMs += 300) {
        const line = new Line({ bytesPerMs: RATES[rate] });
        line.join();
        for (const end of senders(bulk, line.open())) {
          for (let i = 0; i < 16; i++) {
            end.send(BULK);
          }
        }
        line.runFor(20_000 + phaseMs);
        const foundMs = foundAfterMs(line, hole);
        expect(foundMs).toBeLessThanOrEqual(25_000 + slackMs(line));
        worstMs = Math.max(worstMs, foundMs);
      }
      report(
        `${rate}, bulk ${bulk}, hole ${hole}: found after ${worstMs / 1000} s`
      );
    },
    20_000
  );
});

describe('bulk over a slow line', () => {
  /**
   * What the line itself takes. Both ways, acknowledgements stand behind the
   * other end's window of 128 KiB, so that each window costs half a round trip
   * more; one way, they come back while it is on its way.
   */
  function ownTimeMs(bulk: Bulk, size: number, rate: number, rttMs: number) {
    const windows = bulk === 'both' ? size / LOG_LIMIT_BYTES : 0;
    return size / rate + rttMs + (windows * rttMs) / 2;
  }

  it.each(
    product(BULKS, product(rates, [20, 150, 600])).map(
      ([bulk, [rate, rttMs]]) => [bulk, rate, rttMs] as const
    )
  )(
    'should take little longer with a cut, and nobody is declared dead (%s, %s, RTT %i ms)',
    (bulk, rate, rttMs) => {
      const size = 8 * MIB;
      const bytesPerMs = RATES[rate];
      const line = new Line({ latencyMs: rttMs / 2, bytesPerMs });
      line.join();
      const ends = line.open();
      const startedMs = line.nowMs;
      for (const end of senders(bulk, ends)) {
        for (let sent = 0; sent < size; sent += BULK.length) {
          end.send(BULK);
        }
      }
      const ownMs = ownTimeMs(bulk, size, bytesPerMs, rttMs);
      line.runFor(ownMs / 2);
      line.cut();
      const wanted = (senders(bulk, ends).length * size) / BULK.length;
      line.until(
        () => ends[0].received.length + ends[1].received.length === wanted
      );
      const tookMs = line.nowMs - startedMs;
      const plain = (tookMs / (size / bytesPerMs + rttMs)).toFixed(3);
      const own = (tookMs / ownMs).toFixed(3);
      report(
        `${bulk}, ${rate}, RTT ${rttMs} ms: ${plain} x payload / rate + RTT, ` +
          `${own} x the line's own time`
      );
      expect(line.page.deaths).toBe(0);
      expect(line.connector.resumes).toBe(1);
      if (bytesPerMs <= RATES['1 Mbit/s']) {
        expect(tookMs).toBeLessThanOrEqual(1.05 * ownMs);
      }
    },
    20_000
  );

  it.each([1, 2, 4])(
    'should not be given up for ever when it is too slow for the deadline (L3): %i B/ms',
    bytesPerMs => {
      const line = new Line({ latencyMs: 20, bytesPerMs });
      line.tooSlow = true;
      line.join();
      const [page, server] = line.open();
      for (let number = 0; number < 160; number++) {
        server.send(`token ${number} `.padEnd(250, 'x'));
      }
      const ownMs = (160 * 250) / bytesPerMs;
      const tookMs = line.until(
        () => page.received.length === 160,
        10 * MINUTE_MS
      );
      report(
        `${bytesPerMs} B/ms: ${(tookMs / ownMs).toFixed(2)} x its own time`
      );
      expect(tookMs).toBeLessThanOrEqual(3 * ownMs);
    }
  );

  // The other direction is that of the server's own core.
  it('should not be declared dead when a fast line comes back slow (W2)', () => {
    const line = new Line({ latencyMs: 10, bytesPerMs: RATES['10 Mbit/s'] });
    line.join();
    const [page, server] = line.open();
    for (let sent = 0; sent < 12; sent++) {
      page.send(BULK);
    }
    const { log } = line.connector.session;
    line.until(() => log.fast && log.cost > 3 * LOG_LIMIT_BYTES);
    line.plan.bytesPerMs = RATES['64 kbit/s'];
    line.cut();
    line.until(() => server.received.length === 12);
    expect(line.page.deaths).toBe(0);
    expect(line.connector.resumes).toBe(1);
  });

  it.each(['64 kbit/s', '256 kbit/s'] as const)(
    'should not be declared dead when a fast line got slow unused: %s (W2)',
    rate => {
      const line = new Line({ latencyMs: 10, bytesPerMs: RATES['10 Mbit/s'] });
      line.join();
      const [page, server] = line.open();
      for (let sent = 0; sent < 4; sent++) {
        page.send(BULK);
      }
      line.until(() => server.received.length === 4);
      const { log } = line.connector.session;
      expect(log.fast).toBe(true);
      line.runFor(MINUTE_MS);
      line.changeRate(RATES[rate]);
      for (let sent = 0; sent < 2; sent++) {
        line.do(() => page.send(BULK));
      }
      line.runFor(100);
      expect(log.cost).toBeGreaterThan(LOG_LIMIT_BYTES / 2);
      expect(log.cost).toBeLessThanOrEqual(LOG_LIMIT_BYTES);
      line.until(() => server.received.length === 6);
      expect(line.page.deaths).toBe(0);
      expect(line.connector.resumes).toBe(0);
    }
  );

  it('should stop at a stalled consumer only in its own channel (W4, W6)', () => {
    const line = new Line({ bytesPerMs: RATES['10 Mbit/s'] });
    line.join();
    const stalled = line.open();
    const flowing = line.open();
    const record = 'x'.repeat(MIB / 8);
    for (const end of stalled) {
      end.stalled = true;
      for (let i = 0; i < 16; i++) {
        end.send(record);
      }
    }
    line.runFor(10_000);
    for (const { channel } of stalled) {
      // A record may start below the limit and then goes whole.
      const sentCost = 16 * (MIB / 8 + 8 * UNIT_OVERHEAD_BYTES);
      const writtenCost = sentCost - channel.queueCost;
      expect(writtenCost).toBeGreaterThanOrEqual(CREDIT_BYTES);
      expect(writtenCost).toBeLessThanOrEqual(CREDIT_BYTES + sentCost / 16);
    }
    for (const end of flowing) {
      for (let i = 0; i < 16; i++) {
        end.send(BULK);
      }
    }
    const all = (ends: Application[]) => () =>
      ends.every(end => end.received.length === 16);
    const tookMs = line.until(all(flowing));
    report(
      `4 MiB each way beside a stalled channel at 10 Mbit/s: ${tookMs} ms`
    );
    expect(tookMs).toBeLessThanOrEqual((1.25 * 4 * MIB) / RATES['10 Mbit/s']);
    for (const end of stalled) {
      end.stalled = false;
      line.do(() => end.drain());
    }
    line.until(all(stalled));
  });
});

describe('a page that goes away and comes back', () => {
  it('should resume after 8 h of sleep (P1)', () => {
    const line = new Line();
    line.join();
    const [page, server] = line.open();
    line.runFor(1_000);
    line.wire.kill();
    line.page.asleepUntilMs = line.nowMs + 8 * HOUR_MS;
    for (let hour = 0; hour < 8; hour++) {
      line.runFor(HOUR_MS - 1);
      server.send(`answer ${hour}`);
    }
    line.runFor(10);
    expect(line.server.held.size).toBe(0);
    line.do(() => line.connector.cameBack(line.nowMs));
    const tookMs = line.until(() => page.received.length === 8);
    report(`awake after 8 h: all there after ${tookMs} ms`);
    expect(line.connector.resumes).toBe(1);
    expect(line.lostSessions).toBe(0);
    expect(tookMs).toBeLessThanOrEqual(6_000);
  });

  it('should get one discontinuity that counts for a server restart (H9)', () => {
    const line = new Line({ latencyMs: 100 });
    line.join();
    const pairs = [line.open(), line.open()];
    const sendAll = (count: number, text: string) => {
      for (const [page] of pairs) {
        for (let i = 0; i < count; i++) {
          line.send(page, `${text} ${i}`);
        }
      }
    };
    sendAll(5, 'acknowledged');
    line.runFor(1_000);
    line.swallow(false, true);
    sendAll(3, 'perhaps');
    line.runFor(500);
    line.refusing = true;
    line.cut();
    sendAll(4, 'never');
    line.restart();
    line.runFor(5_000);
    expect(pairs.every(([page]) => page.final === null)).toBe(true);
    line.refusing = false;
    line.until(() => line.state === 'connected');
    for (const [page, server] of pairs) {
      expect(server.received).toHaveLength(8);
      report(`told: ${JSON.stringify(page.final)}`);
      expect(page.final).toEqual({
        kind: 'discontinuity',
        code: 1006,
        reason: 'restarted',
        acknowledged: 5,
        perhapsDelivered: 3,
        neverWritten: 4
      });
    }
    expect(line.lostSessions).toBe(1);
    expect(line.open()[0].channel.number).toBe(3); // Z2
  });

  it('should ping every 25 s while hidden, and sleep after 10 min (L2, L8)', () => {
    const line = new Line();
    line.join();
    const [page, server] = line.open();
    line.send(page, 'used');
    line.do(() => line.connector.hid(line.nowMs));
    line.runFor(MINUTE_MS);
    const usedMs = line.nowMs;
    server.send('used'); // starts the ten minutes anew
    const pingsMs: number[] = [];
    line.wire.up.onSend = () => pingsMs.push(line.nowMs);
    line.until(() => line.state === 'sleeping');
    const sleptMs = line.nowMs - usedMs;
    const gapsMs = pingsMs.slice(2).map((ms, i) => ms - pingsMs[i + 1]);
    report(
      `asleep after ${sleptMs / MINUTE_MS} min, pings ${Math.min(...gapsMs)} ms apart`
    );
    expect(Math.min(...gapsMs)).toBeGreaterThanOrEqual(25_000);
    expect(Math.max(...gapsMs)).toBeLessThanOrEqual(
      25_000 + slackMs(line) + 20
    );
    expect(sleptMs).toBeGreaterThanOrEqual(10 * MINUTE_MS);
    expect(sleptMs).toBeLessThanOrEqual(10 * MINUTE_MS + 300);
    line.runFor(MINUTE_MS);
    server.send('waits');
    line.runFor(HOUR_MS);
    expect(line.state).toBe('sleeping');
    line.send(page, 'wake');
    line.until(
      () => server.received.includes('wake') && page.received.includes('waits'),
      1_000
    );
    line.until(() => line.state === 'sleeping', 11 * MINUTE_MS);
    line.do(() => line.connector.shown(line.nowMs));
    line.until(() => line.state === 'connected', 1_000);
    expect(line.connector.status.attempt).toBe(0);
    expect(line.lostSessions).toBe(0);
  });
});

describe('a page that cannot connect', () => {
  it('should ask after 30 s, and go on trying behind the question (R9)', () => {
    const line = new Line();
    line.join();
    line.runFor(10_000);
    line.refusing = true;
    line.cut();
    const askedMs = line.until(
      () => line.connector.status.question === 'attempts'
    );
    const { attempt } = line.connector.status;
    report(`asked after ${askedMs} ms and ${attempt} attempts`);
    expect(askedMs).toBeGreaterThanOrEqual(ASK_AFTER_MS);
    expect(askedMs).toBeLessThanOrEqual(ASK_AFTER_MS + TIMER_MS);
    expect(attempt).toBeGreaterThanOrEqual(5);
    const tries = line.probedMs.length;
    line.runFor(5 * MINUTE_MS);
    expect(line.probedMs.length - tries).toBeGreaterThanOrEqual(20);
    line.refusing = false;
    line.until(() => line.state === 'connected', 31_000);
    expect(line.connector.status.question).toBe('none');
    expect(line.connector.resumes).toBe(1);
  });

  it('should ask no earlier than all attempts are spent (R9)', () => {
    const options = Object.assign(new ConnectorOptions(), { maxAttempts: 20 });
    const line = new Line({ options });
    line.join();
    line.refusing = true;
    line.cut();
    line.until(() => line.connector.status.question === 'attempts');
    expect(line.connector.status.attempt).toBe(20);
  });

  it('should stop while asking when retries are switched off (R9)', () => {
    const options = Object.assign(new ConnectorOptions(), {
      retryWhileAsking: false
    });
    const line = new Line({ options });
    line.join();
    line.runFor(10_000);
    line.refusing = true;
    line.cut();
    line.until(() => line.state === 'stopped');
    expect(line.connector.status.question).toBe('attempts');
    const tries = line.probedMs.length + line.dialledMs.length;
    line.refusing = false;
    line.runFor(HOUR_MS);
    expect(line.probedMs.length + line.dialledMs.length).toBe(tries);
    line.do(() => line.connector.reconnect(line.nowMs));
    line.until(() => line.state === 'connected', 1_000);
  });

  it.each<ProbeAnswer>(['login', 'incompatible', 'stopped', 'missing'])(
    'should believe "%s" after two probes 2 s apart (R5)',
    answer => {
      const line = new Line();
      line.join();
      line.runFor(10_000);
      line.refusing = true;
      line.probeAnswer = answer;
      line.cut();
      line.until(() => line.connector.status.question === 'permanent');
      const apartMs = line.probedMs[1] - line.probedMs[0];
      report(`${answer}: ${line.probedMs.length} probes, ${apartMs} ms apart`);
      expect(line.probedMs).toHaveLength(2);
      expect(apartMs).toBeGreaterThanOrEqual(2_000);
      expect(apartMs).toBeLessThanOrEqual(2_100);
      expect(line.connector.status.cause).toBe(answer);
      expect(line.state).toBe('waiting');
      line.runFor(61_000);
      expect(line.probedMs).toHaveLength(4); // every 30 s
      line.refusing = false;
      line.probeAnswer = null;
      line.until(() => line.state === 'connected', 31_000);
    }
  );

  it('should not believe a cause that changes (R5)', () => {
    const line = new Line();
    line.join();
    line.refusing = true;
    line.probeAnswer = 'stopped';
    line.cut();
    line.until(() => line.probedMs.length === 1);
    line.runFor(1_000);
    line.probeAnswer = 'login';
    line.until(() => line.probedMs.length === 2);
    line.runFor(1_000);
    expect(line.connector.status.question).toBe('none');
    line.until(() => line.connector.status.question === 'permanent', 2_000);
  });

  it('should stop at "missing" before any welcome (R4)', () => {
    const line = new Line();
    line.refusing = true;
    line.probeAnswer = 'missing';
    line.start();
    line.until(() => line.state === 'stopped', MINUTE_MS);
    expect(line.connector.status.question).toBe('permanent');
    expect(line.probedMs).toHaveLength(2);
    line.runFor(HOUR_MS);
    expect(line.probedMs).toHaveLength(2);
  });

  it('should double the time-out of a socket from 10 to 120 s (S2)', () => {
    const line = new Line();
    line.hanging = true;
    line.probeAnswer = 'ok';
    line.start();
    line.until(() => line.dialledMs.length === 7);
    const waits = line.dialledMs
      .slice(0, 6)
      .map(ms => Math.floor((line.nextMs('waiting', ms) - ms) / 1000));
    report(`time-outs: ${waits} s`);
    expect(waits).toEqual([10, 20, 40, 80, 120, 120]);
  });

  it('should ping more often after two cuts at the same silence (L7)', () => {
    const line = new Line();
    line.join();
    line.do(() => line.connector.hid(line.nowMs));
    for (let cuts = 0; cuts < 2; cuts++) {
      line.until(() => line.state === 'connected');
      line.runFor(1_000);
      for (let leftMs; ; line.runFor(leftMs)) {
        leftMs = line.wire.usedMs + 20_000 - line.nowMs;
        if (leftMs <= 0) {
          break;
        }
      }
      line.cut();
    }
    line.until(() => line.state === 'connected');
    const { liveness, proxy } = line.connector;
    report(
      `cut after 20 s of silence: heartbeat ${liveness.heartbeatIntervalMs} ms`
    );
    expect(liveness.heartbeatIntervalMs).toBeGreaterThan(13_000);
    expect(liveness.heartbeatIntervalMs).toBeLessThan(13_400);
    liveness.hiddenMs = Infinity;
    expect(liveness.heartbeatIntervalMs).toBe(5_000);
    expect(proxy.silenceLimitMs).toBeCloseTo(20_000, -2);
  });
});
