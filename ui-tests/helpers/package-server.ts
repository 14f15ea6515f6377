import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import { createHash } from 'crypto';
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync
} from 'fs';
import { tmpdir } from 'os';
import { delimiter, dirname, join, resolve } from 'path';

import type { IServed } from '../extensions/packages';
import { environment } from './environment';
import { freePort } from './port';

/** A JupyterLab with an AI extension from PyPI, in an environment of its own. */
export class PackageServer {
  /** Start one and wait until it answers. */
  static async start(options: PackageServer.IOptions): Promise<PackageServer> {
    const server = new PackageServer(options, await freePort());
    try {
      await server.run();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Where the browser finds it. */
  get url(): string {
    return `http://127.0.0.1:${this._port}`;
  }

  /** The path below which it serves; it begins and ends with a slash. */
  get base(): string {
    return this._options.base ?? '/';
  }

  /** What a user has to log in with; empty: nothing. */
  get password(): string {
    return this._options.password ?? '';
  }

  /** Start it, again on the same port after it was killed. */
  async run(): Promise<void> {
    const { tested } = this._options;
    const { python, variables } = environment(tested.requirements);
    const home = this._home;
    const log = createWriteStream(join(home, 'log'), { flags: 'a' });
    const child = spawn(python, ['-m', 'jupyterlab', ...this._arguments()], {
      cwd: home,
      detached: true,
      env: {
        ...process.env,
        HOME: home,
        JUPYTER_RUNTIME_DIR: join(home, 'runtime'),
        PYTHONPATH: ['..', '../extensions']
          .map(folder => resolve(__dirname, folder))
          .join(delimiter),
        ...variables,
        OPENAI_API_KEY: 'none',
        OPENAI_BASE_URL: this._options.modelUrl
      },
      stdio: ['ignore', 'pipe', 'pipe']
    });
    this._process = child;
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    for (let tries = 0; tries < 1800; tries++) {
      const answer = await fetch(`${this.url}${this.base}api`).catch(
        () => null
      );
      if (answer?.ok) {
        return;
      }
      await new Promise(resolve => setTimeout(resolve, 100));
    }
    throw new Error(`${tested.name} does not start.`);
  }

  /** Let hours pass for the server. */
  async advance(seconds: number): Promise<void> {
    await fetch(`${this.url}${this.base}clock/advance?seconds=${seconds}`);
  }

  /** Kill it. */
  async kill(): Promise<void> {
    const ended = new Promise(resolve => this._process!.once('exit', resolve));
    // Some extensions start programs of their own.
    process.kill(-this._process!.pid!, 'SIGKILL');
    await ended;
  }

  /** End it and remove what it left. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this._home, {
      recursive: true,
      force: true,
      maxRetries: 20,
      retryDelay: 100
    });
  }

  private constructor(
    private readonly _options: PackageServer.IOptions,
    private readonly _port: number
  ) {
    this._home = mkdtempSync(join(tmpdir(), 'ai-extension-'));
    mkdirSync(join(this._home, 'work'));
    const files = _options.tested.files?.(_options.modelUrl) ?? {};
    for (const [path, text] of Object.entries(files)) {
      const file = join(this._home, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  private _arguments(): string[] {
    const { guarded, tested } = this._options;
    return [
      '--allow-root',
      '--no-browser',
      '--ServerApp.ip=127.0.0.1',
      `--ServerApp.port=${this._port}`,
      '--ServerApp.port_retries=0',
      `--ServerApp.base_url=${this.base}`,
      '--IdentityProvider.token=',
      ...(this.password
        ? [
            `--PasswordIdentityProvider.hashed_password=${hashed(this.password)}`
          ]
        : ['--ServerApp.disable_check_xsrf=True']),
      `--ServerApp.root_dir=${this._home}/work`,
      "--ServerApp.jpserver_extensions={'clock': True, 'peer': True}",
      '--LabApp.expose_app_in_browser=True',
      ...(guarded ? [] : ['--AiWsApp.guard_enabled=False']),
      ...(tested.args ?? [])
    ];
  }

  private readonly _home: string;
  private _process: ChildProcess | null = null;
}

/** A namespace for `PackageServer` statics. */
export namespace PackageServer {
  /** What is started. */
  export interface IOptions {
    /** The extension. */
    readonly tested: IServed;
    /** Where it finds its model. */
    readonly modelUrl: string;
    /** Whether its sockets are guarded. */
    readonly guarded: boolean;
    /** The path below which it serves, `/` unless given. */
    readonly base?: string;
    /** What a user has to log in with; nothing unless given. */
    readonly password?: string;
  }
}

/** A password as Jupyter keeps it. */
function hashed(password: string): string {
  const salt = 'salt';
  const digest = createHash('sha1').update(password).update(salt);
  return `sha1:${salt}:${digest.digest('hex')}`;
}
