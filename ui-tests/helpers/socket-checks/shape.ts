import type { ISocketTools } from './tools';

/** What a socket and its class are. Runs in the page, so it must not use anything from outside. */
export function shape({
  base,
  make,
  next,
  open,
  attempt,
  attemptKind,
  answer
}: ISocketTools): Record<string, () => unknown> {
  return {
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
    'structured clone': () => {
      const socket = make();
      const seen = attempt(() => structuredClone(socket));
      socket.close();
      return (seen as unknown[]).slice(0, 3);
    },
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
          attemptKind(() => {
            const member = Object.getOwnPropertyDescriptor(owner, name)!;
            return (member.get ?? member.value).call({}, 'x');
          })
        ]);
      socket.close();
      return seen;
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
      return [socket instanceof Wrapped, await answer(socket, 'text')];
    }
  };
}
