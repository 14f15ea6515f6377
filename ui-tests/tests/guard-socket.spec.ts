import { expect, test } from '@playwright/test';

import { GUARDED, exchange, followSockets } from '../helpers/peer';
import { checkSockets } from '../helpers/socket-checks';
import { openLab } from '../helpers/test';

/** What differs, as `docs/reference/guarded-socket.md` lists it; on a guarded socket it is this. */
const DIFFERENT: Record<string, string> = {
  'trusted events': '[false,false]',
  'prototype itself': 'false',
  'method of the class': '["[object Error]","TypeError"]',
  'undefined for a code': '[1005,1005]',
  'promises between two listeners': '["one","two","after one","after two"]'
};

test('guarded sockets are native ones, but for what is documented', async ({
  page,
  request
}) => {
  const sockets = followSockets(page);
  await openLab(page);

  await test.step('many share one real one, and a round trip costs little more', async () => {
    await Promise.all([1, 2, 3, 4].map(() => exchange(page)));
    expect(sockets.filter(path => /peer|jupyter-ai-ws/.test(path))).toEqual([
      '/jupyter-ai-ws/ws'
    ]);
    const addedMs = await page.evaluate(async () => {
      const open = async (kind: string) => {
        const address = `ws://${location.host}/peer/${kind}/socket`;
        const socket = new WebSocket(address);
        await new Promise(resolve => (socket.onopen = resolve));
        return socket;
      };
      const native = await open('native');
      const guarded = await open('guarded');
      const tripMs = async (socket: WebSocket) => {
        const start = performance.now();
        const back = new Promise(resolve => (socket.onmessage = resolve));
        socket.send('x'.repeat(100));
        await back;
        return performance.now() - start;
      };
      const added: number[] = [];
      for (let trip = 0; trip < 300; trip++) {
        added.push(-(await tripMs(native)) + (await tripMs(guarded)));
      }
      return added.sort((one, other) => one - other)[150];
    });
    console.log(`added round trip: ${addedMs.toFixed(2)} ms (median of 300)`);
    expect(addedMs).toBeLessThan(1.5);
  });

  /** Look at one kind; what was seen, and the addresses of the real sockets. */
  const look = async (kind: 'guarded' | 'native') => {
    sockets.length = 0;
    const seen = await checkSockets(page, kind);
    return [seen, sockets.filter(path => !path.endsWith('/ws'))] as const;
  };
  const [native, direct] = await look('native');
  expect(direct.length).toBeGreaterThan(200);
  const [guarded, left] = await look('guarded');
  // Left to the browser: what it refuses, a subclass, and what the endpoint refuses.
  const [refused, others] = [true, false].map(wanted =>
    left.filter(path => path.includes('/refuse/') === wanted)
  );
  expect(others).toEqual([GUARDED, GUARDED]);
  expect(refused.length).toBeGreaterThan(4);
  for (const [check, seen] of Object.entries(DIFFERENT)) {
    expect(native[check], check).not.toBe(seen);
    expect(guarded[check], check).toBe(seen);
  }
  expect({ ...guarded, ...DIFFERENT }).toEqual({ ...native, ...DIFFERENT });
  expect(Object.keys(native).length).toBeGreaterThan(100);

  await test.step('what is sent as the page goes arrives', async () => {
    const words = await page.evaluate(async () => {
      const words: string[] = [];
      for (const kind of ['native', 'guarded']) {
        const events: [EventTarget, string][] = [
          [window, 'beforeunload'],
          [window, 'pagehide'],
          [document, 'visibilitychange']
        ];
        for (const [target, type] of events) {
          const address = `ws://${location.host}/peer/${kind}/socket`;
          const socket = new WebSocket(address);
          await new Promise(resolve => (socket.onopen = resolve));
          const last = `${kind} in ${type} ${performance.now()}`;
          target.addEventListener(type, () => {
            socket.send(last);
            socket.close(4020, last);
          });
          words.push(last, `closed 4020 ${last}`);
        }
      }
      return words;
    });
    await page.goto('about:blank');
    await expect
      .poll(async () => (await (await request.get('/peer/log')).json()).heard)
      .toEqual(expect.arrayContaining(words));
  });
});
