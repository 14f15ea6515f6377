import { expect, test as base } from '@playwright/test';

import { Line, type SocketMode } from '../helpers/line';
import { GUARDED, configure, exchange, followSockets } from '../helpers/peer';
import { openLab } from '../helpers/test';

const test = base.extend<{ line: Line }>({
  line: async ({}, use) => {
    const line = await Line.to(process.env.TARGET_URL!);
    await use(line);
    await line.close();
  },
  baseURL: async ({ line }, use) => {
    await use(line.url);
  }
});

const pages: [string, Record<string, unknown>][] = [
  ['the server half says nonsense', { jupyterAiWs: '<html>' }],
  ['the plugin is disabled', { disabledExtensions: ['jupyter-ai-ws:guard'] }],
  [
    'the connection is disabled',
    { disabledExtensions: ['jupyter-ai-ws:connection'] }
  ]
];

for (const [reason, change] of pages) {
  test(`everything is native where ${reason}`, async ({ page }) => {
    await configure(page, change);
    const sockets = followSockets(page);
    await openLab(page);
    expect(await exchange(page)).toEqual(['hello', 4000]);
    expect(sockets).toContain(GUARDED);
    const untouched = await page.evaluate(
      () =>
        `${window.WebSocket}`.includes('[native code]') &&
        Symbol.for('jupyter_ai_ws.guard') in window
    );
    expect(untouched).toBe(false);
  });
}

const answers: [string, SocketMode][] = [
  ['is answered with 404', 404],
  ['is never answered', 'hole']
];

for (const [reason, mode] of answers) {
  test(`a guarded socket turns native where the session ${reason}`, async ({
    page,
    line
  }) => {
    line.sockets = mode;
    const sockets = followSockets(page);
    await openLab(page);
    expect(await exchange(page)).toEqual(['hello', 4000]);
    expect(sockets).toContain(GUARDED);
  });
}

test('a guarded path that the server half does not serve is native', async ({
  page
}) => {
  const paths = {
    'peer/guarded/': 'Test peer',
    'peer/native/socket': 'Unknown to the server'
  };
  const protocols = ['v1.jupyter-ai-ws'];
  const jupyterAiWs = JSON.stringify({ protocols, guard: { paths } });
  await configure(page, { jupyterAiWs });
  const sockets = followSockets(page);
  await openLab(page);
  const path = '/peer/native/socket';
  expect(await exchange(page, path)).toEqual(['hello', 4000]);
  expect(sockets).toContain(path);
  expect(await exchange(page)).toEqual(['hello', 4000]);
  expect(sockets).not.toContain(GUARDED);
});
