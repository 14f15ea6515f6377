import { existsSync } from 'fs';

import { galata } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';
import { expect, test as base } from '@playwright/test';

import { Line } from './line';

export { expect };

/** Settings of the AI connection, for `mockSettings`. */
export function withSettings(settings: Record<string, unknown>) {
  return { ...galata.DEFAULT_SETTINGS, 'jupyter-ai-ws:plugin': settings };
}

/**
 * A page with settings and layout of its own, a line that can be cut and a
 * console that is read.
 */
export const test = base.extend<{
  mockSettings: Record<string, unknown>;
  line: Line;
  complaints: string[];
}>({
  mockSettings: [galata.DEFAULT_SETTINGS, { option: true }],
  // Galata's own page loads and waits more than these tests need.
  page: async ({ page, mockSettings }, use) => {
    await galata.Mock.mockSettings(page, [], { ...mockSettings });
    const layout = { data: {}, metadata: { id: 'default' } };
    await galata.Mock.mockState(page, layout);
    await use(page);
    // JupyterLab may save its layout still: it must not become that of other tests.
    await page.context().setOffline(true);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  },
  line: async ({}, use) => {
    const line = await Line.to(process.env.TARGET_URL!);
    await use(line);
    await line.close();
  },
  baseURL: async ({ line }, use) => {
    await use(line.url);
  },
  complaints: async ({ page }, use) => {
    await use(followComplaints(page));
  }
});

/** Everything that the console complains about from now on. */
export function followComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', error => complaints.push(String(error)));
  page.on('console', message => {
    // JupyterLab says so of a slow machine.
    const slow = /^Plugin .* to activate\.$/.test(message.text());
    if (['error', 'warning'].includes(message.type()) && !slow) {
      complaints.push(message.text());
    }
  });
  return complaints;
}

/** The status item. */
export function statusItem(page: Page): Locator {
  return page.getByRole('button', { name: /^AI connection/ });
}

/** Open JupyterLab and wait until it can be worked with. */
export async function openLab(page: Page): Promise<void> {
  await page.goto('/lab');
  await expect(page.locator('.jp-Launcher')).toBeVisible();
  await expect(page.locator('#jupyterlab-splash')).toHaveCount(0);
}

/** Open it and wait until it is connected; the status item. */
export async function openConnected(page: Page): Promise<Locator> {
  await openLab(page);
  await expect(statusItem(page)).toHaveText('AI connection: connected');
  return statusItem(page);
}

/** The dialog that asks what to do. */
export function question(page: Page): Locator {
  return page.getByRole('dialog', { name: /AI connection/ });
}

/** The notification about the connection. */
export function notification(page: Page): Locator {
  return page.locator('.Toastify__toast', { hasText: 'Details' });
}

/** Every text that the status item shows from now on, also for a moment. */
export async function followItem(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const node = document.querySelector('.jp-AiConnectionStatus')!;
    const seen: string[] = ((window as never as { seen: string[] }).seen = []);
    new MutationObserver(() => {
      const label = node.querySelector('.jp-AiConnectionStatus-label')!;
      if (seen[seen.length - 1] !== label.textContent) {
        seen.push(label.textContent!);
      }
    }).observe(node, { childList: true, characterData: true, subtree: true });
  });
  return () =>
    page.evaluate(() => (window as never as { seen: string[] }).seen);
}

/**
 * Say where a picture goes: with `IMAGES=../docs/images` those that the
 * documentation has are renewed there, and no others are put beside them.
 */
export function pathOfPicture(name: string): string {
  const shown = `${process.env.IMAGES}/${name}.png`;
  return process.env.IMAGES && existsSync(shown)
    ? shown
    : `test-results/images/${name}.png`;
}

/** Keep a picture. */
export async function picture(of: Page | Locator, name: string): Promise<void> {
  // The item is to be seen as it is, not through the shade of a dialog.
  const style = name.startsWith('item-')
    ? `.jp-Dialog, #jupyterlab-splash { display: none !important }
       ::backdrop { display: none !important }`
    : '';
  // A notification of the whole page stands still; by itself it may run out of time.
  const animations = 'goto' in of ? 'disabled' : 'allow';
  await of.screenshot({ path: pathOfPicture(name), style, animations });
}
