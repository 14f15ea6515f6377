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

/** When the page pings, by the browser's clock in milliseconds, and in which sessions. */
async function followPings(page: Page) {
  const pings: number[] = [];
  const sessions = new Map<string, string | null>();
  const cdp = await page.context().newCDPSession(page);
  cdp.on('Network.webSocketCreated', ({ requestId, url }) => {
    if (url.includes('/jupyter-ai-ws/ws')) {
      sessions.set(requestId, new URL(url).searchParams.get('sid'));
    }
  });
  cdp.on('Network.webSocketFrameSent', frame => {
    const ours = sessions.has(frame.requestId);
    if (ours && frame.response.payloadData.includes('"type":"ping"')) {
      pings.push(frame.timestamp * 1000);
    }
  });
  await cdp.send('Network.enable');
  return { pings, sessions };
}

test('the editor changes the heartbeat of a live connection, and refuses what is out of range', async ({
  page
}) => {
  const { pings, sessions } = await followPings(page);
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
  // It went on with the same session.
  expect(new Set(sessions.values()).size).toBe(1);
});
