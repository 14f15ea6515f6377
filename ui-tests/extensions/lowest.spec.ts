import { expect, test } from '@playwright/test';

import { PackageServer } from '../helpers/package-server';
import { followSockets, heard, listen, send } from '../helpers/peer';
import { statusItem } from '../helpers/test';
import { Wire } from '../helpers/wire';

test('sockets are guarded in the lowest JupyterLab that is supported', async ({
  page
}) => {
  test.setTimeout(300_000);
  const server = await PackageServer.start({
    tested: {
      name: 'JupyterLab',
      requirements: 'jupyterlab-lowest',
      args: ["--AiWsApp.guarded_paths={'peer/guarded/': 'Test peer'}"]
    },
    modelUrl: '',
    guarded: true
  });
  const wire = await Wire.to(server.url);
  const sockets = followSockets(page);
  try {
    await page.goto(`${wire.url}/lab`);
    await expect(statusItem(page)).toHaveText('AI connection: connected', {
      timeout: 60_000
    });
    await listen(page);
    await send(page, 'do stream 100 20');
    for (const part of [20, 50, 80]) {
      await expect
        .poll(async () => (await heard(page)).length, { timeout: 60_000 })
        .toBeGreaterThan(part);
      wire.reset();
    }
    const numbers = Array.from({ length: 100 }, (_, number) => `${number}`);
    await expect
      .poll(() => heard(page), { timeout: 60_000 })
      .toEqual(['open', ...numbers]);
    expect(sockets.filter(path => path.startsWith('/peer'))).toEqual([]);
  } finally {
    wire.close();
    await server.stop();
  }
});
