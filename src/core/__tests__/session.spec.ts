import type { Channel, Message } from '../channel';
import {
  QueueFullError,
  RecordTooLargeError,
  SessionEndedError
} from '../errors';
import { decode } from '../frames';
import { CREDIT_BYTES, LOG_LIMIT_BYTES } from '../limits';
import { Owner, Pair, ruleOf, takeAll } from './pair';

const RS = '\x1e';
const open = (n: number) =>
  `0${RS}{"type":"open","channel":${n},"service":"s","parameters":{}}`;
const accept = (n: number) =>
  `0${RS}{"type":"accept","channel":${n},"parameters":{}}`;
const refuse = (n: number) =>
  `0${RS}{"type":"refuse","channel":${n},"code":4404,"reason":""}`;
const close = (n: number) =>
  `0${RS}{"type":"close","channel":${n},"code":1000,"reason":""}`;
const credit = (n: number, taken: number) =>
  `0${RS}{"type":"credit","channel":${n},"taken":${taken}}`;
const WELCOME =
  '{"type":"welcome","resumed":true,"epoch":"e","instance":"i","received":0,' +
  '"serial":1,"limits":{}}';

/** The rule that the last of the frames breaks. */
function rejects(pair: Pair, end: 'page' | 'server', ...frames: string[]) {
  pair.give(pair[end], ...frames.slice(0, -1));
  return ruleOf(() => pair.give(pair[end], frames[frames.length - 1]));
}

