import type { Locator, Page } from '@playwright/test';

import { expect, picture, statusItem, test } from '../helpers/test';

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

test('the editor changes the heartbeat of a live connection', async ({
  page,
  line
}) => {
  const pings = followPings(page);
  await page.goto();
  await expect(statusItem(page)).toHaveText('AI connection: connected');

  await statusItem(page).click();
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  const heartbeat = field(page, 'heartbeatIntervalMs');
  await expect(heartbeat).toHaveValue('5000');
  await expect(form(page)).toContainText('Asking: attempts before');
  await picture(page, 'settings');

  const before = pings.length;
  await page.waitForTimeout(3000);
  expect(pings.length - before).toBeLessThanOrEqual(1);
  await heartbeat.fill('1000');
  await heartbeat.press('Tab');
  await expect
    .poll(() => pings.length, { timeout: 15_000 })
    .toBeGreaterThan(before + 6);
  const gaps = pings.slice(-3).map((at, index, all) => at - all[index - 1]);
  for (const gap of gaps.slice(1)) {
    expect(gap).toBeGreaterThan(900);
    expect(gap).toBeLessThan(4000); // far below the old interval
  }
  expect(line.opened).toBe(1);
});

test('the editor refuses what is out of range', async ({ page }) => {
  await page.goto();
  await statusItem(page).click();
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  const heartbeat = field(page, 'heartbeatIntervalMs');
  await heartbeat.fill('5');
  await heartbeat.press('Tab');
  await expect(form(page)).toContainText(/must be >= 1000/);
});
