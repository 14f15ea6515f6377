import {
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  writeFileSync
} from 'fs';
import { basename, join } from 'path';
import { fileURLToPath } from 'url';

const FOLDER = fileURLToPath(new URL('../measured', import.meta.url));
const README = fileURLToPath(new URL('../README.md', import.meta.url));
const BEGIN = '<!-- measured: bench/run --readme writes what follows -->';
const END = '<!-- end of what is measured -->';

/** Keep what was found, on what machine, and how loaded it was at the beginning. */
export function keep(name, machine, load, figures) {
  mkdirSync(FOLDER, { recursive: true });
  const text = JSON.stringify({ machine, load, figures }, null, 1);
  writeFileSync(join(FOLDER, `${name}.json`), text);
}

/** Everything that is kept, by the name of its piece. */
export function kept() {
  const names = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
  return Object.fromEntries(
    names.map(name => [
      basename(name, '.json'),
      JSON.parse(readFileSync(join(FOLDER, name), 'utf8'))
    ])
  );
}

/** Put a table where the README has one. */
export function writeReadme(text) {
  const before = readFileSync(README, 'utf8');
  const [head, rest] = before.split(BEGIN);
  const [, tail] = rest.split(END);
  writeFileSync(README, `${head}${BEGIN}\n\n${text.trim()}\n\n${END}${tail}`);
}
