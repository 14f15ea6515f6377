/**
 * Guarded sockets over a real connection to the acceptor.
 */
import { blob } from './support/blobs'; // first
import type { AIConnection } from '../../connection';
import type { AcceptorServer } from '../../connection/__tests__/support/acceptor-server';
import { until } from '../../connection/__tests__/support/wait';
import type { ServerChannel } from '../../core/server-end';
import type { Guard } from '../guard';
import { GuardedSocket } from '../guarded-socket';
import { next, nextTask, story } from './support/events';
import {
  PATH,
  echo,
  makeSocket,
  startGuardedPage
} from './support/guarded-page';

const NATIVE = window.WebSocket;

describe('GuardedSocket on the session', () => {
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
  function open(protocols: string[] = []): WebSocket {
    connection.start();
    guard.attach(connection);
    return make(protocols);
  }

  function make(protocols: string[] = [], path = PATH): WebSocket {
    return makeSocket(guard, protocols, path);
  }

  it('asks for the raw path with its query and for the subprotocols', async () => {
    const socket = open(['a', 'b']);
    await next(socket, 'open');
    expect(server.channels[0].parameters).toEqual({
      path: '/base/ai/chat?token=x',
      protocols: ['a', 'b']
    });
    expect(socket.protocol).toBe('b');
  });

  it('carries text and bytes both ways, each in a task of its own', async () => {
    const socket = open();
    socket.binaryType = 'arraybuffer';
    await next(socket, 'open');
    const received: unknown[] = [];
    const all = new Promise<void>(resolve => {
      socket.onmessage = async ({ data }) => {
        received.push(typeof data === 'string' ? data : new Uint8Array(data));
        await Promise.resolve();
        await Promise.resolve();
        received.push('after');
        if (received.length === 8) {
          resolve();
        }
      };
    });
    socket.send('text');
    socket.send(new Uint8Array([1, 2, 3]).subarray(1));
    socket.send(new Uint8Array([4]).buffer);
    socket.send('日本 \ud800');
    await all;
    expect(received).toEqual([
      'text',
      'after',
      new Uint8Array([2, 3]),
      'after',
      new Uint8Array([4]),
      'after',
      '日本 \ufffd',
      'after'
    ]);
  });

  it.each(['arraybuffer', 'blob'] as const)(
    'carries bytes of one unit and of many as %s, without their neighbours',
    async binaryType => {
      const socket = open();
      socket.binaryType = binaryType;
      await next(socket, 'open');
      for (const size of [3, 100_000]) {
        const bytes = new Uint8Array(size).map((_, index) => index % 251);
        socket.send(bytes);
        const { data } = (await next(socket, 'message')) as MessageEvent;
        if (binaryType === 'blob') {
          // jsdom's own cannot be read.
          expect(data).toHaveProperty('size', size);
        } else {
          expect(new Uint8Array(data)).toEqual(bytes);
        }
      }
    }
  );

  it('is a WebSocket', async () => {
    const socket = open();
    expect(socket).toBeInstanceOf(NATIVE);
    expect(socket).toBeInstanceOf(EventTarget);
    expect(`${socket}`).toBe('[object WebSocket]');
    expect(socket.constructor).toBe(NATIVE);
    expect([socket.OPEN, socket.readyState]).toEqual([1, 0]);
    expect(() => socket.send('early')).toThrow(
      expect.objectContaining({ name: 'InvalidStateError' })
    );
    await next(socket, 'open');
    expect(socket.readyState).toBe(1);
  });

  it('fires a message with the origin of the server', async () => {
    const socket = open();
    await next(socket, 'open');
    socket.send('text');
    const event = (await next(socket, 'message')) as MessageEvent;
    expect(event).toBeInstanceOf(MessageEvent);
    expect(event.origin).toBe('ws://127.0.0.1:8888');
    expect(event.target).toBe(socket);
  });

  it('delivers what came before a close, then fires close alone', async () => {
    server.services.guard = channel => {
      channel.accept({ protocol: '' });
      channel.send('one');
      channel.send('two');
      channel.close(4321, 'enough');
    };
    const { events, over } = story(open());
    await over;
    expect(events).toEqual(['open', 'one', 'two', [4321, 'enough', true]]);
  });

  it('delivers it too when something is sent after the peer has closed', async () => {
    server.services.guard = channel => {
      channel.accept({ protocol: '' });
      channel.send('one');
      channel.send('two');
      channel.send('three');
      channel.close(4321, 'enough');
    };
    const socket = open();
    socket.onmessage = () => socket.send('seen');
    const { events, over } = story(socket);
    await over;
    expect(events).toEqual([
      'open',
      'one',
      'two',
      'three',
      [4321, 'enough', true]
    ]);
    expect(socket.bufferedAmount).toBeGreaterThan(0);
  });

  it.each([
    ['without a code', 1005, [1005, '', true]],
    ['by a cut', 1006, [1006, '', false]],
    ['with a code', 1011, [1011, 'why', true]]
  ])('tells truly that the peer ended %s', async (_, code, told) => {
    server.services.guard = channel => {
      channel.accept({ protocol: '' });
      channel.close(code, 'why');
    };
    const { events, over } = story(open());
    await over;
    expect(events).toEqual(['open', told]);
  });

  it('closes with the code given, 1005 without one', async () => {
    const codes: number[] = [];
    server.services.guard = channel => {
      channel.accept({ protocol: '' });
      channel.listener = {
        readable: () => channel.final && codes.push(channel.final.code)
      };
    };
    const first = open();
    await next(first, 'open');
    const { events, over } = story(first);
    first.close();
    expect(first.readyState).toBe(2);
    await over;
    const second = make();
    await next(second, 'open');
    const told = story(second);
    second.close(3001, 'bye');
    await told.over;
    expect(codes).toEqual([1005, 3001]);
    expect(events).toEqual([[1005, '', true]]);
    expect(told.events).toEqual([[3001, '', true]]);
  });

  it('calls nothing that the page has put over its members', async () => {
    const socket = open();
    const called = jest.fn();
    Object.assign(socket, {
      dispatchEvent: called,
      addEventListener: called,
      removeEventListener: called
    });
    await new Promise(resolve => (socket.onopen = resolve));
    socket.onopen = null;
    expect(called).not.toHaveBeenCalled();
  });

  it('makes its events itself, whatever the page has put in their place', async () => {
    server.services.guard = echo;
    const socket = open();
    const replaced = ['Event', 'MessageEvent', 'CloseEvent'] as const;
    const spies = replaced.map(name =>
      jest.spyOn(window, name).mockImplementation(() => {
        throw new Error('of the page');
      })
    );
    const { events, over } = story(socket);
    await next(socket, 'open');
    socket.send('one');
    await next(socket, 'message');
    socket.close(4000);
    await over;
    spies.forEach(spy => spy.mockRestore());
    expect(events).toEqual(['open', 'one', [4000, '', true]]);
  });

  it("tells the peer's reason when it closes while a blob is read", async () => {
    let peer!: ServerChannel;
    server.services.guard = channel => {
      peer = channel;
      channel.accept({ protocol: '' });
    };
    const socket = open();
    await next(socket, 'open');
    const { events, over } = story(socket);
    let give!: (bytes: ArrayBuffer) => void;
    socket.send(blob(() => new Promise(resolve => (give = resolve))));
    socket.close(4000, 'mine');
    peer.close(4321, 'why');
    await server.until(() => connection.channels.length === 0);
    give(new ArrayBuffer(2));
    await over;
    expect(events).toEqual([[4321, 'why', true]]);
  });

  it('delivers nothing after its own close', async () => {
    const socket = open();
    await next(socket, 'open');
    const { events, over } = story(socket);
    socket.send('text');
    socket.close();
    await over;
    expect(events).toEqual([[1005, '', true]]);
  });

  it('fails when it is closed before it is open', async () => {
    server.services.guard = () => undefined;
    const socket = open();
    const { events, over } = story(socket);
    await server.until(() => server.channels.length === 1);
    socket.close();
    expect(socket.readyState).toBe(2);
    await over;
    expect(events).toEqual(['error', [1006, '', false]]);
  });

  it('fails as a native socket when the peer refuses the handshake', async () => {
    server.services.guard = channel => channel.refuse(4001, 'HTTP 404');
    const { events, over } = story(open());
    await over;
    expect(events).toEqual(['error', [1006, '', false]]);
  });

  it('fails when a subprotocol is chosen that was not offered', async () => {
    server.services.guard = channel => channel.accept({ protocol: 'c' });
    const { events, over } = story(open(['a']));
    await over;
    expect(events).toEqual(['error', [1006, '', false]]);
  });

  it('fails when none of the subprotocols offered is chosen', async () => {
    server.services.guard = channel => channel.accept({ protocol: '' });
    const { events, over } = story(open(['a']));
    await over;
    expect(events).toEqual(['error', [1006, '', false]]);
  });

  it.each([
    ['failed', ['open', 'one', 'error', [1006, '', false]]],
    ['', ['open', 'one', [1006, '', false]]],
    ['403 no\nentry', ['open', 'one', [403, 'no\nentry', true]]],
    ['5000 ', ['open', 'one', [5000, '', true]]]
  ])(
    'ends behind what was sent when the other end breaks off, "%s"',
    async (reason, expected) => {
      server.services.guard = channel => {
        channel.accept({ protocol: '' });
        channel.send('one');
        channel.close(1006, reason);
      };
      const { events, over } = story(open());
      await over;
      expect(events).toEqual(expected);
    }
  );

  it('tells once that it has failed, also when it is closed meanwhile', async () => {
    server.services.guard = channel => channel.refuse(4001, 'HTTP 404');
    const socket = open();
    socket.onerror = () => socket.close();
    const { events, over } = story(socket);
    await over;
    await nextTask();
    expect(events).toEqual(['error', [1006, '', false]]);
  });

  it.each([
    [
      'is closed before it is open',
      () => undefined,
      (s: WebSocket) => s.close()
    ],
    [
      'is refused',
      (channel: ServerChannel) => channel.refuse(4001, 'HTTP 404'),
      () => undefined
    ],
    [
      'sends too much',
      echo,
      (s: WebSocket) => (s.onopen = () => s.send('x'.repeat(17 * 1024 * 1024)))
    ]
  ])(
    'resolves promises between error and close when it %s',
    async (_, serve, use) => {
      server.services.guard = serve;
      const socket = open();
      const { events, over } = story(socket);
      use(socket);
      await next(socket, 'error');
      events.push('after error');
      await over;
      expect(events.filter(each => each !== 'open')).toEqual([
        'error',
        'after error',
        [1006, '', false]
      ]);
    }
  );

  it('has closed before what its error has brought about', async () => {
    server.services.guard = channel => {
      // The other gets no answer.
      server.services.guard = () => undefined;
      channel.refuse(4001, 'HTTP 404');
    };
    const seen: string[] = [];
    const refused = open();
    const left = open();
    for (const [socket, name] of [
      [refused, 'refused'],
      [left, 'left']
    ] as const) {
      socket.addEventListener('close', () => seen.push(`close ${name}`));
    }
    refused.onerror = () => left.close();
    await Promise.all([refused, left].map(socket => next(socket, 'close')));
    expect(seen).toEqual(['close refused', 'close left']);
  });

  it("tells the peer's code when it closes after the peer did", async () => {
    server.services.guard = channel => {
      channel.accept({ protocol: '' });
      channel.send('unheard');
      channel.close(4321, 'enough');
    };
    const socket = open();
    socket.onopen = () => socket.close(3001, 'mine');
    const { events, over } = story(socket);
    await over;
    expect(events).toEqual(['open', [4321, 'enough', true]]);
  });

  it('reads a blob, and what is sent after it waits for it', async () => {
    const socket = open();
    socket.binaryType = 'arraybuffer';
    await next(socket, 'open');
    const { events } = story(socket);
    socket.send(blob(async () => new Uint8Array([1, 2]).buffer));
    socket.send('after');
    expect(socket.bufferedAmount).toBe(7);
    await next(socket, 'message');
    await next(socket, 'message');
    expect(events).toEqual([new Uint8Array([1, 2]).buffer, 'after']);
    expect(socket.bufferedAmount).toBe(0);
  });

  it("reads a blob by the browser's members, not by what the page has put on it", async () => {
    const socket = open();
    socket.binaryType = 'arraybuffer';
    await next(socket, 'open');
    const { events } = story(socket);
    const own = blob(async () => new Uint8Array([1, 2]).buffer);
    Object.defineProperty(own, 'size', { value: NaN });
    socket.send(Object.assign(own, { arrayBuffer: () => Promise.reject() }));
    expect(socket.bufferedAmount).toBe(2);
    await next(socket, 'message');
    expect(events).toEqual([new Uint8Array([1, 2]).buffer]);
  });

  it('ends with error and close when a blob cannot be read, whatever follows', async () => {
    const unhandled = jest.fn();
    process.on('unhandledRejection', unhandled);
    const socket = open();
    await next(socket, 'open');
    const { events, over } = story(socket);
    socket.send(blob(() => Promise.reject(new Error('gone'))));
    socket.send('after');
    socket.close(3001);
    await over;
    await nextTask();
    process.off('unhandledRejection', unhandled);
    expect(events).toEqual(['error', [1006, '', false]]);
    expect(unhandled).not.toHaveBeenCalled();
    expect(socket.bufferedAmount).toBeGreaterThan(0);
  });

  it('keeps no more than 8 MiB behind a blob, and reads none of more than 16 MiB', async () => {
    const never = () => new Promise<ArrayBuffer>(() => undefined);
    const read = jest.fn(never);
    const large = blob(read, 17 * 1024 * 1024);
    const megabyte = new Uint8Array(1024 * 1024);
    for (const data of [
      [large],
      [blob(never), ...Array.from({ length: 9 }, () => megabyte)]
    ]) {
      const socket = open();
      await next(socket, 'open');
      const { events, over } = story(socket);
      data.forEach(each => socket.send(each));
      await over;
      expect(events).toEqual(['error', [1006, '', false]]);
    }
    expect(read).not.toHaveBeenCalled();
  });

  it('notices nothing of a cut, and what is sent meanwhile arrives once', async () => {
    const socket = open();
    await next(socket, 'open');
    const { events } = story(socket);
    server.up = false;
    server.cut();
    await until(connection, 'reconnecting');
    socket.send('meanwhile');
    expect(socket.readyState).toBe(1);
    expect(socket.bufferedAmount).toBe(9);
    server.up = true;
    await next(socket, 'message');
    expect(socket.bufferedAmount).toBe(0);
    socket.send('later');
    await next(socket, 'message');
    expect(events).toEqual(['meanwhile', 'later']);
  });

  it('ends with one 1006 when the server has forgotten the session, and a new one opens', async () => {
    const socket = open();
    await next(socket, 'open');
    const { events, over } = story(socket);
    server.restart();
    await over;
    expect(events).toEqual([[1006, '', false]]);
    await next(make(), 'open');
  });

  it('ends with 1006 when more is sent during a cut than is kept', async () => {
    const socket = open();
    await next(socket, 'open');
    const { events, over } = story(socket);
    server.up = false;
    server.cut();
    await until(connection, 'reconnecting');
    const megabyte = 'x'.repeat(1024 * 1024);
    for (let sent = 0; sent < 9; sent++) {
      socket.send(megabyte);
    }
    await over;
    expect(events).toEqual(['error', [1006, '', false]]);
    expect(socket.bufferedAmount).toBe(9 * 1024 * 1024);
    expect(socket.readyState).toBe(3);
  });

  it('ends with 1006 rather than leave out a message of more than 16 MiB', async () => {
    const socket = open();
    await next(socket, 'open');
    const { events, over } = story(socket);
    socket.send('x'.repeat(17 * 1024 * 1024));
    await over;
    expect(events).toEqual(['error', [1006, '', false]]);
  });
});
