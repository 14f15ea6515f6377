/**
 * The measurements take parts of the page, which no other test bundles from there.
 */
import { spawnSync } from 'child_process';

/** Bundles as `bench/run` does, and removes what came of it. */
const BUNDLE = `
import { rmSync } from 'node:fs';
import { bundlePage } from './bench/src/bundle.js';
const { folder } = await bundlePage();
rmSync(folder, { recursive: true });
`;

it('the measurements bundle the page for Node.js and for a browser', () => {
  const { status, stderr } = spawnSync(
    'node',
    ['--input-type=module', '--eval', BUNDLE],
    { encoding: 'utf8' }
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
});
