import type { ISocketTools } from './tools';

/** What is heard of a socket, by whom and when. Runs in the page, so it must not use anything from outside. */
export function events({
  base,
  make,
  next,
  open,
  echo,
  answer
}: ISocketTools): Record<string, () => unknown> {
  return {
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
      await answer(socket, 'text');
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
      await answer(socket, '1');
      socket.removeEventListener('message', twice);
      socket.addEventListener('message', stop, { capture: true, once: true });
      socket.send('2');
      await answer(socket, '3').catch(() => undefined);
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
      await answer(socket, 'text');
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
      await answer(socket, '1');
      await answer(socket, '2');
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
      await answer(socket, 'text');
      await new Promise(resolve => setTimeout(resolve));
      return seen;
    }
  };
}
