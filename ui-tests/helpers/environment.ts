import { execFile } from 'child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join, resolve } from 'path';
import { promisify } from 'util';

const run = promisify(execFile);

/** A Python environment with packages from PyPI beside JupyterLab and this tree. */
export interface IEnvironment {
  /** Its interpreter. */
  readonly python: string;
  /** What it needs to find JupyterLab and this tree. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Make an environment, or take the one that was made before.
 *
 * @param requirements - What pip installs into it.
 *
 * #### Notes
 * JupyterLab and what it needs come from the environment of these tests: only
 * what is not there is installed. `EXTENSION_ENVIRONMENTS` says where they are
 * kept.
 */
export async function environment(
  requirements: readonly string[]
): Promise<IEnvironment> {
  const script =
    'import sys, sysconfig; print(sys.prefix); print(sysconfig.get_path("purelib"))';
  const { stdout } = await run('python', ['-c', script]);
  const [prefix, packages] = stdout.trim().split('\n');
  const kept =
    process.env.EXTENSION_ENVIRONMENTS ??
    join(tmpdir(), 'ai-extension-environments');
  const folder = join(kept, requirements.join('-').replace(/[^\w.-]/g, '_'));
  const python = join(folder, 'bin', 'python');
  const ready = join(folder, 'ready');
  if (!existsSync(ready)) {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    await run('python', ['-m', 'venv', folder]);
    const where = 'import sysconfig; print(sysconfig.get_path("purelib"))';
    const own = (await run(python, ['-c', where])).stdout.trim();
    const tree = resolve(__dirname, '..', '..');
    writeFileSync(join(own, 'tests.pth'), `${packages}\n${tree}\n`);
    await run(python, ['-m', 'pip', 'install', '-q', ...requirements], {
      maxBuffer: 16 * 1024 * 1024
    });
    writeFileSync(ready, '');
  }
  return {
    python,
    variables: {
      JUPYTER_PATH: join(prefix, 'share', 'jupyter'),
      JUPYTER_CONFIG_PATH: join(prefix, 'etc', 'jupyter'),
      JUPYTERLAB_DIR: join(prefix, 'share', 'jupyter', 'lab')
    }
  };
}
