/**
 * What carries guarded sockets when there is no session for them, over real sockets.
 */
import type { AIConnection } from '../../connection';
import { RecordTooLargeError } from '../../core/errors';
import type { AcceptorServer } from '../../connection/__tests__/support/acceptor-server';
import { until } from '../../connection/__tests__/support/wait';
import type { Guard } from '../guard';
import { GuardedSocket } from '../guarded-socket';
import { next, nextTask, story } from './support/events';
import { makeSocket, startGuardedPage } from './support/guarded-page';
import { Peer } from './support/peer';

const NATIVE = window.WebSocket;

describe('A native socket inside a guarded one', () => {
  let server: AcceptorServer;
  let connection: AIConnection;
  let guard: Guard;
  let peer: Peer;

  GuardedSocket.inherit(NATIVE);

  beforeEach(async () => {
    const page = await startGuardedPage();
    ({ server, connection, guard } = page);
    peer = await Peer.start(page);
  });

  afterEach(async () => {
    jest.useRealTimers();
    peer.stop();
    connection.dispose();
    await server.stop();
  });

  /** Make a guarded socket of a connection that is welcomed. */
  function open(): WebSocket {
    connection.start();
    guard.attach(connection);
    return make();
  }

  function make(): WebSocket {
    return makeSocket(guard, []);
  }

  it('takes over when the first attempt of the session fails', async () => {
    server.up = false;
    connection.start();
    guard.attach(connection);
    await peer.expectNative(peer.direct());
  });

  it('takes over for sockets that waited while the first attempt failed', async () => {
    server.up = false;
    const socket = peer.direct();
    guard.attach(connection);
    connection.start();
    await peer.expectNative(socket);
  });

  it('takes over when no connection is attached in 10 s', async () => {
    jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate'] });
    const socket = peer.direct();
    jest.advanceTimersByTime(9_900);
    expect(peer.asked).toEqual([]);
    jest.advanceTimersByTime(400);
    jest.useRealTimers();
    await peer.expectNative(socket);
  });

  it('takes over for those too that try again meanwhile', async () => {
    jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate'] });
    const first = peer.direct();
    jest.advanceTimersByTime(9_000);
    make();
    jest.advanceTimersByTime(1_300);
    jest.useRealTimers();
    await peer.expectNative(first);
  });

  it('takes over at once when the connection cannot be loaded', async () => {
    const socket = peer.direct();
    guard.giveUp();
    await peer.expectNative(socket);
  });

  it('takes over when no welcome has come in 5 s', async () => {
    jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate'] });
    guard.attach(connection);
    const socket = peer.direct();
    jest.advanceTimersByTime(4_900);
    expect(peer.asked).toEqual([]);
    jest.advanceTimersByTime(400);
    jest.useRealTimers();
    await peer.expectNative(socket);
  });

  it('takes over when the connection was disposed', async () => {
    guard.attach(connection);
    connection.dispose();
    await peer.expectNative(peer.direct());
  });

  it.each([
    [4001, 'HTTP 403'],
    [4001, 'HTTP 500'],
    [4403, 'not served'],
    [4404, 'not served'],
    [4429, 'not served'],
    [4500, 'not served']
  ])(
    'takes over when the server half refuses with %s, %s',
    async (code, reason) => {
      server.services.guard = channel => channel.refuse(code, reason);
      connection.start();
      guard.attach(connection);
      const socket = peer.direct();
      const { events, over } = story(socket);
      await next(socket, 'open');
      socket.send('end');
      await over;
      expect(events).toEqual(['open', [4000, 'end', true]]);
      expect(peer.asked).toHaveLength(1);
    }
  );

  it('is not asked for what the endpoint has not', async () => {
    server.services.guard = channel => channel.refuse(4001, 'HTTP 404');
    connection.start();
    guard.attach(connection);
    const { events, over } = story(peer.direct());
    await over;
    expect(events).toEqual(['error', [1006, '', false]]);
    expect(peer.asked).toEqual([]);
  });

  it('takes over where the address is too long for a channel', async () => {
    connection.start();
    guard.attach(connection);
    await until(connection, 'connected');
    jest.spyOn(connection, 'open').mockImplementation(() => {
      throw new RecordTooLargeError(20_000, 16_384);
    });
    await peer.expectNative(peer.direct());
  });

  it('that cannot be made fails once, also when it is closed meanwhile', async () => {
    jest.spyOn(window, 'WebSocket').mockImplementation(() => {
      throw new DOMException('Refused by the policy', 'SecurityError');
    });
    guard.giveUp();
    const left = story(peer.direct());
    const socket = peer.direct();
    const closed = story(socket);
    socket.close();
    await Promise.all([left.over, closed.over]);
    await nextTask();
    const failure = ['error', [1006, '', false]];
    expect([left.events, closed.events]).toEqual([failure, failure]);
    expect(guard.extensions[0].openSockets).toBe(0);
  });

  it('is left for the session once that is welcomed', async () => {
    server.up = false;
    connection.start();
    guard.attach(connection);
    await peer.expectNative(peer.direct());
    server.up = true;
    connection.reconnect();
    await until(connection, 'connected');
    await next(make(), 'open');
    expect(server.channels).toHaveLength(1);
  });

  it('is not taken while the login has expired', async () => {
    await next(open(), 'open');
    server.up = false;
    server.cut();
    await until(connection, 'reconnecting');
    peer.say({ state: 'reconnecting', cause: 'login', question: 'permanent' });
    const late = peer.direct();
    const { events } = story(late);
    peer.mend();
    await next(late, 'open');
    expect(events).toEqual(['open']);
    expect(peer.asked).toEqual([]);
  });

  it('takes over for new sockets while nothing is tried, and open ones wait', async () => {
    const socket = open();
    await next(socket, 'open');
    const { events } = story(socket);
    peer.say({ state: 'stopped', cause: 'network', question: 'attempts' });
    await next(peer.direct(), 'open');
    expect(peer.asked).toHaveLength(1);
    peer.mend();
    socket.send('still there');
    await next(socket, 'message');
    expect(events).toEqual(['still there']);
  });

  it('is never taken because of the network once the session was welcomed', async () => {
    const socket = open();
    await next(socket, 'open');
    server.up = false;
    server.cut();
    await until(connection, 'reconnecting');
    const late = peer.direct();
    expect(late.readyState).toBe(0);
    server.up = true;
    await next(late, 'open');
    expect(peer.asked).toEqual([]);
  });
});
