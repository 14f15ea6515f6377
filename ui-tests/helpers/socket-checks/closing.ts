import type { ISocketTools } from './tools';

/** How sockets end. Runs in the page, so it must not use anything from outside. */
export function closing({
  base,
  make,
  next,
  open,
  attempt,
  story
}: ISocketTools): Record<string, () => unknown> {
  return {
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
    'undefined for a code': async () => {
      const seen: unknown[] = [];
      for (const given of [[undefined], [undefined, 'why']]) {
        const socket = await open();
        const closed = next(socket, 'close');
        socket.close(...(given as []));
        seen.push(((await closed) as CloseEvent).code);
      }
      return seen;
    }
  };
}
