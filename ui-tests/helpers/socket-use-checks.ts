/**
 * Use sockets of the test peer as extensions and libraries do that have never
 * heard of the guard, and note what is seen.
 *
 * @param kind - Which of the peer's endpoints.
 * @returns what was seen, as text, by check.
 *
 * #### Notes
 * Runs in the page, so it must not use anything from outside.
 */
export async function checkSocketUses(
  kind: 'guarded' | 'native'
): Promise<Record<string, string>> {
  const base = `ws://${location.host}/peer/${kind}/`;
  const make = (protocols?: unknown) =>
    new WebSocket(`${base}socket`, protocols as string);
  const next = (socket: EventTarget, type: string) =>
    new Promise<Event>(resolve =>
      socket.addEventListener(type, resolve, { once: true })
    );
  const open = async () => {
    const socket = make();
    await next(socket, 'open');
    return socket;
  };
  const attempt = (run: () => unknown): unknown => {
    try {
      return run();
    } catch (error) {
      return [Object.prototype.toString.call(error), (error as Error).name];
    }
  };
  const echo = async (socket: WebSocket, data: unknown): Promise<unknown> => {
    const back = next(socket, 'message') as Promise<MessageEvent>;
    socket.send(data as string);
    const answer = (await back).data;
    return answer instanceof Blob ? ['blob', await answer.text()] : answer;
  };
  const frameWindow = () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    return frame.contentWindow as unknown as typeof globalThis;
  };

  const checks: Record<string, () => unknown> = {
    'descriptors of members': () => {
      const socket = make();
      const seen: unknown[] = [];
      for (const name of Object.keys(WebSocket.prototype).sort()) {
        let owner: object = socket;
        while (!Object.hasOwn(owner, name)) {
          owner = Object.getPrototypeOf(owner);
        }
        const { get, set, value, ...flags } = Object.getOwnPropertyDescriptor(
          owner,
          name
        )!;
        const functions = [get, set, value].map(each =>
          typeof each === 'function' ? [each.name, each.length] : typeof each
        );
        seen.push([name, flags, functions]);
      }
      socket.close();
      return seen;
    },
    'members on what is no socket': () => {
      const socket = make();
      let owner: object = socket;
      while (!Object.hasOwn(owner, 'readyState')) {
        owner = Object.getPrototypeOf(owner);
      }
      const seen = Object.keys(WebSocket.prototype)
        .filter(name => !/^[A-Z]+$/.test(name))
        .map(name => [
          name,
          attempt(() => {
            const member = Object.getOwnPropertyDescriptor(owner, name)!;
            return (member.get ?? member.value).call({}, 'x');
          })
        ]);
      socket.close();
      return seen;
    },
    'subprotocols as an object that is no sequence': () =>
      attempt(() => make({ [Symbol.iterator]: null })),
    'subprotocols as an object whose iterator is wrong': () =>
      attempt(() => make({ [Symbol.iterator]: 5 })),
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
        const socket = make(protocols);
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
    'what is called a blob': async () => {
      const socket = await open();
      return echo(socket, { [Symbol.toStringTag]: 'Blob', size: 3 });
    },
    'what is not called what it is': async () => {
      class Named extends Blob {
        readonly [Symbol.toStringTag] = 'Named';
      }
      const buffer = Object.setPrototypeOf(new ArrayBuffer(1), null);
      const socket = await open();
      return [
        await echo(socket, new Named(['ab'])),
        await echo(socket, buffer)
      ];
    },
    'shared memory itself': async () => {
      const socket = await open();
      const { buffer } = new WebAssembly.Memory({
        initial: 1,
        maximum: 1,
        shared: true
      });
      return attempt(() => socket.send(buffer as ArrayBuffer));
    },
    'data of a frame': async () => {
      const socket = await open();
      const other = frameWindow();
      const bytes = new other.Uint8Array([97, 98]);
      return [
        await echo(socket, bytes),
        await echo(socket, bytes.buffer),
        await echo(socket, new other.Blob(['cd'])),
        await echo(socket, new other.String('ef'))
      ];
    },
    'empty blob and empty buffer': async () => {
      const socket = await open();
      return [
        await echo(socket, new Blob([])),
        await echo(socket, new ArrayBuffer(0))
      ];
    },
    'conversion of data that fails': async () => {
      const socket = await open();
      const wrong = {
        toString: () => {
          throw new RangeError('of the page');
        }
      };
      return [attempt(() => socket.send(wrong as never)), socket.readyState];
    },
    'blob, text, then close of the page': async () => {
      const socket = await open();
      const words = `last words of ${kind} ${performance.now()}`;
      socket.send(new Blob(['first']));
      socket.send(words);
      socket.close(4010, words);
      const { code, reason, wasClean } = (await next(
        socket,
        'close'
      )) as CloseEvent;
      const seen = [code, reason === words, wasClean, socket.bufferedAmount];
      for (let tries = 0; tries < 1000; tries++) {
        const { heard } = await (await fetch('/peer/log')).json();
        const at = heard.indexOf(words);
        if (heard.includes(`closed 4010 ${words}`, at)) {
          return [...seen, at >= 0];
        }
      }
      return 'the peer has not heard it';
    },
    'buffered amount right after send and close': async () => {
      const socket = await open();
      socket.send('12345');
      const seen = [socket.bufferedAmount];
      socket.close();
      seen.push(socket.bufferedAmount);
      await next(socket, 'close');
      seen.push(socket.bufferedAmount);
      return seen;
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
          const seen = [await echo(socket, `${number}`)];
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
    },
    'members replaced on the socket': async () => {
      const socket = make();
      const seen: unknown[] = [];
      const { send } = socket;
      for (const name of [
        'addEventListener',
        'removeEventListener',
        'dispatchEvent'
      ]) {
        Object.assign(socket, { [name]: () => seen.push(name) });
      }
      socket.send = data => {
        seen.push('send');
        send.call(socket, data);
      };
      socket.onclose = () => undefined;
      socket.onclose = null;
      await new Promise(resolve => (socket.onopen = resolve));
      socket.send('text');
      await new Promise(resolve => (socket.onmessage = resolve));
      return [seen, Object.keys(socket).sort()];
    },
    'additions to the class': async () => {
      const prototype = WebSocket.prototype as unknown as {
        whereTo?(this: WebSocket): string;
      };
      prototype.whereTo = function () {
        return this.url;
      };
      const socket = make() as unknown as {
        whereTo(): string;
        close(): void;
      };
      const seen = socket.whereTo();
      delete prototype.whereTo;
      socket.close();
      return seen;
    },
    'a function that wraps the class': async () => {
      const Wrapped = function (url: string, protocols?: string) {
        return new WebSocket(url, protocols);
      } as unknown as typeof WebSocket;
      Wrapped.prototype = WebSocket.prototype;
      const socket = new Wrapped(`${base}socket`);
      await next(socket, 'open');
      return [socket instanceof Wrapped, await echo(socket, 'text')];
    },
    'what an event is': async () => {
      const socket = await open();
      const startMs = performance.now();
      let seen: unknown[] = [];
      let event!: MessageEvent;
      socket.onmessage = given => {
        event = given;
        event.preventDefault();
        seen = [
          Object.prototype.toString.call(event),
          Object.keys(event).filter(name => name !== 'isTrusted'),
          [event.bubbles, event.cancelable, event.composed],
          [event.defaultPrevented, event.returnValue, event.cancelBubble],
          [event.srcElement === socket, event.composedPath()[0] === socket],
          [event.lastEventId, Object.isFrozen(event.ports)],
          event.timeStamp >= startMs && event.timeStamp <= performance.now()
        ];
      };
      await echo(socket, 'text');
      await new Promise(resolve => setTimeout(resolve));
      return [
        seen,
        [event.currentTarget, event.eventPhase, event.composedPath().length],
        event.target === socket
      ];
    },
    'ways to listen': async () => {
      const socket = await open();
      const seen: string[] = [];
      const note = (text: string) => (event: Event) => {
        seen.push(`${text} ${event.eventPhase}`);
      };
      const stop = (event: Event) => event.stopImmediatePropagation();
      socket.addEventListener('message', note('passive'), { passive: true });
      socket.addEventListener('message', note('bubble'));
      socket.addEventListener('message', note('capture'), true);
      socket.onmessage = note('handler');
      const twice = note('twice');
      socket.addEventListener('message', twice);
      socket.addEventListener('message', twice);
      socket.addEventListener('message', null as never);
      await echo(socket, '1');
      socket.removeEventListener('message', twice);
      socket.addEventListener('message', stop, { capture: true, once: true });
      socket.send('2');
      await echo(socket, '3').catch(() => undefined);
      return seen;
    },
    'place of a handler that was taken away': async () => {
      const socket = make();
      const seen: string[] = [];
      const note = (text: string) => () => void seen.push(text);
      socket.onopen = note('handler');
      socket.addEventListener('open', note('listener'));
      socket.onopen = null;
      socket.onopen = note('late handler');
      socket.onerror = note('error');
      await next(socket, 'open');
      socket.onclose = 'text' as never;
      socket.onclose = { handleEvent: note('never called') } as never;
      socket.close();
      await next(socket, 'close');
      return seen;
    },
    'a handler with a call of its own': async () => {
      const socket = await open();
      const seen: string[] = [];
      socket.onmessage = Object.assign(() => void seen.push('handler'), {
        call: () => seen.push('call'),
        apply: () => seen.push('apply')
      });
      await echo(socket, 'text');
      return seen;
    },
    'listeners set while one runs': async () => {
      const socket = await open();
      const seen: string[] = [];
      socket.onmessage = () => {
        seen.push('first');
        socket.addEventListener('message', () => void seen.push('added'));
        socket.onmessage = () => void seen.push('second');
      };
      await echo(socket, '1');
      await echo(socket, '2');
      return seen;
    },
    'promises between error and close': async () => {
      const seen: string[] = [];
      const refused = new WebSocket(`${base}refuse/403`);
      const left = make();
      for (const socket of [left, refused]) {
        socket.onclose = () => void seen.push('close');
        const closed = next(socket, 'close');
        socket.onerror = () => {
          seen.push('error');
          void Promise.resolve().then(() => seen.push('after error'));
        };
        if (socket === left) {
          socket.close();
        }
        await closed;
      }
      return seen;
    },
    'promises between two listeners': async () => {
      const socket = await open();
      const seen: string[] = [];
      for (const name of ['one', 'two']) {
        socket.addEventListener('message', () => {
          seen.push(name);
          void Promise.resolve().then(() => seen.push(`after ${name}`));
        });
      }
      await echo(socket, 'text');
      await new Promise(resolve => setTimeout(resolve));
      return seen;
    }
  };

  const seen: Record<string, string> = {};
  for (const [name, check] of Object.entries(checks)) {
    const late = new Promise(resolve => setTimeout(resolve, 30_000, 'no end'));
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
  document.querySelectorAll('iframe').forEach(frame => frame.remove());
  return seen;
}
