import { RecordTooLargeError } from '../errors';
import { ServerSession } from '../server-end';
import { Owner, Pair, Recorder, ending, ruleOf, takeAll } from './pair';

const OPEN = '0\x1e{"type":"open","channel":1,"service":"s","parameters":{}}';

describe('ServerSession', () => {
  it('should give all memory back (P2)', () => {
    const pair = new Pair();
    const ends = pair.open();
    pair.settle();
    const atRest = pair.server.memoryBytes;
    for (const end of ends) {
      for (let i = 0; i < 20; i++) {
        end.send('x'.repeat(50_000));
      }
    }
    expect(pair.server.memoryBytes).toBeGreaterThan(1_000_000);
    for (let i = 0; i < 20; i++) {
      pair.settle();
      ends.forEach(takeAll);
    }
    pair.settle();
    expect(pair.server.memoryBytes).toBe(atRest);
    expect(pair.serverSays.memory).toBe(atRest);
    ends[0].close();
    pair.settle();
    expect([pair.server.memoryBytes, pair.serverSays.memory]).toEqual([0, 0]);
  });

  it.each(['close', 'refuse', 'end'])(
    'should count the parameters of a channel until it is gone: %s (P2)',
    how => {
      const pair = new Pair();
      const page = pair.page.open('test', { text: 'x'.repeat(10_000) });
      pair.settle();
      const [server] = pair.serverSays.requested;
      expect(pair.server.memoryBytes).toBeGreaterThan(10_000);
      expect(pair.server.memoryBytes).toBeLessThan(10_200);
      if (how === 'close') {
        server.accept();
        page.close();
      } else if (how === 'refuse') {
        server.refuse(4403, 'no');
      } else {
        pair.server.end('gone');
      }
      pair.settle();
      expect([pair.server.memoryBytes, pair.serverSays.memory]).toEqual([0, 0]);
    }
  );

  it('should count what waits on channel 0, and once when it is written (P2)', () => {
    const pair = new Pair();
    pair.page.open('test');
    pair.settle();
    const [server] = pair.serverSays.requested;
    const before = pair.server.memoryBytes;
    server.accept({ text: 'x'.repeat(10_000) });
    const waiting = pair.server.memoryBytes;
    expect(waiting - before).toBeGreaterThan(10_000);
    expect(waiting - before).toBeLessThan(10_200);
    pair.server.flush(0);
    expect(pair.server.memoryBytes).toBe(waiting);
    pair.server.end('gone');
    expect([pair.server.memoryBytes, pair.serverSays.memory]).toEqual([0, 0]);
  });

  it('should hold nothing after its end (P2)', () => {
    const pair = new Pair();
    const [, server] = pair.open();
    server.send('never');
    pair.server.end('gone');
    pair.server.end('again');
    expect([pair.server.memoryBytes, pair.serverSays.memory]).toEqual([0, 0]);
    expect(ending(server)).toEqual(['discontinuity', 1006, 'gone']);
  });

  it('should refuse a channel too many with 4429 (M)', () => {
    const pair = new Pair(1);
    pair.open();
    const [page] = [pair.page.open('test')];
    pair.carry();
    expect(ending(page)?.slice(0, 2)).toEqual(['refused', 4429]);
    expect(pair.serverSays.requested).toHaveLength(1);
  });

  it.each(['accept', 'refuse'])(
    'should take no "%s" from the page (Z)',
    type => {
      const pair = new Pair();
      pair.ask();
      const record = {
        type,
        channel: 1,
        parameters: {},
        code: 4000,
        reason: ''
      };
      const frame = `0\x1e${JSON.stringify(record)}`;
      expect(ruleOf(() => pair.give(pair.server, frame))).toBe('Z');
    }
  );

  it('should take no channel number twice (Z2)', () => {
    const pair = new Pair();
    pair.give(pair.server, OPEN);
    expect(ruleOf(() => pair.give(pair.server, OPEN))).toBe('Z2');
  });

  it('should survive an owner that throws when asked for a channel (C6)', () => {
    class Thrower extends Recorder {
      channelRequested(): void {
        throw new Error('deliberate');
      }
    }
    const listener = new Thrower();
    const pair = new Pair();
    const server = new ServerSession(listener);
    server.attach(0, 0);
    pair.give(server, OPEN);
    expect(listener.errors).toHaveLength(1);
    expect(server.channels.size).toBe(1);
  });
});

describe('ServerChannel', () => {
  it('should tell the page what it was accepted with (Z)', () => {
    const [page, server] = new Pair().ask();
    server.accept({ model: 'm' });
    server.accept({ model: 'again' });
    expect(server.answer).toEqual({ model: 'm' });
    expect([page.state, server.state]).toEqual(['opening', 'open']);
  });

  it('should not be accepted with more than 16 KiB (Z1)', () => {
    const [, server] = new Pair().ask();
    expect(() => server.accept({ text: 'x'.repeat(20_000) })).toThrow(
      RecordTooLargeError
    );
    expect(server.state).toBe('opening');
  });

  it.each(['close', 'abort'] as const)(
    'should be refused by a %s before accept (X2)',
    how => {
      const pair = new Pair();
      const [page, server] = pair.ask();
      const owner = new Owner(server);
      server[how](4500, 'failed');
      server.refuse(4404, 'again');
      pair.carry();
      expect(ending(page)).toEqual(['refused', 4500, 'failed']);
      expect(ending(server)).toEqual(['refused', 4500, 'failed']);
      expect(owner.events).toEqual(['refused']);
    }
  );

  it('should end by a close that comes before it is accepted (X3)', () => {
    const pair = new Pair();
    const [page, server] = pair.ask();
    page.close(3000, 'changed my mind');
    pair.carry();
    server.accept(); // too late: nothing happens
    pair.carry();
    expect(ending(server)).toEqual(['closed', 3000, 'changed my mind']);
    expect(ending(page)).toEqual(['closed', 3000, 'changed my mind']);
  });
});
