/**
 * Guarded sockets over a real connection to the acceptor, and what carries them
 * when there is none.
 */
import type { Signal } from '@lumino/signaling';
import { WebSocketServer } from 'ws';
import type { AddressInfo } from 'net';

import type { AIConnection } from '../../connection';
import { RecordTooLargeError } from '../../core/errors';
import type { AcceptorServer } from '../../connection/__tests__/support/acceptor-server';
import { until } from '../../connection/__tests__/support/wait';
import type { IConnectionStatus } from '../../tokens';
import { status } from '../../ui/__tests__/fake-connection';
import { Guard } from '../guard';
import { GuardedSocket } from '../guarded-socket';
import type { IPageGuard } from '../page-guard';
import { GuardSwitch } from '../switch';
import { next, nextTask, story } from './support/events';
import {
  PATH,
  echo,
  makeSocket,
  startGuardedPage
} from './support/guarded-page';

const NATIVE = window.WebSocket;
const GONE_MS = 100;

describe('Guard', () => {
  let server: AcceptorServer;
  let connection: AIConnection;
  let probe: (request: RequestInfo) => Promise<Response>;
  let guard: Guard;

  GuardedSocket.inherit(NATIVE);

  beforeEach(async () => {
    ({ server, connection, guard } = await startGuardedPage({
      goneTimeoutMs: GONE_MS,
      adapt: settings => {
        probe = settings.fetch;
        return { ...settings, fetch: request => probe(request) };
      }
    }));
  });

  afterEach(async () => {
    connection.dispose();
    await server.stop();
  });

  /** Make a guarded socket of a connection that is welcomed. */
  function open(protocols: string[] = []): WebSocket {
    connection.start();
    guard.attach(connection);
    return make(protocols);
  }

  function make(protocols: string[] = [], path = PATH): WebSocket {
    return makeSocket(guard, protocols, path);
  }

  describe('a native socket inside', () => {
    let peer: WebSocketServer;
    const asked: string[] = [];

    beforeEach(async () => {
      asked.length = 0;
      peer = new WebSocketServer({ port: 0, host: '127.0.0.1' });
      peer.on('connection', (socket, request) => {
        asked.push(request.url!);
        socket.on('message', (data, isBinary) =>
          `${data}` === 'end'
            ? socket.close(4000, 'end')
            : socket.send(data, { binary: isBinary })
        );
      });
      await new Promise(resolve => peer.once('listening', resolve));
    });

    afterEach(() => {
      jest.restoreAllMocks();
      peer.clients.forEach(socket => socket.terminate());
      peer.close();
      jest.useRealTimers();
    });

    /** Let the connection say so. */
    function say(changes: Partial<IConnectionStatus>): void {
      const told = status(changes);
      jest.spyOn(connection, 'status', 'get').mockReturnValue(told);
      statusChanged().emit(told);
    }

    /** Let it say what is true, over a line that works. */
    function mend(): void {
      jest.restoreAllMocks();
      server.up = true;
      statusChanged().emit(connection.status);
    }

    function statusChanged(): Signal<AIConnection, IConnectionStatus> {
      return connection.statusChanged as Signal<
        AIConnection,
        IConnectionStatus
      >;
    }

    /** Make a socket whose address leads to the peer. */
    function direct(): WebSocket {
      const { port } = peer.address() as AddressInfo;
      const url = new URL(`ws://127.0.0.1:${port}/${PATH}?x=1`);
      return guard.make(url, [], 'Chat');
    }

    /** Use a socket to its end and check that it went straight to the peer. */
    async function expectNative(socket: WebSocket): Promise<void> {
      const { events, over } = story(socket);
      await next(socket, 'open');
      socket.send('hello');
      await next(socket, 'message');
      socket.send('end');
      await over;
      expect(events).toEqual(['open', 'hello', [4000, 'end', true]]);
      expect(socket).toBeInstanceOf(GuardedSocket);
      expect(asked).toEqual([`/${PATH}?x=1`]);
      expect(server.channels).toEqual([]);
      expect(guard.extensions[0].openSockets).toBe(0);
    }

    it('takes over when the first attempt of the session fails', async () => {
      server.up = false;
      connection.start();
      guard.attach(connection);
      await expectNative(direct());
    });

    it('takes over for sockets that waited while the first attempt failed', async () => {
      server.up = false;
      const socket = direct();
      guard.attach(connection);
      connection.start();
      await expectNative(socket);
    });

    it('takes over when no connection is attached in 10 s', async () => {
      jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate'] });
      const socket = direct();
      jest.advanceTimersByTime(9_900);
      expect(asked).toEqual([]);
      jest.advanceTimersByTime(400);
      jest.useRealTimers();
      await expectNative(socket);
    });

    it('takes over for those too that try again meanwhile', async () => {
      jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate'] });
      const first = direct();
      jest.advanceTimersByTime(9_000);
      make();
      jest.advanceTimersByTime(1_300);
      jest.useRealTimers();
      await expectNative(first);
    });

    it('takes over at once when the connection cannot be loaded', async () => {
      const socket = direct();
      guard.giveUp();
      await expectNative(socket);
    });

    it('takes over when no welcome has come in 5 s', async () => {
      jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate'] });
      guard.attach(connection);
      const socket = direct();
      jest.advanceTimersByTime(4_900);
      expect(asked).toEqual([]);
      jest.advanceTimersByTime(400);
      jest.useRealTimers();
      await expectNative(socket);
    });

    it('takes over when the connection was disposed', async () => {
      guard.attach(connection);
      connection.dispose();
      await expectNative(direct());
    });

    it.each([4403, 4404, 4429, 4500])(
      'takes over when the server half refuses with %s',
      async code => {
        server.services.guard = channel => channel.refuse(code, 'not served');
        connection.start();
        guard.attach(connection);
        const socket = direct();
        const { events, over } = story(socket);
        await next(socket, 'open');
        socket.send('end');
        await over;
        expect(events).toEqual(['open', [4000, 'end', true]]);
        expect(asked).toHaveLength(1);
      }
    );

    it('takes over where the address is too long for a channel', async () => {
      connection.start();
      guard.attach(connection);
      await until(connection, 'connected');
      jest.spyOn(connection, 'open').mockImplementation(() => {
        throw new RecordTooLargeError(20_000, 16_384);
      });
      await expectNative(direct());
    });

    it('that cannot be made fails once, also when it is closed meanwhile', async () => {
      jest.spyOn(window, 'WebSocket').mockImplementation(() => {
        throw new DOMException('Refused by the policy', 'SecurityError');
      });
      guard.giveUp();
      const left = story(direct());
      const socket = direct();
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
      await expectNative(direct());
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
      say({ state: 'reconnecting', cause: 'login', question: 'permanent' });
      const late = direct();
      const { events } = story(late);
      mend();
      await next(late, 'open');
      expect(events).toEqual(['open']);
      expect(asked).toEqual([]);
    });

    describe('when the server half is gone', () => {
      const gone = {
        state: 'reconnecting',
        cause: 'missing',
        question: 'permanent'
      } as const;

      beforeEach(async () => {
        connection.start();
        guard.attach(connection);
        await until(connection, 'connected');
      });

      it('is found out by the probe, not at its first word', async () => {
        const socket = direct();
        await next(socket, 'open');
        const { events, over } = story(socket);
        probe = async () => new Response('', { status: 404 });
        server.up = false;
        server.cut();
        const startMs = performance.now();
        await next(direct(), 'open');
        await over;
        expect(performance.now() - startMs).toBeGreaterThan(1900);
        expect(connection.status.cause).toBe('missing');
        expect(events).toEqual([[1006, '', false]]);
        expect(asked).toHaveLength(1);
      });

      it('takes over for new sockets, until it is back', async () => {
        say(gone);
        const socket = direct();
        const { events } = story(socket);
        await next(socket, 'open');
        socket.send('hello');
        await next(socket, 'message');
        mend();
        await next(make(), 'open');
        expect(server.channels).toHaveLength(1);
        expect(events).toEqual(['open', 'hello']);
        expect(asked).toHaveLength(1);
      });

      it('takes over for those that are not open yet', async () => {
        server.services.guard = () => undefined;
        const socket = direct();
        const { events } = story(socket);
        await server.until(() => server.channels.length === 1);
        say(gone);
        await next(socket, 'open');
        expect(events).toEqual(['open']);
        expect(asked).toHaveLength(1);
      });

      it('ends none that is open when it is back in time', async () => {
        const socket = direct();
        await next(socket, 'open');
        const { events } = story(socket);
        say(gone);
        mend();
        await new Promise(resolve => setTimeout(resolve, 2 * GONE_MS));
        socket.send('still there');
        await next(socket, 'message');
        expect(events).toEqual(['still there']);
        expect(asked).toEqual([]);
      });

      it('ends those that are open, and closing, with one 1006 when it stays away', async () => {
        const closing = direct();
        const socket = direct();
        await next(socket, 'open');
        const told = [story(closing), story(socket)];
        server.services.guard = () => undefined;
        server.up = false;
        server.cut();
        await until(connection, 'reconnecting');
        closing.close(3001);
        say(gone);
        say(gone);
        await Promise.all(told.map(({ over }) => over));
        expect(told.map(({ events }) => events)).toEqual([
          [[1006, '', false]],
          [[1006, '', false]]
        ]);
        expect(asked).toEqual([]);
      });
    });

    it('takes over for new sockets while nothing is tried, and open ones wait', async () => {
      const socket = open();
      await next(socket, 'open');
      const { events } = story(socket);
      say({ state: 'stopped', cause: 'network', question: 'attempts' });
      await next(direct(), 'open');
      expect(asked).toHaveLength(1);
      mend();
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
      const late = direct();
      expect(late.readyState).toBe(0);
      server.up = true;
      await next(late, 'open');
      expect(asked).toEqual([]);
    });
  });

  describe('#extensions', () => {
    it('leaves out what has asked for no socket', () => {
      expect(guard.extensions).toEqual([]);
    });

    it('counts the sockets of each, and tells when they change', async () => {
      const told = jest.fn();
      guard.changed.connect(told);
      const socket = open();
      expect(guard.extensions).toEqual([
        {
          name: 'Chat',
          guarded: false,
          switchedOn: false,
          guardedNextTime: true,
          openSockets: 1
        }
      ]);
      expect(connection.diagnostics().guarded).toEqual(guard.extensions);
      await next(socket, 'open');
      expect(connection.channels[0].name).toBe('Chat');
      socket.close();
      await next(socket, 'close');
      expect(guard.extensions[0].openSockets).toBe(0);
      expect(told).toHaveBeenCalledTimes(2);
    });

    it('says that nothing is guarded while its sockets had to turn native, and tells', async () => {
      server.services.guard = channel => channel.refuse(4404, 'not served');
      const page: IPageGuard = {
        version: 1,
        native: NATIVE,
        guarded: NATIVE,
        make: null,
        restore: () => undefined
      };
      const off = new GuardSwitch('/');
      guard = new Guard({ page, paths: { [PATH]: 'Chat' }, off });
      const seen: unknown[] = [];
      guard.changed.connect(() => {
        const [{ guarded, openSockets }] = guard.extensions;
        seen.push([guarded, openSockets]);
      });
      const refused = open();
      await next(refused, 'close');
      expect(seen).toEqual([
        [true, 1],
        [false, 0],
        [false, 0]
      ]);
      server.services.guard = echo;
      await next(make(), 'open');
      expect(guard.extensions).toEqual([
        {
          name: 'Chat',
          guarded: true,
          switchedOn: true,
          guardedNextTime: true,
          openSockets: 1
        }
      ]);
    });
  });

  describe('#setGuarded', () => {
    const off = () =>
      guard.extensions
        .filter(each => !each.guardedNextTime)
        .map(({ name }) => name);

    beforeEach(() => window.localStorage.clear());

    it('switches one, all, and one again', () => {
      expect(guard.setGuarded('Chat', false)).toBe(true);
      expect(off()).toEqual(['Chat']);
      guard.setGuarded(null, false);
      expect(off()).toEqual(['Chat', 'Other']);
      guard.setGuarded('Chat', true);
      expect(off()).toEqual(['Other']);
      guard.setGuarded(null, true);
      expect(off()).toEqual([]);
    });

    it('says when the browser keeps nothing', () => {
      const set = jest.spyOn(Storage.prototype, 'setItem');
      set.mockImplementation(() => {
        throw new DOMException('full', 'QuotaExceededError');
      });
      expect(guard.setGuarded('Chat', false)).toBe(false);
      set.mockRestore();
    });
  });
});
