/**
 * A socket's carrier on a channel over a real connection to the acceptor.
 */
import type { AIConnection } from '../../connection';
import type { AcceptorServer } from '../../connection/__tests__/support/acceptor-server';
import { ChannelCarrier } from '../channel-carrier';
import { TaskQueue } from '../task';
import { startGuardedPage } from './support/guarded-page';

describe('ChannelCarrier', () => {
  let server: AcceptorServer;
  let connection: AIConnection;

  beforeEach(async () => {
    ({ server, connection } = await startGuardedPage());
    connection.start();
  });

  afterEach(async () => {
    connection.dispose();
    await server.stop();
  });

  it('delivers what has come before it ends because it is withdrawn', async () => {
    server.services.guard = channel => {
      channel.accept({ protocol: '' });
      ['one', 'two', 'three'].forEach(record => channel.send(record));
    };
    const told: unknown[] = [];
    await new Promise<void>(resolve => {
      const carrier = new ChannelCarrier({
        channel: connection.open('guard'),
        protocols: [],
        owner: {
          binaryType: 'blob',
          opened: () => undefined,
          received: data => {
            told.push(data);
            carrier.withdraw(true);
          },
          errored: () => told.push('error'),
          closed: (...end) => {
            told.push(end);
            resolve();
          }
        },
        tasks: new TaskQueue(),
        unserved: () => undefined
      });
    });
    expect(told).toEqual(['one', 'two', 'three', [1006, '', false]]);
  });

  it('counts what is sent by its bytes, also behind a message that has left in part', async () => {
    server.services.guard = channel => channel.accept({ protocol: '' });
    const channel = connection.open('guard');
    const carrier = new ChannelCarrier({
      channel,
      protocols: [],
      owner: {
        binaryType: 'blob',
        opened: () => undefined,
        received: () => undefined,
        errored: () => undefined,
        closed: () => undefined
      },
      tasks: new TaskQueue(),
      unserved: () => undefined
    });
    let waitingCost = 0;
    jest
      .spyOn(channel, 'bufferedAmount', 'get')
      .mockImplementation(() => waitingCost);
    jest.spyOn(channel, 'send').mockImplementation(record => {
      waitingCost += (record as string).length + 16;
    });
    carrier.send('x'.repeat(100_000));
    expect(carrier.bufferedAmount).toBe(100_000);
    waitingCost = 40_000;
    expect(carrier.bufferedAmount).toBe(40_000);
    carrier.send('y'.repeat(6));
    carrier.send('z');
    expect(carrier.bufferedAmount).toBe(40_007);
    waitingCost = 6 + 16 + 1 + 16;
    expect(carrier.bufferedAmount).toBe(7);
    waitingCost = 0;
    expect(carrier.bufferedAmount).toBe(0);
    channel.abort();
  });

  it('waits for the close of the other end as long as what was sent before moves', async () => {
    const told: unknown[] = [];
    const owner = {
      binaryType: 'blob' as const,
      opened: () => undefined,
      received: () => undefined,
      errored: () => told.push('error'),
      closed: (...end: unknown[]) => told.push(end)
    };
    server.services.guard = channel => channel.accept({ protocol: '' });
    const channel = connection.open('guard');
    const opened = new Promise(resolve => channel.accepted.then(resolve));
    const carrier = new ChannelCarrier({
      channel,
      protocols: [],
      owner,
      tasks: new TaskQueue(),
      unserved: () => undefined
    });
    await opened;
    let waiting = 0;
    jest
      .spyOn(channel, 'bufferedAmount', 'get')
      .mockImplementation(() => waiting);
    jest.spyOn(channel, 'send').mockImplementation(() => {
      waiting = 100_000;
    });
    jest.spyOn(channel, 'close').mockImplementation();
    jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate'] });
    carrier.send('x'.repeat(100_000));
    carrier.close(3001, '');
    for (; waiting; waiting -= 20_000) {
      jest.advanceTimersByTime(9000);
      expect(told).toEqual([]);
    }
    jest.advanceTimersByTime(20_000);
    expect(told).toEqual([[1006, '', false]]);
    jest.useRealTimers();
  });
});
