import type { Page } from '@playwright/test';

/** Follow the addresses of all real sockets of a page, from now on. */
export function followSockets(page: Page): string[] {
  const addresses: string[] = [];
  page.on('websocket', socket => {
    // Those with a wrong address are told too.
    if (URL.canParse(socket.url(), page.url())) {
      addresses.push(new URL(socket.url(), page.url()).pathname);
    }
  });
  return addresses;
}

/** The address of the guarded endpoint of the test peer. */
export const GUARDED = '/peer/guarded/socket';

/**
 * Send a text to the guarded endpoint and close.
 *
 * @returns all that the socket has told.
 */
export function exchange(page: Page, path = GUARDED): Promise<unknown[]> {
  return page.evaluate(async path => {
    const told: unknown[] = [];
    const socket = new WebSocket(`ws://${location.host}${path}`);
    await new Promise<void>(resolve => {
      socket.onopen = () => socket.send('hello');
      socket.onmessage = ({ data }) => {
        told.push(data);
        socket.close(4000);
      };
      socket.onerror = () => told.push('error');
      socket.onclose = ({ code }) => {
        told.push(code);
        resolve();
      };
    });
    return told;
  }, path);
}

/** Open a socket to the guarded endpoint that notes all it hears; see `heard`. */
export async function listen(page: Page, path = GUARDED): Promise<void> {
  await page.evaluate(async path => {
    const socket = new WebSocket(`ws://${location.host}${path}`);
    const heard: unknown[] = [];
    Object.assign(window, { peerSocket: socket, peerHeard: heard });
    for (const type of ['open', 'message', 'error', 'close']) {
      socket.addEventListener(type, event => {
        const { data, code } = event as MessageEvent & CloseEvent;
        heard.push(data ?? code ?? type);
      });
    }
    await new Promise(resolve => socket.addEventListener('open', resolve));
  }, path);
}

/** Send a text on the socket of `listen`. */
export async function send(page: Page, text: string): Promise<void> {
  await page.evaluate(
    text =>
      (window as unknown as { peerSocket: WebSocket }).peerSocket.send(text),
    text
  );
}

/** All that the socket of `listen` has told so far. */
export function heard(page: Page): Promise<unknown[]> {
  return page.evaluate(
    () => (window as unknown as { peerHeard: unknown[] }).peerHeard
  );
}

/**
 * Change what the server says in the page's configuration.
 *
 * #### Notes
 * In the page, as it is being read: a page that Playwright answers in the
 * server's place is not allowed to open sockets to this machine.
 */
export async function configure(
  page: Page,
  changes: Readonly<Record<string, unknown>>
): Promise<void> {
  await page.addInitScript(changes => {
    const observer = new MutationObserver(() => {
      const node = document.getElementById('jupyter-config-data');
      // It may have come in part.
      if (node?.nextSibling) {
        observer.disconnect();
        const config = JSON.parse(node.textContent!);
        node.textContent = JSON.stringify({ ...config, ...changes });
      }
    });
    observer.observe(document, { childList: true, subtree: true });
  }, changes);
}
