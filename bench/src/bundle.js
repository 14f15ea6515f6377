import { build } from 'esbuild';
import { mkdtempSync } from 'fs';
import { tmpdir } from 'os';
import { join } from 'path';
import { fileURLToPath } from 'url';

const entry = fileURLToPath(new URL('page-entry.js', import.meta.url));
const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Bundle the page's half for Node and for a browser; return the paths of both. */
export async function bundlePage() {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const node = join(folder, 'page.cjs');
  const browser = join(folder, 'page.js');
  const options = {
    entryPoints: [entry],
    bundle: true,
    nodePaths: [modules],
    logLevel: 'error'
  };
  await build({ ...options, platform: 'node', format: 'cjs', outfile: node });
  await build({
    ...options,
    platform: 'browser',
    format: 'iife',
    globalName: 'bench',
    outfile: browser
  });
  return { folder, node, browser };
}
