import type { Page } from '@playwright/test';
import { expect, test } from '@playwright/test';

import { LabServer } from '../helpers/lab-server';
import { Line } from '../helpers/line';
import { statusItem } from '../helpers/test';

const MINUTES = Number(process.env.MINUTES ?? 5);
const CUTS = Number(process.env.CUTS ?? 50);

function median(values: number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** How long scripts of ours run on the main thread, and all that they call, in milliseconds. */
async function profile(page: Page, spanMs: number): Promise<number> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Profiler.enable');
  await cdp.send('Profiler.setSamplingInterval', { interval: 100 });
  await cdp.send('Profiler.start');
  await page.waitForTimeout(spanMs);
  const { nodes, samples, timeDeltas } = (await cdp.send('Profiler.stop'))
    .profile;
  await cdp.detach();
  const ours = new Set<number>();
  // A node comes before its children.
  for (const { id, callFrame, children } of nodes) {
    if (callFrame.url.includes('jupyter-ai-ws')) {
      ours.add(id);
    }
    if (ours.has(id)) {
      children?.forEach(child => ours.add(child));
    }
  }
  return samples!.reduce(
    (sum, id, index) => sum + (ours.has(id) ? timeDeltas![index] / 1000 : 0),
    0
  );
}

test('the main thread of a page that is connected and idle', async ({
  page
}) => {
  const server = await LabServer.start();
  const spent: number[] = [];
  try {
    await page.goto(`${server.url}/lab`);
    await expect(statusItem(page)).toHaveText('AI connection: connected', {
      timeout: 60_000
    });
    // What the start leaves behind is over by then.
    await page.waitForTimeout(30_000);
    for (let minute = 0; minute < MINUTES; minute++) {
      spent.push(await profile(page, 60_000));
    }
  } finally {
    await server.stop();
  }
  console.log(
    `main thread, median minute of ${MINUTES}: ${median(spent).toFixed(1)} ms, longest ${Math.max(...spent).toFixed(1)} ms`
  );
});

test('from the detection of a cut to its being shown', async ({ page }) => {
  const server = await LabServer.start();
  const line = await Line.to(server.url);
  const shownMs: number[] = [];
  try {
    await page.addInitScript(() => {
      const { set, ...rest } = Object.getOwnPropertyDescriptor(
        WebSocket.prototype,
        'onclose'
      )!;
      Object.defineProperty(WebSocket.prototype, 'onclose', {
        ...rest,
        set(handler) {
          const noting = (event: CloseEvent) => {
            Object.assign(window, { detectedMs: performance.now() });
            handler.call(this, event);
          };
          set!.call(this, handler && noting);
        }
      });
    });
    await page.goto(`${line.url}/lab`);
    const item = statusItem(page);
    await expect(item).toHaveText('AI connection: connected', {
      timeout: 60_000
    });
    for (let cut = 0; cut < CUTS; cut++) {
      await page.evaluate(() => {
        Object.assign(window, {
          shown: new Promise<number>(resolve => {
            const node = document.querySelector('.jp-AiConnectionStatus')!;
            const observer = new MutationObserver(() => {
              if (node.textContent!.includes('reconnecting')) {
                observer.disconnect();
                // When it is on the screen.
                requestAnimationFrame(() => {
                  const { detectedMs } = window as never as {
                    detectedMs: number;
                  };
                  resolve(performance.now() - detectedMs);
                });
              }
            });
            observer.observe(node, {
              childList: true,
              characterData: true,
              subtree: true
            });
          })
        });
      });
      // One that is over at once is never shown.
      line.sockets = 'refuse';
      line.cut();
      shownMs.push(
        await page.evaluate(
          () => (window as never as { shown: Promise<number> }).shown
        )
      );
      line.sockets = 'through';
      await expect(item).toHaveText('AI connection: connected');
    }
  } finally {
    await line.close();
    await server.stop();
  }
  console.log(
    `shown after detection: median ${median(shownMs).toFixed(1)} ms, longest of ${CUTS} ${Math.max(...shownMs).toFixed(1)} ms`
  );
});
