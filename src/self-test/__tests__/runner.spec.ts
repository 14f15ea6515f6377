import { QueueFullError } from '../../core/errors';
import type { IChannelEnd } from '../../tokens';
import { status } from '../../ui/__tests__/fake-connection';
import { textOf } from '../checker';
import type { IResult } from '../runner';
import { SelfTestRunner } from '../runner';
import { FakeService } from './fake-service';

describe('SelfTestRunner', () => {
  let service: FakeService;
  let runner: SelfTestRunner;

  const make = (timeLimitMs = 60_000) =>
    (runner = new SelfTestRunner({
      connection: service,
      records: 200,
      cuts: 10,
      timeLimitMs
    }));

  const run = async (): Promise<IResult> => {
    make();
    const result = runner.run();
    await service.serve(200, () => runner.isDisposed);
    if (!runner.isDisposed) {
      runner.dispose();
    }
    return result;
  };

  const end = (kind: IChannelEnd['kind'], reason = ''): IChannelEnd => ({
    kind,
    code: 1006,
    reason,
    acknowledged: 0,
    perhapsDelivered: 0,
    neverWritten: 0
  });

  const none = { lost: 0, doubled: 0, outOfOrder: 0, damaged: 0 };

  beforeEach(() => {
    service = new FakeService();
  });

  it('streams both ways, cuts at either end in turn, and finds nothing wrong', async () => {
    const result = await run();
    expect(result).toMatchObject({
      outcome: 'complete',
      cuts: 10,
      toPage: { expected: 200, arrived: 200, ...none },
      toServer: { expected: 200, arrived: 200, ...none }
    });
    expect(service.cuts).toEqual({ server: 5, page: 5 });
    expect(service.parameters).toEqual({
      records: 200,
      interval_ms: 1,
      payload_bytes: 64
    });
    expect(service.channel.close).toHaveBeenCalledTimes(1);
  });

  it('tells what each direction lost or got twice', async () => {
    let spoilt = 0;
    service.spoil = records =>
      records.flatMap(record => {
        const { n, page } = JSON.parse(record);
        if (n === 20 && !page) {
          return [];
        }
        if (n === 30 && page) {
          spoilt++;
          return [record, record];
        }
        return [record];
      });
    const result = await run();
    expect(spoilt).toBe(1);
    expect(result.outcome).not.toBe('complete');
    expect(result.toPage).toMatchObject({ lost: 1, doubled: 0 });
    expect(result.toServer).toMatchObject({ lost: 0, doubled: 1 });
  });

  it('spreads the cuts over the whole stream', async () => {
    const at: number[] = [];
    make();
    let cuts = 0;
    runner.progressed.connect((_, progress) => {
      if (progress.cuts > cuts) {
        cuts = progress.cuts;
        at.push(progress.toPage);
      }
    });
    const result = runner.run();
    await service.serve(200, () => runner.isDisposed);
    await result;
    expect(at).toHaveLength(10);
    const gaps = at.map((toPage, index) => toPage - (at[index - 1] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(5);
    expect(Math.max(...gaps)).toBeLessThan(45);
  });

  it('sends its last record only after the last cut', async () => {
    const send = jest.spyOn(service.channel, 'send');
    let healed = -1;
    service.statusChanged.connect(() => {
      healed = send.mock.calls.length;
    });
    await run();
    const last = send.mock.calls.findIndex(([record]) =>
      String(record).includes('"n":200,')
    );
    expect(last).toBeGreaterThanOrEqual(healed);
  });

  it('says why the server refused', async () => {
    make();
    const result = runner.run();
    service.channel.end.resolve(end('refused', 'no service of that name'));
    expect(await result).toMatchObject({
      outcome: 'refused',
      reason: 'no service of that name'
    });
  });

  it.each([
    ['discontinuity', 'session-lost'],
    ['closed', 'closed']
  ] as const)('takes a %s for what it is', async (kind, outcome) => {
    make();
    const result = runner.run();
    service.channel.end.resolve(end(kind));
    expect(await result).toMatchObject({ outcome, toPage: { lost: 200 } });
  });

  it('can be cancelled, and leaves nothing behind', async () => {
    jest.useFakeTimers();
    make();
    const result = runner.run();
    runner.dispose();
    expect((await result).outcome).toBe('cancelled');
    expect(service.channel.abort).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
    service.go({ state: 'reconnecting', nextTryMs: 1 });
    expect(jest.getTimerCount()).toBe(0);
    service.deliver('{"n":1}');
    expect(runner.progress.toPage).toBe(0);
    jest.useRealTimers();
  });

  it('gives up when it takes too long', async () => {
    jest.useFakeTimers();
    make(1000);
    const result = runner.run();
    await jest.advanceTimersByTimeAsync(1000);
    expect((await result).outcome).toBe('timeout');
    jest.useRealTimers();
  });

  it('says so when there is no connection to test', async () => {
    jest.useFakeTimers();
    make();
    service.open = () => service.channel;
    const result = runner.run();
    await jest.advanceTimersByTimeAsync(15_000);
    expect((await result).outcome).toBe('unconnected');
    expect(service.channel.abort).toHaveBeenCalledTimes(1);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('does nothing once it is disposed of', async () => {
    make();
    const open = jest.spyOn(service, 'open');
    runner.dispose();
    expect((await runner.run()).outcome).toBe('cancelled');
    expect(open).not.toHaveBeenCalled();
  });

  it('says that there is no connection where no channel can be opened', async () => {
    make();
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    jest.spyOn(service, 'open').mockImplementation(() => {
      throw new QueueFullError();
    });
    expect(await runner.run()).toMatchObject({
      outcome: 'unconnected',
      toPage: { arrived: 0 }
    });
    expect(runner.isDisposed).toBe(true);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });

  describe('and an outage', () => {
    const waiting = { state: 'reconnecting', nextTryMs: 9e9 } as const;

    beforeEach(() => jest.useFakeTimers());

    afterEach(async () => {
      runner.dispose();
      await jest.advanceTimersByTimeAsync(0);
      expect(jest.getTimerCount()).toBe(0);
      jest.useRealTimers();
    });

    it('does not wait for the delay between attempts after its own cuts, nor hammer', async () => {
      make();
      void runner.run();
      await jest.advanceTimersByTimeAsync(0);
      service.deliver(
        ...Array.from({ length: 40 }, (_, index) => {
          const n = index + 1;
          return JSON.stringify({ n, text: textOf(n) });
        })
      );
      expect(service.channel.sent).toContain('{"cut":true}');
      service.reconnect.mockImplementation(() => service.go(waiting));
      service.go(waiting);
      await jest.advanceTimersByTimeAsync(3000);
      expect(service.reconnect).toHaveBeenCalledTimes(10);
      await jest.advanceTimersByTimeAsync(20_000);
      expect(service.reconnect).toHaveBeenCalledTimes(10);
    });

    it('leaves an outage of others to the connection', async () => {
      make();
      void runner.run();
      await jest.advanceTimersByTimeAsync(0);
      service.go(waiting);
      await jest.advanceTimersByTimeAsync(3000);
      expect(service.reconnect).not.toHaveBeenCalled();
    });

    it('says that it waits, but not during a cut of its own', async () => {
      make();
      void runner.run();
      await jest.advanceTimersByTimeAsync(0);
      service.go(waiting);
      await jest.advanceTimersByTimeAsync(1400);
      expect(runner.progress.waiting).toBe(false);
      await jest.advanceTimersByTimeAsync(100);
      expect(runner.progress.waiting).toBe(true);
      service.go();
      expect(runner.progress.waiting).toBe(false);
    });

    it('says at once that it waits for a connection to begin with', async () => {
      service.status = status(waiting);
      service.open = () => service.channel;
      make();
      void runner.run();
      await jest.advanceTimersByTimeAsync(0);
      expect(runner.progress.waiting).toBe(true);
    });

    it.each(['stopped', 'disposed'] as const)(
      'ends at once when the connection is %s',
      async state => {
        service.status = status({ state });
        service.open = () => service.channel;
        make();
        expect((await runner.run()).outcome).toBe('unconnected');
      }
    );

    it('ends when the connection is not coming back', async () => {
      make();
      const result = runner.run();
      await jest.advanceTimersByTimeAsync(0);
      service.go({ state: 'stopped', cause: 'missing' });
      expect((await result).outcome).toBe('lost');
    });
  });

  it('counts what is no record of the test as damaged', async () => {
    make();
    const result = runner.run();
    await Promise.resolve();
    service.deliver('no JSON', '5', 'null', '{"n":201,"text":""}');
    runner.dispose();
    expect((await result).toPage).toMatchObject({ damaged: 4 });
  });

  it('holds its records back while the channel takes none', async () => {
    service.channel.writable = false;
    make();
    const result = runner.run();
    await Promise.resolve();
    service.deliver('{"n":1}');
    expect(service.channel.sent).toEqual([]);
    runner.dispose();
    await result;
  });
});
