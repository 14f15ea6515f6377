import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import { mkdtempSync, rmSync } from 'fs';
import { createServer } from 'net';
import type { AddressInfo } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';

import { ServerConnection } from '@jupyterlab/services';
import { WebSocket as NodeWebSocket } from 'ws';

const TOKEN = 'secret-of-the-test';

/** Ask the system for a port nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise(resolve => {
    const server = createServer();
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

/** A real Jupyter server in a process of its own, with our extension. */
export class JupyterServer {
  /** Start one and wait until it answers. */
  static async start(port?: number): Promise<JupyterServer> {
    const server = new JupyterServer(port ?? (await freePort()));
    await server._answering();
    return server;
  }

  /** What a page of JupyterLab would have, with `port` in place of the server's. */
  static settings(port: number): ServerConnection.ISettings {
    return ServerConnection.makeSettings({
      baseUrl: `http://127.0.0.1:${port}/`,
      wsUrl: `ws://127.0.0.1:${port}/`,
      token: TOKEN,
      appendToken: true,
      WebSocket: NodeWebSocket as unknown as typeof WebSocket
    });
  }

  /** Send it a signal. */
  signal(name: NodeJS.Signals): void {
    this._process.kill(name);
  }

  /** End it and wait until it is gone. */
  async stop(name: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    this.signal(name);
    this.signal('SIGCONT');
    await this._gone;
    rmSync(this._folder, { recursive: true, force: true });
  }

  private constructor(readonly port: number) {
    this._process = spawn(
      process.env.PYTHON ?? 'python',
      [
        '-m',
        'jupyter_server',
        '--allow-root',
        '--no-browser',
        '--ServerApp.ip=127.0.0.1',
        `--ServerApp.port=${port}`,
        '--ServerApp.port_retries=0',
        `--IdentityProvider.token=${TOKEN}`,
        `--ServerApp.root_dir=${this._folder}`
      ],
      {
        env: {
          ...process.env,
          JUPYTER_RUNTIME_DIR: this._folder,
          JUPYTER_DATA_DIR: this._folder
        },
        stdio: ['ignore', 'ignore', 'pipe']
      }
    );
    this._process.stderr?.on('data', data => (this._log += data));
    this._gone = new Promise(resolve => this._process.once('exit', resolve));
  }

  private _answering(): Promise<void> {
    return new Promise((resolve, reject) => {
      this._process.stderr?.on('data', () => {
        if (/is running at/.test(this._log)) {
          resolve();
        }
      });
      void this._gone.then(() => reject(new Error(this._log)));
    });
  }

  private readonly _folder = mkdtempSync(join(tmpdir(), 'jupyter-ai-ws-'));
  private readonly _process: ChildProcess;
  private readonly _gone: Promise<unknown>;
  private _log = '';
}