describe('Session', () => {
  const both: [string, string[]][] = [
    ['F1', [WELCOME]],
    ['F1', ['{"type":"bye"}']],
    ['A3', ['{"type":"ack","received":99}']],
    ['A3', ['{"type":"ack","received":1}', '{"type":"ack","received":0}']],
    ['A3', ['{"type":"ping","id":1,"received":99}']],
    ['A3', ['{"type":"pong","id":1,"received":99}']],
    ['Z3', [`7${RS}record`]],
    ['Z3', [close(7)]],
    ['Z3', [credit(7, 0)]],
    ['Z3', [close(1), close(1)]],
    ['Z3', [close(1), `1${RS}record`]],
    ['Z3', [close(1), credit(1, 0)]],
    ['W5', [credit(1, 1)]],
    ['C4', [`1+${RS}half`, `1${RS}whole`]],
    ['F6', [`0${RS}{}`]]
  ];

  it.each(
    both.flatMap(([rule, frames]) =>
      (['page', 'server'] as const).map(end => ({ end, rule, frames }))
    )
  )('should reject $frames at the $end ($rule, B1)', row => {
    const pair = new Pair();
    pair.open();
    expect(rejects(pair, row.end, ...row.frames)).toBe(row.rule);
  });

  it.each([
    ['server', 'Z2', [open(1)]],
    ['server', 'Z2', [open(5), open(4)]],
    ['server', 'Z', [accept(1)]],
    ['server', 'Z', [refuse(1)]],
    ['server', 'Z5', [open(2), `2${RS}record`]],
    ['page', 'F6', [open(2)]],
    ['page', 'Z3', [accept(1)]],
    ['page', 'Z3', [refuse(1)]],
    ['page', 'Z3', [accept(2)]]
  ] as const)('should reject at the %s by %s: %s (B1)', (end, rule, frames) => {
    const pair = new Pair();
    pair.open();
    expect(rejects(pair, end, ...frames)).toBe(rule);
  });

  it('should reject a unit or close before accept at the page (Z3, Z5)', () => {
    for (const [rule, frame] of [
      ['Z5', `1${RS}record`],
      ['Z3', close(1)]
    ]) {
      const pair = new Pair();
      pair.ask();
      expect(rejects(pair, 'page', frame)).toBe(rule);
    }
  });

  it.each([`1${RS}record`, credit(1, 0), close(1), refuse(1)])(
    'should reject %s after a refuse (Z3)',
    frame => {
      const pair = new Pair();
      pair.ask();
      expect(rejects(pair, 'page', refuse(1), frame)).toBe('Z3');
    }
  );

  it('should ignore what comes for a channel that this end closed (Z3)', () => {
    const pair = new Pair();
    const [page] = pair.open();
    page.abort();
    expect(pair.page.flush(0)).toHaveLength(1);
    pair.give(pair.page, `1${RS}on its way`, credit(1, 0), close(1));
    expect(page.final).not.toBeNull();
  });

  it('should remember the last 256 closed channels (Z3)', () => {
    const pair = new Pair();
    for (let i = 0; i < 257; i++) {
      pair.open()[0].abort();
      pair.settle();
    }
    pair.give(pair.server, `1${RS}old enough to be just gone`);
    expect(rejects(pair, 'server', `2${RS}still remembered`)).toBe('Z3');
  });

  it('should reject a record without credit (W4)', () => {
    const pair = new Pair();
    pair.open();
    const unit = `1+${RS}${'x'.repeat(16_368)}`; // with its head a cost of 16 KiB
    for (let i = 1; i < CREDIT_BYTES / 16_384; i++) {
      pair.give(pair.server, unit);
    }
    pair.give(pair.server, `1.${RS}${'x'.repeat(16_367)}`);
    pair.give(pair.server, `1+${RS}a byte was left`, `1.${RS}`);
    expect(rejects(pair, 'server', `1${RS}x`)).toBe('W4');
  });

  it('should know when credit is used up to the byte (W4)', () => {
    const pair = new Pair();
    pair.open();
    for (let i = 0; i < CREDIT_BYTES / 16_384; i++) {
      pair.give(pair.server, `1${RS}${'x'.repeat(16_368)}`);
    }
    expect(rejects(pair, 'server', `1${RS}x`)).toBe('W4');
  });

  it('should reject too much on channel 0 (M)', () => {
    const pair = new Pair(0);
    pair.server.detach();
    const flood = () => {
      for (let number = 1; number < 100_000; number++) {
        pair.give(pair.server, open(number));
      }
    };
    expect(ruleOf(flood)).toBe('M');
  });

  it('should open no more channels when too much waits (M)', () => {
    const pair = new Pair();
    pair.page.detach();
    expect(() => {
      for (let i = 0; i < 1_000; i++) {
        pair.page.open('test', { x: 'x'.repeat(10_000) });
      }
    }).toThrow(QueueFullError);
  });

  it('should refuse parameters over 16 KiB before they are sent (Z1)', () => {
    const pair = new Pair();
    expect(() => pair.page.open('test', { x: 'x'.repeat(17_000) })).toThrow(
      RecordTooLargeError
    );
    expect(pair.carry()).toBe(0);
    expect(pair.open().map(end => end.number)).toEqual([1, 1]);
  });

  it('should send no unit before accept (Z5)', () => {
    const pair = new Pair();
    const [page, server] = pair.ask();
    page.send('waits');
    pair.carry();
    expect(server.empty).toBe(true);
    server.accept({ model: 'm' });
    pair.carry();
    expect(takeAll(server)).toEqual(['waits']);
    expect(page.answer).toEqual({ model: 'm' });
  });

  it('should refuse one channel too many with 4429 (M)', () => {
    const pair = new Pair(1);
    pair.open();
    const [page] = pair.ask();
    expect(page.final).toMatchObject({ kind: 'refused', code: 4429 });
  });

  it('should put what one turn writes into one frame (F5)', () => {
    const pair = new Pair();
    const [page] = pair.open();
    pair.settle();
    for (let i = 0; i < 100; i++) {
      page.send(`${i}`);
    }
    expect(pair.page.flush(0)).toHaveLength(1);
  });

  it('should move units only behind what is written again (W1)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    page.send('lost with the line');
    pair.page.flush(0);
    pair.page.detach();
    page.send('waits in the queue');
    expect(pair.page.flush(0)).toEqual([]);
    expect(page.queueCost).toBeGreaterThan(0);
    pair.connect();
    pair.carry();
    expect(takeAll(server)).toEqual([
      'lost with the line',
      'waits in the queue'
    ]);
  });

  it('should have no more than 128 KiB in flight (W2)', () => {
    const pair = new Pair();
    const [page] = pair.open();
    page.send('x'.repeat(1_000_000));
    pair.page.flush(0);
    expect(pair.page.log.cost).toBeLessThanOrEqual(LOG_LIMIT_BYTES);
    expect(pair.page.log.cost).toBeGreaterThan(LOG_LIMIT_BYTES - 16_400);
  });

  it('should keep the memory of frames on a fast line alone (W2)', () => {
    const pair = new Pair();
    const [page] = pair.open();
    pair.settle();
    const buffersOf = (frames: Message[]) =>
      new Set(frames.map(frame => (frame as Uint8Array).buffer)).size;
    page.send(new Uint8Array(500_000));
    const slow = pair.page.flush(pair.nowMs);
    expect(buffersOf(slow)).toBe(slow.length);
    pair.give(pair.server, ...slow);
    pair.give(pair.page, ...pair.server.flush(pair.nowMs));
    expect(pair.page.log.fast).toBe(true);
    const fast = pair.page.flush(pair.nowMs);
    expect(fast.length).toBeLessThan(slow.length);
    expect(fast.length).toBeGreaterThan(1);
    expect(buffersOf(fast)).toBe(1);
  });

  it('should let channels take turns by 16 KiB, channel 0 first (W6)', () => {
    const pair = new Pair();
    const [first] = pair.open();
    const [second] = pair.open();
    pair.settle();
    first.send(new Uint8Array(40_000));
    second.send(new Uint8Array(40_000));
    pair.page.open('third');
    const [control, ...frames] = pair.page.flush(pair.nowMs);
    expect(typeof control).toBe('string');
    expect(frames.map(frame => frame[0])).toEqual([1, 2, 1, 2, 1, 2]);
  });

  it.each([
    [4_000, false],
    [4_100, true]
  ])(
    'should write an owed acknowledgement before bulk: %i bytes (A2)',
    (size, ackFirst) => {
      const pair = new Pair();
      const [page, server] = pair.open();
      pair.settle();
      server.send('token');
      pair.give(pair.page, ...pair.server.flush(pair.nowMs));
      page.send('x'.repeat(size));
      const frames = pair.page
        .flush(pair.nowMs)
        .map(frame => !Array.isArray(decode(frame)));
      expect(frames).toEqual(ackFirst ? [true, false] : [false]);
    }
  );

  it('should check on every frame whether an acknowledgement is due (A2)', () => {
    const pair = new Pair();
    const [, server] = pair.open();
    pair.settle();
    server.send('token');
    pair.give(pair.page, ...pair.server.flush(pair.nowMs));
    const { flushes } = pair.pageSays;
    pair.nowMs = 999;
    const received = pair.page.log.start;
    pair.give(pair.page, `{"type":"pong","id":1,"received":${received}}`);
    expect(pair.pageSays.flushes).toBe(flushes + 1);
    expect(decode(pair.page.flush(999)[0])).toEqual({
      type: 'ack',
      received: pair.page.receipts.received
    });
  });

  it('should go on after an exception of a handler (C6)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    server.listener = {
      readable: () => {
        throw new Error('deliberate');
      }
    };
    page.send('one');
    page.send('two');
    pair.carry();
    expect(pair.serverSays.errors).toHaveLength(2);
    expect(takeAll(server)).toEqual(['one', 'two']);
  });

  it.each(['detach', 'end'] as const)(
    'should go on routing after a detach, not after the end: %s (C6)',
    how => {
      const pair = new Pair();
      const [page, server] = pair.open();
      class Leaving extends Owner {
        readable(channel: Channel): void {
          super.readable(channel);
          pair.server[how]('enough');
        }
      }
      const owner = new Leaving(server);
      page.send('one');
      page.send('two');
      pair.carry();
      const ends = how === 'end';
      expect(takeAll(server)).toEqual(ends ? ['one'] : ['one', 'two']);
      expect(owner.events.includes('discontinuity')).toBe(ends);
    }
  );

  it('should keep unfinished records over sockets (C5)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    const record = '日'.repeat(100_000);
    page.send(record);
    pair.give(pair.server, ...pair.page.flush(0).slice(0, 3));
    pair.connect();
    pair.settle();
    expect(takeAll(server)).toEqual([record]);
  });

  it('should do nothing after its end (H9)', () => {
    const pair = new Pair();
    const [page] = pair.open();
    const owner = new Owner(page);
    page.send('never');
    pair.page.end('gone');
    pair.page.end('again');
    expect(owner.events).toEqual(['discontinuity']);
    expect(pair.page.flush(0)).toEqual([]);
    expect(() => pair.page.open('test')).toThrow(SessionEndedError);
  });
});
