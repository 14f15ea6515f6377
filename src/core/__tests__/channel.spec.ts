import type { Channel } from '../channel';
import {
  ChannelClosedError,
  QueueFullError,
  RecordTooLargeError
} from '../errors';
import { CLOSE_STALL_MS, CREDIT_BYTES, CREDIT_QUANTUM_BYTES } from '../limits';
import { Owner, Pair, ending, takeAll } from './pair';

const MIB = 2 ** 20;
const KIB_16 = 'x'.repeat(16_384);

describe('Channel', () => {
  it('should take a record whole while its queue is not full (W3)', () => {
    const [page] = new Pair().open();
    page.queueLimitBytes = 100;
    page.send('x'.repeat(83));
    expect(page.writable).toBe(true);
    page.send('x'.repeat(10_000));
    expect(page.writable).toBe(false);
    expect(() => page.send('not taken')).toThrow(QueueFullError);
    expect(page.queueCost).toBe(99 + 10_016);
  });

  it('should tell when a full queue has emptied to half (W3)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    const owner = new Owner(page);
    page.queueLimitBytes = 250_000;
    page.send('x'.repeat(300_000));
    const frames = pair.page.flush(0);
    expect(owner.events).toEqual([]); // 128 KiB have moved, 170,000 bytes wait
    pair.give(pair.server, ...frames);
    pair.settle();
    expect(owner.events).toEqual(['writable']);
    expect(takeAll(server)).toHaveLength(1);
  });

  it('should tell who waits for room although another sent meanwhile (W3)', () => {
    const pair = new Pair();
    const [page] = pair.open();
    const owner = new Owner(page);
    page.queueLimitBytes = 250_000;
    page.send('x'.repeat(300_000));
    const frames = pair.page.flush(0);
    page.send('y'); // the queue is below its limit, not yet half empty
    pair.give(pair.server, ...frames);
    pair.settle();
    expect(owner.events).toEqual(['writable']);
  });

  it('should give nothing after an own close though the other was first (X4)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    server.send('waits');
    server.close(3000, 'done');
    pair.settle();
    page.close(3001, 'enough');
    expect(page.take()).toBeNull();
    expect(page.final).toMatchObject({ code: 3000, reason: 'done' });
  });

  it('should not take a record over 16 MiB (W3)', () => {
    const [page] = new Pair().open();
    expect(() => page.send(new Uint8Array(16 * MIB + 1))).toThrow(
      RecordTooLargeError
    );
    expect(page.queueCost).toBe(0);
  });

  it('should start a record below the limit, which then goes whole (W4)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    page.send('x'.repeat(MIB - 1_100));
    page.send('y'.repeat(500_000));
    page.send('no credit left');
    for (let i = 0; i < 4; i++) {
      pair.settle();
    }
    expect(pair.server.memoryBytes).toBeGreaterThan(CREDIT_BYTES);
    expect(page.queueCost).toBe(14 + 16);
    expect(takeAll(server).map(record => record.length)).toEqual([
      MIB - 1_100,
      500_000
    ]);
    pair.settle();
    expect(takeAll(server)).toEqual(['no credit left']);
  });

  it.each([
    [16_384 - 16, 5 + 16],
    [16_384 - 17, 0]
  ])(
    'should use its credit up to the byte, no more: %i, %i left (W4)',
    (lastSize, left) => {
      const pair = new Pair();
      const [page, server] = pair.open();
      for (let i = 0; i < 63; i++) {
        page.send('x'.repeat(16_384 - 16));
      }
      page.send('x'.repeat(lastSize));
      page.send('waits');
      for (let i = 0; i < 12; i++) {
        pair.settle();
      }
      expect(page.queueCost).toBe(left);
      const inboxCost = pair.server.memoryBytes - server.parametersCost;
      expect(inboxCost).toBe(left ? CREDIT_BYTES : CREDIT_BYTES + 20);
    }
  );

  it('should give credit when the records taken cost 256 KiB (W5)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    for (let i = 0; i < 17; i++) {
      page.send(KIB_16);
    }
    pair.settle();
    for (let count = 1; count < 16; count++) {
      server.take();
      expect(server.taken).toBe(count);
    }
    pair.settle();
    expect(page.peerTaken).toBe(0);
    expect(15 * 16_400).toBeLessThan(CREDIT_QUANTUM_BYTES);
    server.take();
    pair.settle();
    expect(page.peerTaken).toBe(16);
  });

  it('should merge credits that wait (W5)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    for (let i = 0; i < 60; i++) {
      page.send(KIB_16);
    }
    for (let i = 0; i < 4; i++) {
      pair.settle();
    }
    const sent = pair.server.log.end;
    takeAll(server);
    pair.settle();
    expect(page.peerTaken).toBe(60);
    expect(pair.server.log.end).toBe(sent + 1);
  });

  it('should close gracefully behind its queue (X2)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    for (let i = 0; i < 20; i++) {
      page.send(KIB_16);
    }
    page.close(3000, 'done');
    expect(page.state).toBe('closing');
    expect(() => page.send('too late')).toThrow(ChannelClosedError);
    for (let i = 0; i < 4; i++) {
      pair.settle();
    }
    expect(takeAll(server)).toHaveLength(20);
    expect(ending(server)).toEqual(['closed', 3000, 'done']);
    expect(ending(page)).toEqual(['closed', 3000, 'done']);
  });

  it('should discard its queue by an abort (X2)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    page.send('dropped');
    page.abort(3001, 'stop');
    expect(page.queueCost).toBe(0);
    pair.settle();
    expect(takeAll(server)).toEqual([]);
    expect(ending(server)).toEqual(['closed', 3001, 'stop']);
    expect(ending(page)).toEqual(['closed', 3001, 'stop']);
  });

  it('should abort when closed before accept (X2)', () => {
    const pair = new Pair();
    const [page, server] = pair.ask();
    page.send('dropped');
    page.close(3000, 'changed my mind');
    pair.carry();
    server.accept(); // too late: nothing happens
    pair.carry();
    expect(ending(server)).toEqual(['closed', 3000, 'changed my mind']);
    expect(ending(page)).toEqual(['closed', 3000, 'changed my mind']);
  });

  it.each(['close', 'abort'] as const)(
    'should be refused by a %s of the server before accept (X2)',
    how => {
      const pair = new Pair();
      const [page, server] = pair.ask();
      server[how](4500, 'failed');
      server.refuse(4404, 'again');
      pair.carry();
      expect(ending(server)).toEqual(['refused', 4500, 'failed']);
      expect(ending(page)).toEqual(['refused', 4500, 'failed']);
    }
  );

  it('should answer a close at once whatever its consumer does (X3)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    page.send('in memory');
    pair.carry();
    server.send(KIB_16);
    page.close(3000, 'done');
    pair.carry();
    expect(ending(page)).toEqual(['closed', 3000, 'done']);
    expect(ending(server)).toEqual(['closed', 3000, 'done']);
    expect(server.queueCost).toBe(0);
    expect(takeAll(server)).toEqual(['in memory']);
  });

  it('should drop an unfinished record when closed (X3)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    page.send('x'.repeat(400_000));
    pair.page.flush(0);
    page.abort();
    pair.connect();
    for (let i = 0; i < 4; i++) {
      pair.settle();
    }
    expect(ending(server)).toEqual(['closed', 1000, '']);
    expect(pair.server.memoryBytes).toBe(0);
  });

  it('should give only the final event after its own close (X4)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    server.send('unread');
    pair.carry();
    page.send('last');
    const owner = new Owner(page);
    page.close();
    expect(page.take()).toBeNull();
    expect(page.taken).toBe(1);
    server.send('on its way');
    pair.settle();
    expect(owner.events).toEqual(['closed']);
    expect(page.take()).toBeNull();
  });

  it('should cancel an open that never left (X5)', () => {
    const pair = new Pair();
    const page = pair.page.open('test');
    const owner = new Owner(page);
    page.close(3000, 'never mind');
    expect(ending(page)).toEqual(['closed', 3000, 'never mind']);
    expect(owner.events).toEqual(['closed']);
    expect(pair.carry()).toBe(0);
    expect(pair.page.open('next').number).toBe(2);
  });

  /** A channel whose page closes it and waits for credit. */
  function stall(pair: Pair): [page: Channel, server: Channel] {
    const [page, server] = pair.open();
    page.send('x'.repeat(MIB));
    page.send('waits for credit');
    page.close(3000, 'done');
    for (let i = 0; i < 12; i++) {
      pair.settle();
    }
    expect(page.state).toBe('closing');
    return [page, server];
  }

  it('should abort a close that waits for credit for 60 s (X6)', () => {
    const pair = new Pair();
    const [page, server] = stall(pair);
    pair.nowMs = pair.page.nextMs - 1;
    pair.page.tick(pair.nowMs);
    pair.carry();
    expect(page.state).toBe('closing');
    expect(Math.abs(pair.nowMs - CLOSE_STALL_MS)).toBeLessThan(3_000);
    pair.page.tick(++pair.nowMs);
    pair.carry();
    expect(ending(page)).toEqual(['closed', 1006, 'not taken']);
    expect(ending(server)).toEqual(['closed', 1006, 'not taken']);
    expect(takeAll(server)).toHaveLength(1);
  });

  it('should begin the 60 s anew with a new socket or credit (X6)', () => {
    const pair = new Pair();
    const [page, server] = stall(pair);
    pair.nowMs += CLOSE_STALL_MS - 5_000;
    pair.connect();
    pair.carry();
    expect(pair.page.nextMs).toBeGreaterThanOrEqual(
      pair.nowMs + CLOSE_STALL_MS
    );
    takeAll(server);
    pair.carry();
    expect(ending(page)).toEqual(['closed', 3000, 'done']);
    expect(takeAll(server)).toEqual(['waits for credit']);
  });

  it('should give both ends that close their own code (X7)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    page.abort(3001, 'page');
    server.abort(3002, 'server');
    pair.carry();
    expect(ending(page)).toEqual(['closed', 3001, 'page']);
    expect(ending(server)).toEqual(['closed', 3002, 'server']);
  });

  it('should have exactly one final event (X1)', () => {
    const pair = new Pair();
    const ends = pair.open();
    const owners = ends.map(end => new Owner(end));
    ends[0].close();
    ends[0].close(3000);
    ends[0].abort();
    pair.settle();
    for (const end of ends) {
      end.abort();
      end.close();
    }
    pair.page.end('gone');
    pair.server.end('gone');
    expect(owners.map(owner => owner.events)).toEqual([['closed'], ['closed']]);
  });

  it('should hear its own close when a refuse crosses it (X1, X7)', () => {
    const pair = new Pair();
    const [page, server] = pair.ask();
    server.refuse(4403, 'no');
    page.close(3000, 'crossed');
    pair.settle();
    expect(ending(page)).toEqual(['closed', 3000, 'crossed']);
    expect(ending(server)).toEqual(['refused', 4403, 'no']);
  });

  it.each([999, 5000, 1000.5, NaN])(
    'should not send the wrong code %d (Z4)',
    code => {
      const [page] = new Pair().open();
      expect(() => page.close(code)).toThrow(RangeError);
      expect(page.state).toBe('open');
    }
  );

  it('should cut a long reason (Z4)', () => {
    const pair = new Pair();
    const [page, server] = pair.open();
    page.close(3000, '日'.repeat(100));
    pair.carry();
    expect(ending(server)).toEqual(['closed', 3000, '日'.repeat(41)]);
  });

  it('should count in a discontinuity what became of the records (H9)', () => {
    const pair = new Pair();
    const [page] = pair.open();
    page.send('acknowledged');
    pair.settle();
    page.send('perhaps delivered');
    pair.page.flush(pair.nowMs);
    pair.page.detach();
    page.send('never written');
    page.send('x'.repeat(400_000));
    pair.page.end('the server was restarted');
    expect(page.final).toEqual({
      kind: 'discontinuity',
      code: 1006,
      reason: 'the server was restarted',
      acknowledged: 1,
      perhapsDelivered: 1,
      neverWritten: 2
    });
  });

  it('should count a record written in part as never written (H9)', () => {
    const pair = new Pair();
    const [page] = pair.open();
    page.send('x'.repeat(400_000));
    pair.page.flush(0);
    pair.page.end('gone');
    expect(page.final).toMatchObject({
      acknowledged: 0,
      perhapsDelivered: 0,
      neverWritten: 1
    });
  });
});
