import { expect, test } from '@playwright/test';

import { Model } from '../helpers/model';
import { PackageServer } from '../helpers/package-server';
import { Wire } from '../helpers/wire';
import { pass } from './faults';
import {
  type IPackage,
  modelProperties,
  notebookIntelligence
} from './packages';

/** The same with a model that completes what is typed, and none to chat with. */
const completing: IPackage = {
  ...notebookIntelligence,
  files: modelUrl => ({
    '.jupyter/nbi/config.json': JSON.stringify({
      chat_model: { provider: 'none', model: 'none' },
      inline_completion_model: {
        provider: 'openai-compatible',
        model: 'openai-compatible-inline-completion-model',
        properties: modelProperties(modelUrl)
      }
    })
  })
};

test('what is typed during an outage is completed after it, and asked for once', async ({
  page
}) => {
  test.setTimeout(300_000);
  const model = await Model.start();
  const server = await PackageServer.start({
    tested: completing,
    modelUrl: model.url,
    guarded: true
  });
  const wire = await Wire.to(server.url);
  try {
    await page.goto(`${wire.url}/lab?reset`);
    await page.locator('.jp-Launcher').waitFor();
    await page.evaluate(async () => {
      const { commands } = window.jupyterapp;
      await commands.execute('notebook:create-new', { kernelName: 'python3' });
    });
    const cell = page.locator('.jp-Notebook .jp-Cell .cm-content').first();
    const type = async (name: string) => {
      await cell.click();
      await page.keyboard.press('Control+a');
      await page.keyboard.type(`x = 1 # count 3 as ${name}`);
    };
    const completed = (name: string) =>
      expect(page.locator('.jp-GhostText')).toContainText(
        `${name}0 ${name}1 ${name}2`
      );
    await type('first');
    await completed('first');

    await wire.refuse();
    await type('second');
    // What is typed has been sent into the outage by then.
    await pass(3);
    await wire.restore();
    await completed('second');

    await type('third');
    await completed('third');
    for (const name of ['second', 'third']) {
      const asked = model.asked.filter(({ conversation }) =>
        conversation.includes(`as ${name}`)
      );
      expect(asked).toHaveLength(1);
    }
  } finally {
    wire.close();
    await server.stop();
    model.stop();
  }
});
