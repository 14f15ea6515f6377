import type { ChildProcess } from 'child_process';
import { spawn } from 'child_process';
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  rmSync,
  writeFileSync
} from 'fs';
import type { AddressInfo } from 'net';
import { createServer } from 'net';
import { tmpdir } from 'os';
import { dirname, join } from 'path';

import type { IPackage } from '../extensions/packages';
import type { IEnvironment } from './environment';
import { environment } from './environment';

/** A JupyterLab with an AI extension from PyPI, in an environment of its own. */
export class PackageServer {
  /**
   * Start one and wait until it answers.
   *
   * @param tested - The extension.
   * @param modelUrl - Where it finds its model.
   */
  static async start(
    tested: IPackage,
    modelUrl: string
  ): Promise<PackageServer> {
    const server = new PackageServer(
      await environment(tested.requirements),
      tested,
      modelUrl,
      await freePort()
    );
    await server._run();
    return server;
  }

  /** Where the browser finds it. */
  get url(): string {
    return `http://127.0.0.1:${this._port}`;
  }

  /** End it and remove what it left. */
  async stop(): Promise<void> {
    const ended = new Promise(resolve => this._process!.once('exit', resolve));
    // Some extensions start programs of their own.
    process.kill(-this._process!.pid!, 'SIGKILL');
    await ended;
    rmSync(this._home, {
      recursive: true,
      force: true,
      maxRetries: 20,
      retryDelay: 100
    });
  }

  private constructor(
    private readonly _environment: IEnvironment,
    private readonly _tested: IPackage,
    private readonly _modelUrl: string,
    private readonly _port: number
  ) {
    this._home = mkdtempSync(join(tmpdir(), 'ai-extension-'));
  }

  private async _run(): Promise<void> {
    const { args = [], env = {}, files } = this._tested;
    const made = files?.(this._modelUrl) ?? {};
    for (const [path, text] of Object.entries(made)) {
      const file = join(this._home, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
    mkdirSync(join(this._home, 'work'), { recursive: true });
    const home = this._home;
    const { python, variables } = this._environment;
    const log = createWriteStream(join(tmpdir(), `${this._tested.name}.log`));
    this._process = spawn(
      python,
      [
        '-m',
        'jupyterlab',
        '--allow-root',
        '--no-browser',
        '--ServerApp.ip=127.0.0.1',
        `--ServerApp.port=${this._port}`,
        '--ServerApp.port_retries=0',
        '--IdentityProvider.token=',
        '--ServerApp.disable_check_xsrf=True',
        `--ServerApp.root_dir=${home}/work`,
        '--LabApp.expose_app_in_browser=True',
        ...args
      ],
      {
        cwd: home,
        detached: true,
        env: {
          ...process.env,
          HOME: home,
          JUPYTER_RUNTIME_DIR: join(home, 'runtime'),
          ...variables,
          OPENAI_API_KEY: 'none',
          OPENAI_BASE_URL: this._modelUrl,
          ...env
        },
        stdio: ['ignore', 'pipe', 'pipe']
      }
    );
    this._process.stdout!.pipe(log);
    this._process.stderr!.pipe(log);
    for (let tries = 0; tries < 600; tries++) {
      const answer = await fetch(`${this.url}/api`).catch(() => null);
      if (answer?.ok) {
        return;
      }
      await new Promise(resolve => setTimeout(resolve, 100));
    }
    throw new Error(`${this._tested.name} does not start.`);
  }

  private readonly _home: string;
  private _process: ChildProcess | null = null;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => server.close(resolve));
  return port;
}
