import { execFileSync } from 'child_process';
import { readFileSync } from 'fs';
import { availableParallelism, totalmem } from 'os';

import { chromium } from 'playwright-core';

/** The date, the machine and the programs, in words. */
export async function describeMachine() {
  const info = readFileSync('/proc/cpuinfo', 'utf8');
  const processor = /model name\s*: (.*)/.exec(info)?.[1] ?? process.arch;
  const memoryGib = Math.round(totalmem() / 1024 ** 3);
  const python = execFileSync(process.env.PYTHON ?? 'python', [
    '-c',
    'import platform, tornado, jupyter_server as j; ' +
      'print(f"Python {platform.python_version()}, tornado {tornado.version}, jupyter_server {j.__version__}")'
  ]);
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox']
  });
  const version = browser.version();
  await browser.close();
  return (
    `${new Date().toISOString().slice(0, 10)}; ` +
    `${availableParallelism()} cores of ${processor.trim()}, ${memoryGib} GiB, everything on it, over loopback; ` +
    `${python.toString().trim()}, Node.js ${process.versions.node}, Chromium ${version}`
  );
}
