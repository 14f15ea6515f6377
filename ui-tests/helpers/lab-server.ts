import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync
} from 'fs';
import { tmpdir } from 'os';
import { dirname, join } from 'path';

import { freePort } from './port';

/** A JupyterLab of a test's own, configured and killed as the test likes. */
export class LabServer {
  /** Start a server and wait until it answers. */
  static async start(options: LabServer.IOptions = {}): Promise<LabServer> {
    const server = new LabServer(options, await freePort());
    await server.run();
    return server;
  }

  private constructor(
    private readonly options: LabServer.IOptions,
    private readonly port: number
  ) {
    this._folder = mkdtempSync(join(tmpdir(), 'lab-server-'));
    for (const [path, text] of Object.entries(options.files ?? {})) {
      this.write(path, text);
    }
  }

  /** Where the browser finds it. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Write a settings or configuration file. */
  write(path: string, text: string): void {
    const file = join(this._folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  /** Start it, again on the same port after it was killed, with other options if given. */
  async run(options: LabServer.IOptions = this.options): Promise<void> {
    const base = readFileSync('jupyter_server_test_config.py', 'utf8');
    this.write('config.py', `${base}\n${options.config ?? ''}`);
    const config = join(this._folder, 'config.py');
    const args = ['lab', '--config', config, ...(options.args ?? [])];
    const env = {
      ...process.env,
      GALATA_PORT: String(this.port),
      JUPYTER_CONFIG_PATH: this._folder,
      JUPYTERLAB_SETTINGS_DIR: this._folder,
      // Where the test peer is.
      PYTHONPATH: process.cwd()
    };
    const log = join(this._folder, 'log');
    const file = openSync(log, 'a');
    const child = spawn('jupyter', args, {
      env,
      stdio: ['ignore', file, file]
    });
    closeSync(file);
    this._process = child;
    let ended = false;
    child.once('exit', () => (ended = true));
    for (let tries = 0; tries < 600 && !ended; tries++) {
      const answer = await fetch(`${this.url}/api`).catch(() => null);
      if (answer?.ok) {
        return;
      }
      await new Promise(resolve => setTimeout(resolve, 100));
    }
    const said = readFileSync(log, 'utf8').slice(-2000);
    await this.stop();
    throw new Error(`JupyterLab does not start:\n${said}`);
  }

  /** Send it a signal; after one that ends it, wait until it has ended. */
  async signal(name: NodeJS.Signals): Promise<void> {
    const child = this._process!;
    const ended = new Promise(resolve => child.once('exit', resolve));
    child.kill(name);
    if (['SIGKILL', 'SIGTERM'].includes(name) && child.exitCode === null) {
      await ended;
    }
  }

  /** End it and remove what it left. */
  async stop(): Promise<void> {
    if (this._process?.exitCode === null && !this._process.signalCode) {
      await this.signal('SIGKILL');
    }
    rmSync(this._folder, { recursive: true, force: true });
  }

  private readonly _folder: string;
  private _process: ChildProcess | null = null;
}

/** A namespace for `LabServer` statics. */
export namespace LabServer {
  /** How to start it. */
  export interface IOptions {
    /** More for the configuration file, in Python. */
    readonly config?: string;
    /** More for the command line. */
    readonly args?: readonly string[];
    /** Settings and configuration files, by path. */
    readonly files?: Readonly<Record<string, string>>;
  }
}
