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
    const socket = new WebSocket(page.webSocketDebuggerUrl);
    await new Promise((resolve, reject) => {
      socket.on('open', resolve);
      socket.on('error', reject);
    });
    return new BareBrowser(child, profile, socket);
  }

  constructor(child, profile, socket) {
    this.child = child;
    this.profile = profile;
    this.socket = socket;
    this.waiting = new Map();
    this.lastId = 0;
    socket.on('message', message => {
      const { id, result, error } = JSON.parse(message);
      this.waiting.get(id)?.(error ? { exceptionDetails: error } : result);
      this.waiting.delete(id);
    });
  }

  /** Go to an address, without waiting until it is loaded. */
  async goto(url) {
    await this.send('Page.navigate', { url });
  }

  /** Run a function in the page, with an argument as JSON, and return what it resolves to. */
  async evaluate(run, argument = null) {
    const { result, exceptionDetails } = await this.send('Runtime.evaluate', {
      expression: `(${run})(${JSON.stringify(argument)})`,
      awaitPromise: true,
      returnByValue: true
    });
    if (exceptionDetails) {
      throw new Error(
        exceptionDetails.exception?.description ?? exceptionDetails.message
      );
    }
    return result.value;
  }

  async close() {
    this.socket.close();
    this.child.removeAllListeners('exit');
    const gone = new Promise(resolve => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
    rmSync(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  send(method, params) {
    const id = ++this.lastId;
    return new Promise(resolve => {
      this.waiting.set(id, resolve);
      this.socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
