import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';

import { GUARDED, configure, exchange, followSockets } from '../helpers/peer';
import { openLab, picture, statusItem } from '../helpers/test';

/** Run a kernel and a terminal as JupyterLab does. */
async function useKernelAndTerminal(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const { serviceManager } = window.jupyterapp;
    const kernel = await serviceManager.kernels.startNew({ name: 'python3' });
    const future = kernel.requestExecute({ code: 'print(6 * 7)' });
    let printed = '';
    future.onIOPub = ({ content }) => {
      printed += 'text' in content ? content.text : '';
    };
    await future.done;
    await kernel.shutdown();
    const terminal = await serviceManager.terminals.startNew();
    const typed = new Promise<string>(resolve => {
      let shown = '';
      terminal.messageReceived.connect(
        (_: unknown, message: { content?: unknown[] }) => {
          shown += message.content?.[0] ?? '';
          if (shown.includes('=42=')) {
            resolve('=42=');
          }
        }
      );
    });
    terminal.send({ type: 'stdin', content: ['echo "=$((6*7))="\r'] });
    const answers = [printed.trim(), await typed];
    await terminal.shutdown();
    return answers;
  });
}

test('kernels and terminals keep their native sockets and work', async ({
  page
}) => {
  const sockets = followSockets(page);
  await openLab(page);
  expect(await exchange(page)).toEqual(['hello', 4000]);
  expect(await useKernelAndTerminal(page)).toEqual(['42', '=42=']);
  const kinds = sockets.map(path => path.split('/').slice(1, 3).join('/'));
  expect(kinds).toContain('api/kernels');
  expect(kinds).toContain('terminals/websocket');
  expect(kinds).toContain('api/events');
  expect(sockets).not.toContain(GUARDED);
});

test('details list what is guarded; switched off it is native from the next load', async ({
  page
}) => {
  const sockets = followSockets(page);
  const load = async () => {
    sockets.length = 0;
    await page.goto('/lab');
    await expect(statusItem(page)).toHaveText('AI connection: connected');
    await exchange(page);
    await statusItem(page).click();
  };
  await load();
  const details = page.getByRole('dialog', { name: 'AI connection' });
  const row = details.getByRole('listitem').filter({ hasText: 'Test peer' });
  await expect(row).toContainText('0 connections');
  await picture(details, 'popup-guard');
  await row.getByRole('button', { name: 'Test peer: Guard off' }).click();
  await expect(details).toContainText('Counts when the page is refreshed.');
  expect(sockets).not.toContain(GUARDED);

  await load();
  expect(sockets).toContain(GUARDED);
  await expect(row).toContainText('not guarded');
  await expect(row.getByRole('button')).toHaveText('Guard on');
});

test('in Notebook 7 sockets are guarded, those of server settings too', async ({
  page
}) => {
  await configure(page, { exposeAppInBrowser: true });
  const sockets = followSockets(page);
  await page.goto('/tree');
  await expect(page.locator('.jp-FileBrowser').first()).toBeVisible();
  expect(await exchange(page)).toEqual(['hello', 4000]);
  const captured = await page.evaluate(() => {
    const { serverSettings } = window.jupyterapp.serviceManager;
    return serverSettings.WebSocket === window.WebSocket;
  });
  expect(captured).toBe(true);
  expect(sockets).toContain('/jupyter-ai-ws/ws');
  expect(sockets).not.toContain(GUARDED);
});
