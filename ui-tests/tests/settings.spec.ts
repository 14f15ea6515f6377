import type { Locator, Page } from '@playwright/test';

import { expect, statusItem, test, openConnected } from '../helpers/test';

/** The settings form of the editor. */
function form(page: Page): Locator {
  return page.getByRole('group', { name: 'AI Connection' });
}

/** The number field of a setting; JupyterLab gives fields no label. */
function field(page: Page, setting: string): Locator {
  return form(page).locator(`input[id$="${setting}"]`);
}

/** When the page pings, by the test's clock. */
function followPings(page: Page): number[] {
  const pings: number[] = [];
  page.on('websocket', socket => {
    if (socket.url().includes('/jupyter-ai-ws/ws')) {
      socket.on('framesent', ({ payload }) => {
        if (String(payload).includes('"type":"ping"')) {
          pings.push(Date.now());
        }
      });
    }
  });
  return pings;
}

test('the editor changes the heartbeat of a live connection, and refuses what is out of range', async ({
  page,
  line
}) => {
  const pings = followPings(page);
  await openConnected(page);

  await statusItem(page).click();
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  const heartbeat = field(page, 'heartbeatIntervalMs');
  await expect(heartbeat).toHaveValue('5000');
  await expect(form(page)).toContainText('Asking: attempts before');

  await heartbeat.fill('5');
  await heartbeat.press('Tab');
  await expect(form(page)).toContainText(/must be >= 1000/);

  await heartbeat.fill('1000');
  await heartbeat.press('Tab');
  const before = pings.length;
  await expect.poll(() => pings.length).toBeGreaterThan(before + 4);
  const [first, , , last] = pings.slice(-4);
  expect(last - first).toBeGreaterThan(2000);
  // Three at the old interval take 15 s.
  expect(last - first).toBeLessThan(12_000);
  expect(line.opened).toBe(1);
});
