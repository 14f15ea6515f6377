import { spawn } from 'child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'fs';
import { createServer } from 'net';
import { tmpdir } from 'os';
import { join } from 'path';
import { fileURLToPath } from 'url';

/** The secret of the servers started here. */
export const TOKEN = 'bench';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Ask the system for a port nobody listens on. */
export function freePort() {
  return new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Handlers with and without a session, for pages that are no pages of JupyterLab. */
const SESSIONS = {
  module: 'jupyter_server',
  extensions: ['jupyter_ai_ws', 'bench.server'],
  args: [
    '--ServerApp.disable_check_xsrf=True',
    '--ServerApp.allow_origin=*',
    '--AiWsApp.max_sessions_per_principal=100000'
  ],
  token: TOKEN
};

/** A real Jupyter server with our extension and that of the measurements. */
export class JupyterServer {
  /** Start one, whose configuration is nobody's. */
  static async start(options = SESSIONS) {
    const server = new JupyterServer(await freePort(), options);
    await server.#answering();
    return server;
  }

  constructor(port, { module, extensions, args, token, path = ROOT }) {
    const loaded = extensions.map(name => `'${name}': True`).join(', ');
    this.port = port;
    this.#process = spawn(
      process.env.PYTHON ?? 'python',
      [
        '-m',
        module,
        '--allow-root',
        '--no-browser',
        '--ServerApp.ip=127.0.0.1',
        `--ServerApp.port=${port}`,
        '--ServerApp.port_retries=0',
        `--ServerApp.jpserver_extensions={${loaded}}`,
        `--IdentityProvider.token=${token}`,
        `--ServerApp.root_dir=${this.#folder}`,
        ...args
      ],
      {
        cwd: ROOT,
        env: {
          ...process.env,
          PYTHONPATH: path,
          JUPYTER_NO_CONFIG: '1',
          JUPYTER_CONFIG_DIR: this.#folder,
          JUPYTER_DATA_DIR: this.#folder,
          JUPYTER_RUNTIME_DIR: this.#folder
        },
        stdio: ['ignore', 'ignore', 'pipe']
      }
    );
    this.#process.stderr.on('data', data => (this.#log += data));
    this.#gone = new Promise(resolve => this.#process.once('exit', resolve));
  }

  get url() {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** Memory of the process that is its own and in use, in bytes. */
  get memoryBytes() {
    return residentBytes(this.#process.pid);
  }

  get pid() {
    return this.#process.pid;
  }

  async stop() {
    this.#process.kill('SIGKILL');
    await this.#gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #answering() {
    await Promise.race([
      new Promise(resolve =>
        this.#process.stderr.on('data', () => {
          if (/is running at/.test(this.#log)) {
            resolve();
          }
        })
      ),
      this.#gone.then(() => Promise.reject(new Error(this.#log)))
    ]);
    // It says so a moment before it does.
    for (;;) {
      const answer = await fetch(`${this.url}api?token=${TOKEN}`).catch(
        () => null
      );
      if (answer?.ok) {
        return;
      }
      await sleep(20);
    }
  }

  #folder = mkdtempSync(join(tmpdir(), 'bench-'));
  #process;
  #gone;
  #log = '';
}

/** Memory of a process that is its own and in use, in bytes. */
export function residentBytes(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)[1]) * 1024;
}

/** Wait. */
export function sleep(ms) {
  return new Promise(resolve => setTimeout(resolve, ms));
}
