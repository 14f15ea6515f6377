import type { Signal } from '@lumino/signaling';
import type { AddressInfo } from 'net';
import { WebSocketServer } from 'ws';

import type { AIConnection } from '../../../connection';
import type { AcceptorServer } from '../../../connection/__tests__/support/acceptor-server';
import type { IConnectionStatus } from '../../../tokens';
import { status } from '../../../ui/__tests__/fake-connection';
import type { Guard } from '../../guard';
import { GuardedSocket } from '../../guarded-socket';
import { next, story } from './events';
import type { IGuardedPage } from './guarded-page';
import { PATH } from './guarded-page';

/** The endpoint of an extension that native sockets reach: gives back what comes. */
export class Peer {
  /** Start one for a page. */
  static async start({
    connection,
    guard,
    server
  }: IGuardedPage): Promise<Peer> {
    const peer = new Peer(connection, guard, server);
    await new Promise(resolve => peer._sockets.once('listening', resolve));
    return peer;
  }

  /** What was asked for. */
  readonly asked: string[] = [];

  /** Stop, and let the connection say what is true. */
  stop(): void {
    jest.restoreAllMocks();
    this._sockets.clients.forEach(socket => socket.terminate());
    this._sockets.close();
  }

  /** Make a socket whose address leads here. */
  direct(): WebSocket {
    const { port } = this._sockets.address() as AddressInfo;
    const url = new URL(`ws://127.0.0.1:${port}/${PATH}?x=1`);
    return this.guard.make(url, [], 'Chat');
  }

  /** Use a socket to its end and check that it went straight here. */
  async expectNative(socket: WebSocket): Promise<void> {
    const { events, over } = story(socket);
    await next(socket, 'open');
    socket.send('hello');
    await next(socket, 'message');
    socket.send('end');
    await over;
    expect(events).toEqual(['open', 'hello', [4000, 'end', true]]);
    expect(socket).toBeInstanceOf(GuardedSocket);
    expect(this.asked).toEqual([`/${PATH}?x=1`]);
    expect(this.server.channels).toEqual([]);
    expect(this.guard.extensions[0].openSockets).toBe(0);
  }

  /** Let the connection say so. */
  say(changes: Partial<IConnectionStatus>): void {
    const told = status(changes);
    jest.spyOn(this.connection, 'status', 'get').mockReturnValue(told);
    this._statusChanged.emit(told);
  }

  /** Let it say that tries have failed, one after the other. */
  fail(changes: Partial<IConnectionStatus>, times: number): void {
    for (let time = 0; time < times; time++) {
      this.say({ state: 'reconnecting', ...changes, trying: true });
      this.say({ state: 'reconnecting', ...changes });
    }
  }

  /** Let it say what is true, over a line that works. */
  mend(): void {
    jest.restoreAllMocks();
    this.server.up = true;
    this._statusChanged.emit(this.connection.status);
  }

  private constructor(
    readonly connection: AIConnection,
    readonly guard: Guard,
    readonly server: AcceptorServer
  ) {
    this._sockets.on('connection', (socket, request) => {
      this.asked.push(request.url!);
      socket.on('message', (data, isBinary) =>
        `${data}` === 'end'
          ? socket.close(4000, 'end')
          : socket.send(data, { binary: isBinary })
      );
    });
  }

  private get _statusChanged(): Signal<AIConnection, IConnectionStatus> {
    return this.connection.statusChanged as Signal<
      AIConnection,
      IConnectionStatus
    >;
  }

  private readonly _sockets = new WebSocketServer({
    port: 0,
    host: '127.0.0.1'
  });
}
