/**
 * What becomes of guarded sockets when the server half does not come back, over real sockets.
 */
import type { AIConnection } from '../../connection';
import type { AcceptorServer } from '../../connection/__tests__/support/acceptor-server';
import { until } from '../../connection/__tests__/support/wait';
import { DEFAULT_SETTINGS } from '../../settings/__tests__/defaults';
import type { Guard } from '../guard';
import { GuardedSocket } from '../guarded-socket';
import { next, story } from './support/events';
import { makeSocket, startGuardedPage } from './support/guarded-page';
import { Peer } from './support/peer';

const NATIVE = window.WebSocket;

const GONE_MS = 100;

/** The probe has said so twice, once it is said twice. */
const GONE = { cause: 'missing', question: 'permanent' } as const;

describe('Guarded sockets whose server half is lost', () => {
  let server: AcceptorServer;
  let connection: AIConnection;
  let guard: Guard;
  let peer: Peer;
  let probe: (request: RequestInfo) => Promise<Response>;

  GuardedSocket.inherit(NATIVE);

  beforeEach(async () => {
    const page = await startGuardedPage({
      goneTimeoutMs: GONE_MS,
      adapt: settings => {
        probe = settings.fetch;
        return { ...settings, fetch: request => probe(request) };
      }
    });
    ({ server, connection, guard } = page);
    peer = await Peer.start(page);
    connection.start();
    guard.attach(connection);
    await until(connection, 'connected');
  });

  afterEach(async () => {
    peer.stop();
    connection.dispose();
    await server.stop();
  });

  it('find it out by the probe, not at its first word; open and closing ones end with one 1006', async () => {
    const closing = peer.direct();
    const socket = peer.direct();
    await next(socket, 'open');
    const told = [story(closing), story(socket)];
    probe = async () => new Response('', { status: 404 });
    server.services.guard = () => undefined;
    server.up = false;
    server.cut();
    const startMs = performance.now();
    await until(connection, 'reconnecting');
    closing.close(3001);
    await next(peer.direct(), 'open');
    await Promise.all(told.map(({ over }) => over));
    expect(performance.now() - startMs).toBeGreaterThan(1900);
    expect(connection.status.cause).toBe('missing');
    expect(told.map(({ events }) => events)).toEqual([
      [[1006, '', false]],
      [[1006, '', false]]
    ]);
    expect(peer.asked).toHaveLength(1);
  });

  it('are native from then on, until it is back', async () => {
    peer.fail(GONE, 2);
    const socket = peer.direct();
    const { events } = story(socket);
    await next(socket, 'open');
    socket.send('hello');
    await next(socket, 'message');
    peer.mend();
    await next(makeSocket(guard, []), 'open');
    expect(server.channels).toHaveLength(1);
    expect(events).toEqual(['open', 'hello']);
    expect(peer.asked).toHaveLength(1);
  });

  it('go native when they are not open yet', async () => {
    server.services.guard = () => undefined;
    const socket = peer.direct();
    const { events } = story(socket);
    await server.until(() => server.channels.length === 1);
    peer.fail(GONE, 2);
    await next(socket, 'open');
    expect(events).toEqual(['open']);
    expect(peer.asked).toHaveLength(1);
  });

  it('stay open when it is back in time', async () => {
    const socket = peer.direct();
    await next(socket, 'open');
    const { events } = story(socket);
    peer.fail(GONE, 2);
    peer.mend();
    await new Promise(resolve => setTimeout(resolve, 2 * GONE_MS));
    socket.send('still there');
    await next(socket, 'message');
    expect(events).toEqual(['still there']);
    expect(peer.asked).toEqual([]);
  });

  describe('for its sockets fail, while it answers probes', () => {
    const start = performance.now.bind(performance);

    /** Let its sockets fail until it is believed, without waiting for 30 s. */
    async function failLong(): Promise<void> {
      server.upgrades = false;
      server.cut();
      await server.until(() => upgradesAsked() > 3);
      jest.spyOn(performance, 'now').mockImplementation(() => start() + 31_000);
    }

    const upgradesAsked = () =>
      server.requests.filter(request => request.includes('/ws?')).length;

    it('go native when they are not open yet, also while nobody is ever asked (R9)', async () => {
      connection.applySettings({
        ...DEFAULT_SETTINGS,
        baseDelayMs: 10,
        delayCapMs: 50,
        maxAttempts: 0
      });
      server.upgrades = false;
      server.cut();
      await until(connection, 'reconnecting');
      const waiting = peer.direct();
      const { events } = story(waiting);
      await failLong();
      await next(waiting, 'open');
      await next(peer.direct(), 'open');
      expect(connection.status.question).toBe('none');
      expect(events).toEqual(['open']);
      expect(peer.asked).toHaveLength(2);
    });

    it('end when they are open and others can be opened, with one 1006', async () => {
      const socket = peer.direct();
      await next(socket, 'open');
      const { events, over } = story(socket);
      await failLong();
      await next(peer.direct(), 'open');
      await over;
      expect(events).toEqual([[1006, '', false]]);
    });

    it('stay open while no other can be opened: the network may refuse all', async () => {
      const socket = peer.direct();
      await next(socket, 'open');
      const { events } = story(socket);
      await failLong();
      // Somewhere where nothing listens.
      await next(guard.make(new URL('ws://127.0.0.1:9/'), [], 'Chat'), 'close');
      await new Promise(resolve => setTimeout(resolve, 2 * GONE_MS));
      server.upgrades = true;
      socket.send('still there');
      await next(socket, 'message');
      expect(events).toEqual(['still there']);
    });
  });
});
