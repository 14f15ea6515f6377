import { spawn } from 'child_process';
import { existsSync, mkdtempSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';

import { WebSocket } from 'ws';

const ADDRESS = /DevTools listening on (ws:\S+)/;

/**
 * A page of a Chromium that nobody watches.
 *
 * Playwright has the browser report every WebSocket message, with its content. That
 * costs more than what is measured: a message of 10 MiB takes three to six times as
 * long, and many small ones suffer more than few large ones.
 */
export class BareBrowser {
  /** Start a browser with one empty page. */
  static async launch() {
    const profile = mkdtempSync(join(tmpdir(), 'browser-'));
    const child = spawn(
      process.env.CHROMIUM ??
        ['/usr/bin/chromium'].find(existsSync) ??
        'chromium',
      [
        '--headless=new',
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--remote-debugging-port=0',
        '--window-size=1280,720',
        `--user-data-dir=${profile}`,
        'about:blank'
      ],
      { stdio: ['ignore', 'ignore', 'pipe'] }
    );
    const address = await new Promise((resolve, reject) => {
      let text = '';
      child.on('error', reject);
      child.on('exit', () => reject(new Error('Chromium does not start.')));
      child.stderr.on('data', data => {
        text += data;
        const found = ADDRESS.exec(text);
        if (found) {
          resolve(found[1]);
        }
      });
    });
    const list = await fetch(`http://${new URL(address).host}/json`);
    const page = (await list.json()).find(({ type }) => type === 'page');
    return new BareBrowser(child, profile, {
      browser: await DevTools.connect(address),
      page: await DevTools.connect(page.webSocketDebuggerUrl)
    });
  }

  constructor(child, profile, { browser, page }) {
    this.child = child;
    this.profile = profile;
    this.browser = browser;
    this.page = page;
  }

  /** Go to an address, without waiting until it is loaded. */
  async goto(url) {
    await this.page.send('Page.navigate', { url });
  }

  /** Go to an address, and run a script there as if the page had it. */
  async load(url, script) {
    await this.page.send('Page.setBypassCSP', { enabled: true });
    await this.goto(url);
    await this.evaluate(async () => {
      while (
        location.protocol === 'about:' ||
        document.readyState !== 'complete'
      ) {
        await new Promise(resolve => setTimeout(resolve, 10));
      }
    });
    await this.page.send('Runtime.evaluate', { expression: script });
  }

  /** Process ids of the renderers. */
  async renderers() {
    const { processInfo } = await this.browser.send(
      'SystemInfo.getProcessInfo'
    );
    return processInfo
      .filter(({ type }) => type === 'renderer')
      .map(({ id }) => id);
  }

  /** Run a function in the page, with an argument as JSON, and return what it resolves to. */
  async evaluate(run, argument = null) {
    const { result, exceptionDetails } = await this.page.send(
      'Runtime.evaluate',
      {
        expression: `(${run})(${JSON.stringify(argument)})`,
        awaitPromise: true,
        returnByValue: true
      }
    );
    if (exceptionDetails) {
      throw new Error(
        exceptionDetails.exception?.description ?? exceptionDetails.message
      );
    }
    return result.value;
  }

  async close() {
    this.child.removeAllListeners('exit');
    const gone = new Promise(resolve => this.child.once('exit', resolve));
    // Killed, it would leave processes that still write into the profile.
    void this.browser.send('Browser.close');
    await gone;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A browser's or a page's debugger. */
class DevTools {
  static async connect(address) {
    const socket = new WebSocket(address);
    await new Promise((resolve, reject) => {
      socket.on('open', resolve);
      socket.on('error', reject);
    });
    return new DevTools(socket);
  }

  constructor(socket) {
    this.socket = socket;
    this.waiting = new Map();
    this.lastId = 0;
    socket.on('message', message => {
      const { id, result, error } = JSON.parse(message);
      this.waiting.get(id)?.(error ? { exceptionDetails: error } : result);
      this.waiting.delete(id);
    });
  }

  send(method, params = {}) {
    const id = ++this.lastId;
    return new Promise(resolve => {
      this.waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
