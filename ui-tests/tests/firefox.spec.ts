import { expect, test as base } from '@playwright/test';
import type { Page } from 'puppeteer-core';

import { openFirefox } from '../helpers/firefox';
import { Line } from '../helpers/line';

/** A page of Firefox, what is wrong with it, and its line to the server. */
const test = base.extend<{ line: Line; firefox: Page; complaints: string[] }>({
  line: async ({}, use) => {
    const line = await Line.to(process.env.TARGET_URL!);
    await use(line);
    await line.close();
  },
  firefox: async ({}, use) => {
    const browser = await openFirefox();
    await use(await browser.newPage());
    await browser.close();
  },
  complaints: async ({ firefox }, use) => {
    const complaints: string[] = [];
    firefox.on('pageerror', error => complaints.push(String(error)));
    firefox.on('console', message => {
      // JupyterLab itself warns there when it is slow to start.
      if (message.type() === 'error' || /\bAI\b/.test(message.text())) {
        complaints.push(message.text());
      }
    });
    await use(complaints);
  }
});

test('the self-test loses, doubles and reorders nothing over ten cuts in Firefox', async ({
  line,
  firefox,
  complaints
}, testInfo) => {
  test.setTimeout(240_000);
  const text = (words: string) =>
    firefox.locator(`::-p-text(${words})`).setTimeout(60_000);
  await firefox.setViewport({ width: 1280, height: 720 });
  await firefox.goto(`${line.url}/lab`, { timeout: 60_000 });
  await text('AI connection: connected').wait();
  // The launcher takes the focus when it comes, and the palette closes without it.
  await firefox.locator('.jp-Launcher:focus').setTimeout(60_000).wait();

  await text('View').click();
  await text('Activate Command Palette').click();
  const palette = '.lm-CommandPalette';
  await firefox.locator(`${palette}-input:focus`).wait();
  await firefox.keyboard.type('self-test');
  const first = `${palette}-item.lm-mod-active ::-p-text(Run Self-Test)`;
  await firefox.locator(first).wait();
  await firefox.keyboard.press('Enter');
  const result = '10 cuts: 0 lost, 0 doubled, 0 out of order.';
  await text(`2,000 records each way, ${result}`).wait();
  const picture = testInfo.outputPath('self-test-firefox.png');
  await firefox.screenshot({ path: picture as `${string}.png` });
  // More where a loaded machine answered too late.
  expect(line.opened).toBeGreaterThan(10);
  expect(complaints).toEqual([]);
});
