import { expect, test } from '@playwright/test';
import { execFileSync } from 'child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'fs';
import { tmpdir } from 'os';
import { join, resolve } from 'path';
import { gzipSync } from 'zlib';

const TREE = resolve(__dirname, '..', '..');

test('the early part of the guard runs with remoteEntry.js', () => {
  const folder = join(TREE, 'jupyter_ai_ws', 'labextension', 'static');
  const entries = readdirSync(folder).filter(name =>
    /^remoteEntry\..*\.js$/.test(name)
  );
  expect(entries).toHaveLength(1);
  const code = readFileSync(join(folder, entries[0]), 'utf8');
  expect(code).toContain('AI extensions are not guarded on this page.');
});

test('the early part of the guard has at most 3 KiB and imports nothing shared', () => {
  const folder = mkdtempSync(join(tmpdir(), 'early-'));
  const script = `
    require('webpack')(
      {
        mode: 'production',
        entry: ${JSON.stringify(join(TREE, 'lib', 'early.js'))},
        output: { path: ${JSON.stringify(folder)}, filename: 'early.js' }
      },
      (error, stats) => process.exit(error || stats.hasErrors() ? 1 : 0)
    );`;
  try {
    execFileSync('node', ['-e', script], { cwd: TREE });
    const code = readFileSync(join(folder, 'early.js'), 'utf8');
    const bytes = gzipSync(code).length;
    console.log(`early part: ${bytes} bytes gzipped`);
    expect(bytes).toBeLessThan(3 * 1024);
    expect(code).not.toMatch(/jupyterlab|lumino/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
