import { readFileSync, readdirSync } from 'fs';

import { chromium } from 'playwright-core';

import { TOKEN } from './jupyter.js';

/** Chromium, with the page's half of the connection in its pages. */
export class Browser {
  static async start(bundle) {
    const browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', `--bench-mark=${process.pid}-${++started}`]
    });
    return new Browser(browser, bundle, `${process.pid}-${started}`);
  }

  constructor(browser, bundle, mark) {
    this.#browser = browser;
    this.#bundle = bundle;
    this.#mark = mark;
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

  /** Process ids of the renderers. */
  get renderers() {
    return readdirSync('/proc')
      .filter(name => /^\d+$/.test(name))
      .filter(pid => {
        const line = commandLine(pid);
        return (
          line.includes('--type=renderer') &&
          commandLine(browserOf(pid)).includes(`--bench-mark=${this.#mark}`)
        );
      })
      .map(Number);
  }

  stop() {
    return this.#browser.close();
  }

  #browser;
  #bundle;
  #mark;
}

let started = 0;

/** Runs in the page. */
async function connect({ port, settings, token }) {
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

function commandLine(pid) {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1');
  } catch {
    return ''; // it has just ended
  }
}

/** Go up until the process that is no zygote. */
function browserOf(pid) {
  let current = pid;
  while (commandLine(current).includes('--type=')) {
    const status = readFileSync(`/proc/${current}/status`, 'latin1');
    current = /PPid:\s+(\d+)/.exec(status)[1];
  }
  return current;
}
