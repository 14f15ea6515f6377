import { expect, test } from '@playwright/test';
import { execFileSync } from 'child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from 'fs';
import { tmpdir } from 'os';
import { join, resolve } from 'path';

import { LabServer } from '../helpers/lab-server';
import { followComplaints, statusItem } from '../helpers/test';

/**
 * Extensions that import `jupyter-ai-ws` and say nothing of it under
 * `sharedPackages`: JupyterLab's builder bundles what they import.
 */
const TREE = resolve(__dirname, '..', '..');

/** What such an extension does; its name goes in. */
const CODE = `
import { IAIConnection } from 'jupyter-ai-ws';
export default {
  id: 'NAME:plugin',
  autoStart: true,
  optional: [IAIConnection],
  activate: (app, connection) => {
    (window.others ??= {})['NAME'] = connection;
  }
};`;

// JupyterLab loads extensions in the order of their names.
const OTHERS = { 'a-first': '', 'b-newer': '99.0.0', 'z-last': '' };
type Name = keyof typeof OTHERS;

let folder: string;

test.beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'other-extensions-'));
  for (const [name, version] of Object.entries(OTHERS)) {
    build(name, version);
  }
});

test.afterAll(() => rmSync(folder, { recursive: true }));

/** Build an extension with this package, as if of another version if given. */
function build(name: string, version: string): void {
  const own = join(folder, name);
  const modules = join(own, 'node_modules');
  const packed = join(modules, 'jupyter-ai-ws');
  mkdirSync(modules, { recursive: true });
  for (const scope of ['@jupyterlab', '@lumino']) {
    symlinkSync(join(TREE, 'node_modules', scope), join(modules, scope));
  }
  cpSync(join(TREE, 'lib'), join(packed, 'lib'), { recursive: true });
  const ours = JSON.parse(readFileSync(join(TREE, 'package.json'), 'utf8'));
  write(join(packed, 'package.json'), {
    ...ours,
    version: version || ours.version
  });
  write(join(own, 'package.json'), {
    name,
    version: '1.0.0',
    main: 'index.js',
    dependencies: { 'jupyter-ai-ws': `^${version || ours.version}` },
    devDependencies: ours.devDependencies,
    jupyterlab: { extension: true, outputDir: 'labextension' }
  });
  writeFileSync(join(own, 'index.js'), CODE.replaceAll('NAME', name));
  execFileSync('jupyter-builder', ['build', '.'], { cwd: own });
}

function write(path: string, content: unknown): void {
  writeFileSync(path, JSON.stringify(content));
}

/** Where JupyterLab finds some of them. */
function pathTo(names: readonly Name[]): string {
  const path = mkdtempSync(join(folder, 'path-'));
  for (const name of names) {
    symlinkSync(join(folder, name, 'labextension'), join(path, name));
  }
  return path;
}

for (const names of [
  ['a-first'],
  ['z-last'],
  ['a-first', 'b-newer', 'z-last']
] as Name[][]) {
  test(`the connection reaches ${names.join(', ')}`, async ({ page }) => {
    const server = await LabServer.start({
      config: `c.LabApp.extra_labextensions_path = [${JSON.stringify(pathTo(names))}]`
    });
    try {
      const complaints = followComplaints(page);
      await page.goto(`${server.url}/lab`);
      await expect(statusItem(page)).toHaveText('AI connection: connected');
      const seen = await page.evaluate(() => {
        const { others } = window as never as {
          others: Record<string, { WebSocket: unknown } | null>;
        };
        const [first] = Object.values(others);
        return {
          names: Object.keys(others).sort(),
          one: Object.values(others).every(each => each && each === first),
          guarded: first?.WebSocket === window.WebSocket,
          early: Symbol.for('jupyter_ai_ws.guard') in window
        };
      });
      expect(seen).toEqual({
        names,
        one: true,
        guarded: true,
        early: true
      });
      expect(complaints).toEqual([]);
    } finally {
      await server.stop();
    }
  });
}

test('extensions that only may use the connection work where it is not installed', async ({
  page
}) => {
  const names = Object.keys(OTHERS) as Name[];
  const server = await LabServer.start({
    config: `
c.LabApp.labextensions_path = [${JSON.stringify(pathTo(names))}]
c.ServerApp.jpserver_extensions = {"peer": True, "jupyter_ai_ws": False}`
  });
  try {
    const complaints = followComplaints(page);
    await page.goto(`${server.url}/lab`);
    await expect(page.locator('.jp-Launcher')).toBeVisible();
    expect(
      await page.evaluate(() => (window as never as { others: object }).others)
    ).toEqual({ 'a-first': null, 'b-newer': null, 'z-last': null });
    await expect(statusItem(page)).toHaveCount(0);
    expect(
      await page.evaluate(() => Symbol.for('jupyter_ai_ws.guard') in window)
    ).toBe(false);
    expect(complaints).toEqual([]);
  } finally {
    await server.stop();
  }
});
