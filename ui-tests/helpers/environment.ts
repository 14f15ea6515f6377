import { existsSync, readFileSync } from 'fs';
import { join, resolve } from 'path';

/** A Python environment with packages from PyPI beside JupyterLab and ours. */
export interface IEnvironment {
  /** Its interpreter. */
  readonly python: string;
  /** What it needs to find JupyterLab and this tree. */
  readonly variables: Readonly<Record<string, string>>;
}

/**
 * Look where an environment is that `extensions/environments.py` has made.
 *
 * @param name - The name of its file of requirements.
 *
 * #### Notes
 * `EXTENSIONS_WITH=wheel`: one with a wheel in place of this tree.
 */
export function environment(name: string): IEnvironment {
  const kind = process.env.EXTENSIONS_WITH ?? 'tree';
  const folder = resolve(__dirname, '..', '.environments', kind, name);
  const about = join(folder, 'about.json');
  if (!existsSync(about)) {
    throw new Error(
      `First run: python ui-tests/extensions/environments.py ${name}`
    );
  }
  return JSON.parse(readFileSync(about, 'utf8'));
}
