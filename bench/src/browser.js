import { chromium } from 'playwright-core';

import { TOKEN } from './jupyter.js';

/** Chromium, with the page's half of the connection in its pages. */
export class Browser {
  static async start(bundle) {
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox']
    });
    return new Browser(browser, bundle);
  }

  constructor(browser, bundle) {
    this.#browser = browser;
    this.#bundle = bundle;
  }

  /** Open a page of a server; with settings it connects. */
  async openPage(port, settings) {
    const page = await this.#browser.newPage({ bypassCSP: true });
    await page.goto(`http://127.0.0.1:${port}/api?token=${TOKEN}`);
    await page.addScriptTag({ path: this.#bundle });
    if (settings) {
      await page.evaluate(connect, { port, settings, token: TOKEN });
    }
    return page;
  }

  stop() {
    return this.#browser.close();
  }

  #browser;
  #bundle;
}

/** Runs in the page: connects it, after `disconnect` anew. */
export async function connect({ port, settings, token }) {
  const { AIConnection, DEFAULT_SETTINGS, ServerConnection } = window.bench;
  class Socket extends WebSocket {
    constructor(...args) {
      window.openedMs = performance.now();
      super(...args);
    }
  }
  window.connection = new AIConnection({
    serverSettings: ServerConnection.makeSettings({
      baseUrl: `http://127.0.0.1:${port}/`,
      wsUrl: `ws://127.0.0.1:${port}/`,
      token,
      appendToken: true,
      WebSocket: Socket
    }),
    settings: { ...DEFAULT_SETTINGS, ...settings }
  });
  window.connection.start();
  while (window.connection.status.state !== 'connected') {
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

/** Runs in the page: ends its connection, if it has one. */
export function disconnect() {
  window.connection?.dispose();
}
