import { spawn } from 'child_process';
import { fileURLToPath } from 'url';

import { BROWSER_FIGURES, measureInBrowser } from './guard-browser.js';

const BROWSER_ROUNDS = 21;
const SERVER_ROUNDS = 14;

/** What the guard costs: in a browser, and the server's processor and memory. */
export async function measureGuard() {
  const { found, resumes, states } = await measureInBrowser(
    BROWSER_ROUNDS,
    BROWSER_FIGURES
  );
  return { found: [...(await measureServer()), ...found], resumes, states };
}

/** A figure is a line of JSON. */
async function measureServer() {
  const child = spawn(
    process.env.PYTHON ?? 'python',
    [
      fileURLToPath(new URL('../guard_server.py', import.meta.url)),
      '--json',
      `--rounds=${SERVER_ROUNDS}`,
      'cpu',
      'memory'
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] }
  );
  let text = '';
  child.stdout.on('data', data => (text += data));
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) {
    throw new Error(`guard_server.py ended with ${code}.`);
  }
  return text.trim().split('\n').map(JSON.parse);
}
