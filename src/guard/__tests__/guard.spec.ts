/**
 * What a guard says of the extensions whose sockets it carries.
 */
import type { Signal } from '@lumino/signaling';
import type { AddressInfo } from 'net';
import { WebSocketServer } from 'ws';

import type { AIConnection } from '../../connection';
import type { AcceptorServer } from '../../connection/__tests__/support/acceptor-server';
import { until } from '../../connection/__tests__/support/wait';
import type { IConnectionStatus } from '../../tokens';
import { status } from '../../ui/__tests__/fake-connection';
import { Guard } from '../guard';
import { GuardedSocket } from '../guarded-socket';
import type { IPageGuard } from '../page-guard';
import { GuardSwitch } from '../switch';
import { next } from './support/events';
import {
  PATH,
  echo,
  makeSocket,
  startGuardedPage
} from './support/guarded-page';

const NATIVE = window.WebSocket;

describe('Guard', () => {
  let server: AcceptorServer;
  let connection: AIConnection;
  let guard: Guard;

  GuardedSocket.inherit(NATIVE);

  beforeEach(async () => {
    ({ server, connection, guard } = await startGuardedPage());
  });

  afterEach(async () => {
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

    describe('on a page where the early part has run', () => {
      const seen: unknown[] = [];

      beforeEach(() => {
        const page: IPageGuard = {
          version: 1,
          native: NATIVE,
          guarded: NATIVE,
          make: null,
          restore: () => undefined
        };
        const off = new GuardSwitch('/');
        guard = new Guard({ page, paths: { [PATH]: 'Chat' }, off });
        seen.length = 0;
        guard.changed.connect(() => {
          const [first] = guard.extensions;
          seen.push(first ? [first.guarded, first.openSockets] : null);
        });
      });

      it('says that nothing is guarded while its sockets had to turn native, and tells', async () => {
        server.services.guard = channel => channel.refuse(4404, 'not served');
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

      it('says what is refused to both that it is guarded', async () => {
        server.services.guard = channel => channel.refuse(4001, 'HTTP 403');
        await next(open(), 'close');
        expect(guard.extensions[0]).toMatchObject({
          guarded: true,
          openSockets: 0
        });
      });

      it('says between two sockets where the next one goes, and tells when that changes', async () => {
        const socket = open();
        await next(socket, 'open');
        socket.close();
        await next(socket, 'close');
        seen.length = 0;
        stopTrying();
        expect(seen).toEqual([[false, 0]]);
        tellTruth();
        expect(seen).toEqual([
          [false, 0],
          [true, 0]
        ]);
      });

      it('says that nothing is guarded while a native socket is open, though the next one is', async () => {
        connection.start();
        guard.attach(connection);
        await until(connection, 'connected');
        stopTrying();
        const native = new WebSocketServer({ port: 0, host: '127.0.0.1' });
        await new Promise(resolve => native.once('listening', resolve));
        const { port } = native.address() as AddressInfo;
        const socket = guard.make(
          new URL(`ws://127.0.0.1:${port}/${PATH}`),
          [],
          'Chat'
        );
        await next(socket, 'open');
        tellTruth();
        expect(guard.extensions[0].guarded).toBe(false);
        socket.close();
        await next(socket, 'close');
        expect(guard.extensions[0].guarded).toBe(true);
        native.close();
      });
    });

    /** Let the connection say that nothing is tried any more. */
    function stopTrying(): void {
      const told = status({ state: 'stopped', question: 'attempts' });
      jest.spyOn(connection, 'status', 'get').mockReturnValue(told);
      statusChanged().emit(told);
    }

    function tellTruth(): void {
      jest.restoreAllMocks();
      statusChanged().emit(connection.status);
    }

    function statusChanged(): Signal<AIConnection, IConnectionStatus> {
      return connection.statusChanged as Signal<
        AIConnection,
        IConnectionStatus
      >;
    }
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
