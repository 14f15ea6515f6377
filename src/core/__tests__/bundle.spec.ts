import { spawnSync } from 'child_process';

/** Bundle the core as a page would load it, and minify it. */
function bundle(): Buffer {
  const { status, stdout } = spawnSync('node_modules/.bin/esbuild', [
    'src/core/connector.ts',
    '--bundle',
    '--minify',
    '--format=esm',
    '--target=es2022',
    '--packages=external'
  ]);
  expect(status).toBe(0);
  return stdout;
}

describe('the core', () => {
  it('should take at most 8 KiB of the page, gzipped', () => {
    const { status, stdout } = spawnSync('gzip', ['-9'], { input: bundle() });
    expect(status).toBe(0);
    expect(stdout.length).toBeGreaterThan(4_096);
    expect(stdout.length).toBeLessThanOrEqual(8_192);
  });

  it('should depend on no package', () => {
    expect(`${bundle()}`).not.toMatch(/\bimport\b|\brequire\(/);
  });
});
