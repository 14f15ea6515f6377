import type { ISocketTools } from './tools';

/** How sockets are made: addresses, subprotocols, handshakes. Runs in the page, so it must not use anything from outside. */
export function opening({
  base,
  make,
  next,
  open,
  attempt,
  attemptKind,
  story,
  answer,
  frameWindow,
  kind
}: ISocketTools): Record<string, () => unknown> {
  return {
    'no argument': () =>
      attempt(() => new (WebSocket as unknown as new () => WebSocket)()),
    'address that is none': () => attempt(() => new WebSocket('ws://a b/')),
    'address with another scheme': () =>
      attempt(() => new WebSocket('ftp://localhost/')),
    'address with a fragment': () =>
      attempt(() => new WebSocket(`${base}socket#part`)),
    'address of HTTP': async () => {
      const socket = new WebSocket(base.replace('ws:', 'http:') + 'socket');
      await next(socket, 'open');
      socket.close();
      return socket.url;
    },
    'relative address': async () => {
      const socket = new WebSocket(new URL(base).pathname + 'socket');
      await next(socket, 'open');
      socket.close();
      return socket.url;
    },
    'address with spaces around': async () => {
      const socket = new WebSocket(`  ${base}socket \n`);
      await next(socket, 'open');
      socket.close();
      return socket.url;
    },
    'address with dots': async () => {
      const socket = new WebSocket(`${base}x/../socket`);
      await next(socket, 'open');
      socket.close();
      return socket.url;
    },
    'address that cannot be converted': () =>
      attempt(() => new WebSocket(Symbol('x') as unknown as string)),
    'subprotocol twice': () => attempt(() => make('', ['a', 'a'])),
    'subprotocol twice in another case': () =>
      attempt(() => make('', ['a', 'A']).close()),
    'empty subprotocol': () => attempt(() => make('', '')),
    'subprotocol with a space': () => attempt(() => make('', 'a b')),
    'subprotocol beyond ASCII': () => attempt(() => make('', 'ä')),
    'subprotocol with a separator': () => attempt(() => make('', ['a,b'])),
    'subprotocol that cannot be converted': () =>
      attempt(() => make('', [Symbol('x') as unknown as string])),
    'one subprotocol': async () => (await open('', ['one'])).protocol,
    'chosen subprotocol': async () => (await open('', ['one', 'two'])).protocol,
    'no subprotocol in a list': async () => (await open('', [])).protocol,
    'null as subprotocol': async () => {
      const socket = make('', null as unknown as string);
      await next(socket, 'open');
      return socket.protocol;
    },
    'none of the subprotocols chosen': () => story(make('', ['one', 'none'])),
    'open, then messages, then close': () => story(make('?greet=1&leave=1')),
    'close at once by the peer': () => story(make('?leave=1')),
    'handshake refused with 403': () =>
      story(new WebSocket(`${base}refuse/403`)),
    'handshake refused with 404': () => story(new WebSocket(`${base}nothing`)),
    'handshake refused with 500': () =>
      story(new WebSocket(`${base}refuse/500`)),
    'handshake answered with 200': () =>
      story(new WebSocket(`${base}refuse/200`)),
    'handshake redirected': () => story(new WebSocket(`${base}refuse/302`)),
    'subprotocols as an object that is no sequence': () =>
      attemptKind(() => make('', { [Symbol.iterator]: null })),
    'subprotocols as an object whose iterator is wrong': () =>
      attemptKind(() => make('', { [Symbol.iterator]: 5 })),
    'subprotocols of a generator, a set, a frame': async () => {
      const seen: unknown[] = [];
      const list = (function* () {
        yield 'one';
        yield 'two';
      })();
      for (const protocols of [
        list,
        new Set(['a', 'b']),
        frameWindow().Array.of('a')
      ]) {
        const socket = make('', protocols);
        await next(socket, 'open');
        seen.push(socket.protocol);
        socket.close();
      }
      return seen;
    },
    'address in other spellings': async () => {
      const { host } = location;
      const path = `/peer/${kind}/socket`;
      const seen: unknown[] = [];
      for (const address of [
        `WS://${host}${path}`,
        `w\ns://${host}${path}`,
        `ws:${host}${path}`,
        `ws:\\\\${host}${path}`,
        `//${host}${path}`,
        `${path}?a=ä "'<>%7e|`,
        `../peer/${kind}/socket`,
        new URL(path, location.href)
      ]) {
        const socket = new WebSocket(address);
        await next(socket, 'open');
        seen.push(socket.url);
        socket.close();
      }
      return seen;
    },
    'more arguments than there are': async () => {
      const Any = WebSocket as unknown as new (
        ...given: unknown[]
      ) => WebSocket;
      const socket = new Any(`${base}socket`, undefined, { headers: {} });
      await next(socket, 'open');
      const back = next(socket, 'message') as Promise<MessageEvent>;
      (socket.send as (...given: unknown[]) => void)('text', { mask: true });
      return (await back).data;
    },
    'a new socket in close': async () => {
      const seen: unknown[] = [];
      await new Promise<void>(resolve => {
        const connect = () => {
          const socket = make();
          socket.onopen = () => socket.send(`do close ${4000 + seen.length}`);
          socket.onclose = ({ code, target }) => {
            seen.push([code, (target as WebSocket).readyState]);
            if (seen.length < 5) {
              connect();
            } else {
              resolve();
            }
          };
        };
        connect();
      });
      return seen;
    },
    'many sockets opened in one turn': async () => {
      const sockets = Array.from({ length: 100 }, () => make());
      return Promise.all(
        sockets.map(async (socket, number) => {
          await next(socket, 'open');
          const seen = [await answer(socket, `${number}`)];
          socket.close();
          await next(socket, 'close');
          return seen;
        })
      );
    },
    'opened and closed in one turn, many times': async () => {
      const sockets = Array.from({ length: 5 }, () => make());
      sockets.forEach(socket => socket.close());
      const codes = await Promise.all(
        sockets.map(socket => next(socket, 'close'))
      );
      return codes.map(event => (event as CloseEvent).code);
    }
  };
}
