/**
 * Use sockets of the test peer in every way and note what is seen.
 *
 * @param kind - Which of the peer's endpoints.
 * @returns what was seen, as text, by check.
 *
 * #### Notes
 * Runs in the page, so it must not use anything from outside.
 */
export async function checkSockets(
  kind: 'guarded' | 'native'
): Promise<Record<string, string>> {
  const base = `ws://${location.host}/peer/${kind}/`;
  type Data = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;
  const make = (query = '', protocols?: string | string[]) =>
    new WebSocket(`${base}socket${query}`, protocols);
  const next = (socket: WebSocket, type: string) =>
    new Promise<never>(resolve =>
      socket.addEventListener(type, resolve as never, { once: true })
    ) as Promise<Event>;
  const open = async (query?: string, protocols?: string[]) => {
    const socket = make(query, protocols);
    await next(socket, 'open');
    return socket;
  };
  const attempt = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      const { name, message, code } = error as DOMException;
      const kindOf = Object.prototype.toString.call(error);
      return [kindOf, name, code, message];
    }
  };
  const describe = async (event: Event): Promise<unknown[]> => {
    const socket = event.target as WebSocket;
    const all = [event.type, event.constructor.name, socket.readyState];
    if (event instanceof CloseEvent) {
      return [...all, event.code, event.reason, event.wasClean];
    }
    if (event instanceof MessageEvent) {
      const data =
        event.data instanceof Blob
          ? `blob ${event.data.size} ${event.data.type} ${await event.data.text()}`
          : event.data instanceof ArrayBuffer
            ? `buffer ${new Uint8Array(event.data)}`
            : event.data;
      const { lastEventId, origin, ports, source } = event;
      return [...all, data, lastEventId, origin, ports.length, source];
    }
    return [...all, event.bubbles, event.cancelable];
  };
  /** All events until the close, whose states are those at their time. */
  const story = async (socket: WebSocket): Promise<unknown[]> => {
    const events: Promise<unknown[]>[] = [];
    for (const type of ['open', 'message', 'error']) {
      socket.addEventListener(type, event => events.push(describe(event)));
    }
    const close = await next(socket, 'close');
    events.push(describe(close));
    await new Promise(resolve => setTimeout(resolve, 50));
    return Promise.all(events);
  };
  const echo = async (socket: WebSocket, data: Data): Promise<unknown> => {
    const back = next(socket, 'message');
    socket.send(data as string);
    return describe(await back);
  };

  const checks: Record<string, () => unknown> = {
    'class and instance': () => {
      const socket = make();
      const seen = [
        Object.prototype.toString.call(socket),
        socket instanceof WebSocket,
        socket instanceof EventTarget,
        socket.constructor === WebSocket,
        Object.prototype.isPrototypeOf.call(WebSocket.prototype, socket),
        Object.keys(socket),
        Object.getOwnPropertyNames(socket),
        JSON.stringify(socket),
        typeof socket.send,
        [socket.send.length, socket.close.length, WebSocket.length],
        [socket.send.name, socket.close.name, WebSocket.name],
        [WebSocket.CONNECTING, WebSocket.OPEN, WebSocket.CLOSING],
        [socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED]
      ];
      socket.close();
      return seen;
    },
    'members by for-in': () => {
      const socket = make();
      const names: string[] = [];
      for (const name in socket) {
        names.push(name);
      }
      socket.close();
      return names.sort();
    },
    'state before open': () => {
      const socket = make('?x=ä b');
      const { url, readyState, bufferedAmount, protocol, extensions } = socket;
      const { binaryType, onopen, onmessage, onerror, onclose } = socket;
      socket.close();
      return [
        [url, readyState, bufferedAmount, protocol, extensions, binaryType],
        [onopen, onmessage, onerror, onclose]
      ];
    },
    'read-only members': () => {
      const socket = make() as unknown as Record<string, unknown>;
      const seen = ['url', 'readyState', 'protocol', 'bufferedAmount'].map(
        name =>
          attempt(() => {
            'use strict';
            socket[name] = 'changed';
            return socket[name] === 'changed';
          })
      );
      (socket as unknown as WebSocket).close();
      return seen;
    },
    'constructor without new': () =>
      attempt(() => (WebSocket as unknown as () => void)()),
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
    text: async () => echo(await open(), 'text'),
    'empty text': async () => echo(await open(), ''),
    'text beyond ASCII': async () =>
      echo(await open(), 'ä日本語🙂\u0000\u001e'),
    'lone surrogates': async () => echo(await open(), 'a\ud800b\udc00'),
    'long text': async () => {
      const socket = await open();
      const back = next(socket, 'message');
      const text = 'ä'.repeat(70_000);
      socket.send(text);
      return ((await back) as MessageEvent).data === text;
    },
    'what is no text': async () => {
      const socket = await open();
      const seen: unknown[] = [];
      for (const data of [null, undefined, 5, { a: 1 }, [1, 2], true]) {
        seen.push(await echo(socket, data as never));
      }
      return seen;
    },
    'bytes as blob': async () => echo(await open(), new Uint8Array([1, 2])),
    'bytes as buffer': async () => {
      const socket = await open();
      socket.binaryType = 'arraybuffer';
      return [
        await echo(socket, new Uint8Array([1, 2, 3]).buffer),
        await echo(socket, new Uint8Array([1, 2, 3]).subarray(1, 2)),
        await echo(socket, new Float64Array([1.5])),
        await echo(socket, new DataView(new ArrayBuffer(4), 2)),
        await echo(socket, new Uint16Array(0)),
        await echo(socket, new Blob(['ab', 'c'])),
        await echo(socket, new File(['file'], 'name'))
      ];
    },
    'bytes changed after they were sent': async () => {
      const socket = await open();
      socket.binaryType = 'arraybuffer';
      const bytes = new Uint8Array([1, 2, 3]);
      const back = next(socket, 'message');
      socket.send(bytes);
      bytes.fill(9);
      return describe(await back);
    },
    'order of blobs and texts': async () => {
      const socket = await open();
      const seen: unknown[] = [];
      const all = new Promise<void>(resolve => {
        socket.onmessage = ({ data }) => {
          seen.push(typeof data === 'string' ? data : 'blob');
          if (seen.length === 4) {
            resolve();
          }
        };
      });
      socket.send('one');
      socket.send(new Blob(['two']));
      socket.send('three');
      socket.send(new Uint8Array(1));
      await all;
      return seen;
    },
    'blob, then close': async () => {
      const socket = await open();
      const told = story(socket);
      socket.send(new Blob(['do close 4007']));
      socket.send('do close 4008');
      await new Promise(resolve => setTimeout(resolve, 100));
      return (await told).length > 1;
    },
    'shared memory': async () => {
      const socket = await open();
      return attempt(() => {
        // A page that is not isolated has no constructor for it.
        const { buffer } = new WebAssembly.Memory({
          initial: 1,
          maximum: 1,
          shared: true
        });
        socket.send(new Uint8Array(buffer as ArrayBuffer, 0, 1));
      });
    },
    'memory that was transferred': async () => {
      const socket = await open();
      socket.binaryType = 'arraybuffer';
      const seen: unknown[] = [];
      for (const viewOf of [
        (buffer: ArrayBuffer) => new Uint8Array(buffer, 1),
        (buffer: ArrayBuffer) => new DataView(buffer, 1)
      ]) {
        const buffer = new ArrayBuffer(4);
        const data = viewOf(buffer);
        structuredClone(buffer, { transfer: [buffer] });
        seen.push(await echo(socket, buffer), await echo(socket, data));
      }
      return [seen, socket.bufferedAmount];
    },
    'memory that may be resized': async () => {
      const socket = await open();
      const buffer = new (
        ArrayBuffer as unknown as {
          new (length: number, options: object): ArrayBuffer;
        }
      )(4, { maxByteLength: 8 });
      return [buffer, new Uint8Array(buffer)].map(data =>
        attempt(() => socket.send(data))
      );
    },
    'kinds of binary type': async () => {
      const socket = make();
      const seen: unknown[] = [];
      for (const type of ['arraybuffer', 'blob', 'text', '', null, 'BLOB']) {
        socket.binaryType = type as BinaryType;
        seen.push(socket.binaryType);
      }
      socket.close();
      return seen;
    },
    'binary type changed on the way': async () => {
      const socket = await open();
      const back = next(socket, 'message');
      socket.send(new Uint8Array([1]));
      socket.binaryType = 'arraybuffer';
      return describe(await back);
    },
    '10 MiB from the peer': async () => {
      const socket = await open();
      const back = next(socket, 'message');
      socket.send(`do send ${10 * 1024 * 1024}`);
      return ((await back) as MessageEvent<Blob>).data.size;
    },
    '4 MiB of bytes there and back, changed once they are sent': async () => {
      const socket = await open();
      socket.binaryType = 'arraybuffer';
      const same: boolean[] = [];
      for (let round = 0; round < 3; round++) {
        const sent = new Uint32Array(1024 * 1024).map(
          (_, index) => (index + round) * 2_654_435_761
        );
        const kept = sent.slice();
        const back = next(socket, 'message');
        socket.send(sent);
        sent.fill(0);
        const { data } = (await back) as MessageEvent<ArrayBuffer>;
        const got = new Uint32Array(data);
        same.push(
          got.length === kept.length &&
            got.every((value, index) => value === kept[index])
        );
      }
      return same;
    },
    'send without an argument': async () => {
      const socket = await open();
      return attempt(() => (socket.send as () => void)());
    },
    'send of what cannot be converted': async () => {
      const socket = await open();
      return attempt(() => socket.send(Symbol('x') as unknown as string));
    },
    'send before open': () => {
      const socket = make();
      const seen = [
        attempt(() => socket.send('x')),
        attempt(() => (socket.send as () => void)())
      ];
      socket.close();
      return seen;
    },
    'send after close': async () => {
      const socket = await open();
      const told = story(socket);
      socket.close();
      const seen = [socket.readyState, attempt(() => socket.send('ä'))];
      seen.push(socket.bufferedAmount);
      await told;
      socket.send(new Uint8Array(10));
      socket.send(new Blob(['abc']));
      return [...seen, socket.bufferedAmount, socket.readyState];
    },
    'buffered amount': async () => {
      const socket = await open();
      const seen = [socket.bufferedAmount];
      for (const data of ['ä', new Uint8Array(5), new Blob(['abc']), '']) {
        socket.send(data);
        seen.push(socket.bufferedAmount);
      }
      const back = next(socket, 'message');
      await back;
      await new Promise(resolve => setTimeout(resolve, 100));
      return [...seen, socket.bufferedAmount];
    },
    'close of the page': async () => {
      const seen: unknown[] = [];
      for (const given of [
        [],
        [1000],
        [3000],
        [4999, 'why'],
        [1000, ''],
        [3333.5],
        ['4000']
      ] as [number][]) {
        const socket = await open();
        const told = story(socket);
        socket.close(...given);
        seen.push([socket.readyState, await told]);
      }
      return seen;
    },
    'bad codes and reasons': async () => {
      const socket = await open();
      const given: unknown[][] = [
        [0],
        [999],
        [1001],
        [1005],
        [1006],
        [2999],
        [5000],
        [-1],
        [65536 + 1000],
        [NaN],
        [null],
        ['x'],
        [{}],
        [1000, 'x'.repeat(124)],
        [1000, 'ä'.repeat(62)],
        [999, 'x'.repeat(124)],
        [Symbol('x')],
        [1000n]
      ];
      return given.map(each =>
        attempt(() => socket.close(...(each as [number])))
      );
    },
    'bad arguments before open and after close': async () => {
      const socket = make();
      const seen = [attempt(() => socket.close(999))];
      socket.close();
      seen.push(attempt(() => socket.close(999)));
      await next(socket, 'close');
      seen.push(
        attempt(() => socket.close(999)),
        socket.readyState
      );
      return seen;
    },
    'reason with lone surrogates': async () => {
      const socket = await open();
      const told = story(socket);
      socket.close(4000, 'a\ud800');
      return told;
    },
    'close before open': async () => {
      const socket = make();
      const told = story(socket);
      socket.close(4000, 'early');
      return [socket.readyState, await told];
    },
    'close twice': async () => {
      const socket = await open();
      const told = story(socket);
      socket.close(4000);
      socket.close(4001);
      const seen = await told;
      socket.close(4002);
      return [seen, socket.readyState];
    },
    'close in open': async () => {
      const socket = make();
      const told = story(socket);
      socket.onopen = () => socket.close(4004);
      return told;
    },
    'close in a message, with more on the way': async () => {
      const socket = await open();
      const told = story(socket);
      socket.onmessage = () => socket.close(4005);
      socket.send('do burst 5');
      return told;
    },
    'close in error and in close': async () => {
      const socket = new WebSocket(`${base}refuse/403`);
      const told = story(socket);
      socket.onerror = () => socket.close();
      socket.onclose = () => socket.close();
      return told;
    },
    'close of the peer': async () => {
      const seen: unknown[] = [];
      for (const given of ['', ' 1000', ' 1001', ' 1011 why', ' 4321 why']) {
        const socket = await open();
        const told = story(socket);
        socket.send(`do close${given}`);
        seen.push(await told);
      }
      return seen;
    },
    'messages before the close of the peer': async () => {
      const socket = await open();
      const told = story(socket);
      socket.send('do burst_and_close 20');
      return told;
    },
    'cut by the peer': async () => {
      const socket = await open();
      const told = story(socket);
      socket.send('do abort');
      return told;
    },
    'text of the peer that is none': async () => {
      const socket = await open();
      const told = story(socket);
      socket.send('do fail');
      return told;
    },
    'promises between messages': async () => {
      const socket = await open();
      const seen: unknown[] = [];
      const all = new Promise<void>(resolve => {
        socket.onmessage = async ({ data }) => {
          seen.push(data);
          for (let turn = 0; turn < 10; turn++) {
            await null;
          }
          seen.push(`after ${data}`);
          if (data === '4') {
            resolve();
          }
        };
      });
      socket.send('do burst 5');
      await all;
      return seen;
    },
    'listeners and handlers in their order': async () => {
      const socket = make();
      const seen: string[] = [];
      const note = (text: string) => () => void seen.push(text);
      socket.addEventListener('open', note('first'));
      socket.onopen = note('handler');
      socket.addEventListener('open', note('second'));
      socket.onopen = note('other handler');
      socket.addEventListener('close', note('close'));
      socket.onclose = note('close handler');
      socket.onclose = null;
      socket.onclose = note('late close handler');
      await next(socket, 'open');
      socket.close();
      await next(socket, 'close');
      return seen;
    },
    'values of handlers': () => {
      const socket = make();
      const seen: unknown[] = [];
      for (const value of [() => 1, {}, 5, 'x', null, undefined]) {
        socket.onmessage = value as never;
        seen.push(`${socket.onmessage}`);
      }
      socket.close();
      return seen;
    },
    'this and return value of a handler': async () => {
      const socket = await open();
      const seen: unknown[] = [];
      socket.onmessage = function (event) {
        seen.push(this === socket, event.target === socket);
        seen.push(event.currentTarget === socket, event.eventPhase);
        seen.push(event.composedPath().length);
        return false;
      };
      await echo(socket, 'text');
      return seen;
    },
    'listener objects, once and abort signals': async () => {
      const socket = await open();
      const seen: string[] = [];
      const abort = new AbortController();
      socket.addEventListener('message', {
        handleEvent: () => void seen.push('object')
      });
      const once = { once: true };
      socket.addEventListener('message', () => void seen.push('once'), once);
      const { signal } = abort;
      const cut = () => void seen.push('signal');
      socket.addEventListener('message', cut, { signal });
      await echo(socket, '1');
      abort.abort();
      await echo(socket, '2');
      return seen;
    },
    'a handler that throws': async () => {
      const socket = await open();
      const seen: unknown[] = [];
      const report = (event: ErrorEvent) => {
        seen.push(event.error.message);
        event.preventDefault();
      };
      window.addEventListener('error', report);
      socket.onmessage = () => {
        throw new Error('of the handler');
      };
      seen.push((await echo(socket, 'text')) !== null);
      seen.push((await echo(socket, 'text')) !== null);
      await new Promise(resolve => setTimeout(resolve, 20));
      window.removeEventListener('error', report);
      return seen;
    },
    'events of others': async () => {
      const socket = await open();
      let heard = 0;
      socket.onmessage = () => heard++;
      socket.dispatchEvent(new MessageEvent('message', { data: 'own' }));
      return [heard, socket.readyState];
    },
    'a subclass': async () => {
      class Mine extends WebSocket {
        readonly mine = true;
      }
      const socket = new Mine(`${base}socket`);
      await next(socket, 'open');
      socket.close();
      return [socket instanceof Mine, socket.mine, socket.constructor === Mine];
    },
    'trusted events': async () => {
      const socket = make('?greet=1');
      const opened = await next(socket, 'open');
      return [opened.isTrusted, (await next(socket, 'message')).isTrusted];
    },
    'prototype itself': () => {
      const socket = make();
      socket.close();
      return Object.getPrototypeOf(socket) === WebSocket.prototype;
    },
    'method of the class': async () => {
      const socket = await open();
      const { send } = WebSocket.prototype;
      const seen = attempt(() => send.call(socket, 'text')) ?? [];
      return (seen as unknown[]).slice(0, 2);
    },
    'undefined for a code': async () => {
      const seen: unknown[] = [];
      for (const given of [[undefined], [undefined, 'why']]) {
        const socket = await open();
        const closed = next(socket, 'close');
        socket.close(...(given as []));
        seen.push(((await closed) as CloseEvent).code);
      }
      return seen;
    },
    'structured clone': () => {
      const socket = make();
      const seen = attempt(() => structuredClone(socket));
      socket.close();
      return (seen as unknown[]).slice(0, 3);
    }
  };

  const seen: Record<string, string> = {};
  for (const [name, check] of Object.entries(checks)) {
    const late = new Promise(resolve => setTimeout(resolve, 15_000, 'no end'));
    const result = await Promise.race([
      Promise.resolve()
        .then(check)
        .catch(error => `threw ${error}`),
      late
    ]);
    seen[name] = JSON.stringify(result, (_, value) =>
      value === undefined ? 'undefined' : value
    ).replaceAll(`/peer/${kind}/`, '/peer/');
  }
  return seen;
}
