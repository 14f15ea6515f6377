/**
 * A socket's line on a channel over a real connection to the acceptor.
 */
import type { AIConnection } from '../../connection';
import type { AcceptorServer } from '../../connection/__tests__/support/acceptor-server';
import { ChannelLine } from '../channel-line';
import { TaskQueue } from '../task';
import { startGuardedPage } from './support/guarded-page';

describe('ChannelLine', () => {
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
      const line = new ChannelLine({
        channel: connection.open('guard'),
        protocols: [],
        owner: {
          binaryType: 'blob',
          opened: () => undefined,
          received: data => {
            told.push(data);
            line.withdraw(true);
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
});
