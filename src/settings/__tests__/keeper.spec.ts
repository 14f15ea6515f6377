import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { SettingRegistry } from '@jupyterlab/settingregistry';
import type { IDataConnector } from '@jupyterlab/statedb';

import schema from '../../../schema/plugin.json';
import type { IConnectionSettings } from '../../tokens';
import type { ISettingProblem } from '../fields';
import { SettingsKeeper } from '../keeper';
import { DEFAULT_SETTINGS } from './defaults';

const id = 'jupyter-ai-ws:plugin';

/** Keeps one settings file, and answers as the server does. */
class FileConnector {
  constructor(public raw: string) {}

  async fetch() {
    // The server says 500 when it cannot parse the file.
    const settings = JSON.parse(this.raw.replace(/^ *\/\/.*$/gm, ''));
    return { id, schema, raw: this.raw, settings, version: '1' };
  }

  async list() {
    return { ids: [id], values: [] };
  }

  async save(_: string, raw: string) {
    this.raw = raw;
  }

  async remove() {
    this.raw = '{}';
  }
}

describe('SettingsKeeper', () => {
  let registry: ISettingRegistry;
  let applied: IConnectionSettings[];
  let complaints: (readonly ISettingProblem[])[];
  let keeper: SettingsKeeper;

  const load = async (raw: string) => {
    const connector = new FileConnector(raw) as unknown as IDataConnector<
      ISettingRegistry.IPlugin,
      string,
      string
    >;
    registry = new SettingRegistry({ connector });
    keeper = new SettingsKeeper({
      id,
      registry,
      apply: settings => applied.push(settings),
      complain: problems => complaints.push(problems)
    });
    await keeper.load();
  };

  beforeEach(() => {
    applied = [];
    complaints = [];
    jest.spyOn(console, 'warn').mockImplementation();
  });

  afterEach(() => {
    keeper.dispose();
    jest.restoreAllMocks();
  });

  it('applies what is in the file over the defaults', async () => {
    await load('{"maxAttempts": 7}');
    expect(applied).toEqual([{ ...DEFAULT_SETTINGS, maxAttempts: 7 }]);
    expect(complaints).toEqual([]);
  });

  it('applies changes at once', async () => {
    await load('{}');
    await registry.set(id, 'heartbeatIntervalMs', 2000);
    expect(applied[applied.length - 1].heartbeatIntervalMs).toBe(2000);
    await registry.remove(id, 'heartbeatIntervalMs');
    expect(applied[applied.length - 1]).toEqual(DEFAULT_SETTINGS);
  });

  it('takes the good values of a file with bad ones, and complains once', async () => {
    await load('{"maxAttempts": 7, "heartbeatIntervalMs": "often", "x": 1}');
    expect(applied).toEqual([{ ...DEFAULT_SETTINGS, maxAttempts: 7 }]);
    expect(complaints).toHaveLength(1);
    expect(complaints[0].map(({ key }) => key)).toEqual([
      'x',
      'heartbeatIntervalMs'
    ]);
  });

  it('can change the settings of a file that was mended', async () => {
    await load('{"maxAttempts": 7, "heartbeatIntervalMs": "often"}');
    await registry.set(id, 'baseDelayMs', 500);
    expect(applied[applied.length - 1]).toEqual({
      ...DEFAULT_SETTINGS,
      maxAttempts: 7,
      baseDelayMs: 500
    });
  });

  it('does not let the registry save a bad value', async () => {
    await load('{}');
    await expect(registry.set(id, 'maxAttempts', -1)).rejects.toThrow();
    await registry.reload(id);
    expect(applied[applied.length - 1]).toEqual(DEFAULT_SETTINGS);
  });

  it('keeps the defaults when the file is not JSON, and complains once', async () => {
    await load('{"maxAttempts": ');
    expect(applied).toEqual([]);
    expect(complaints).toEqual([[]]);
  });

  it('keeps the defaults when the file is no object, and complains once', async () => {
    // Where the schema says what it has to be the server hands out an empty one.
    expect(schema).not.toHaveProperty('type');
    await load('[1, 2]');
    expect(applied).toEqual([DEFAULT_SETTINGS]);
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toMatchObject([{ key: '' }]);
  });

  it('follows no more when disposed of', async () => {
    await load('{}');
    keeper.dispose();
    await registry.set(id, 'maxAttempts', 9).catch(() => undefined);
    expect(applied).toHaveLength(1);
    expect(keeper.isDisposed).toBe(true);
  });
});
