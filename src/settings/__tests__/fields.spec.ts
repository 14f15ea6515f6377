import { readFileSync } from 'fs';

import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import { DefaultSchemaValidator } from '@jupyterlab/settingregistry';
import fc from 'fast-check';

import schema from '../../../schema/plugin.json';
import {
  mendPlugin,
  NUMBER_FIELDS,
  readSettings,
  SWITCH_FIELDS
} from '../fields';
import { DEFAULT_SETTINGS } from './defaults';

const FIELDS = { ...NUMBER_FIELDS, ...SWITCH_FIELDS };

/** Any JSON, and objects that look like settings more often than chance would. */
const anything = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(
    fc.constantFrom(...Object.keys(FIELDS), 'unknown', '__proto__'),
    fc.oneof(fc.jsonValue(), fc.integer(), fc.boolean(), fc.double())
  )
);

describe('readSettings()', () => {
  it('gives the documented defaults when there is nothing', () => {
    expect(readSettings({})).toEqual({
      settings: {
        heartbeatIntervalMs: 5000,
        hiddenHeartbeatIntervalMs: 25000,
        answerTimeoutMs: 3000,
        baseDelayMs: 1000,
        delayCapMs: 8000,
        maxAttempts: 5,
        retryWhileAsking: true,
        adaptToProxy: true,
        replaceServerErrorDialog: true
      },
      problems: []
    });
  });

  it('gives valid settings for any JSON', () => {
    fc.assert(
      fc.property(anything, composite => {
        const { settings } = readSettings(composite);
        for (const [key, field] of Object.entries(NUMBER_FIELDS)) {
          const value = settings[key as keyof typeof NUMBER_FIELDS];
          expect(Number.isInteger(value)).toBe(true);
          expect(value).toBeGreaterThanOrEqual(field.minimum);
          expect(value).toBeLessThanOrEqual(field.maximum);
        }
        expect(typeof settings.retryWhileAsking).toBe('boolean');
        expect(settings.hiddenHeartbeatIntervalMs).toBeGreaterThanOrEqual(
          settings.heartbeatIntervalMs
        );
        expect(settings.delayCapMs).toBeGreaterThanOrEqual(
          settings.baseDelayMs
        );
        expect(Object.keys(settings).sort()).toEqual(
          Object.keys(FIELDS).sort()
        );
      })
    );
  });

  it('finds nothing wrong with what it gave', () => {
    fc.assert(
      fc.property(anything, composite => {
        const { settings } = readSettings(composite);
        expect(readSettings(settings)).toEqual({ settings, problems: [] });
      })
    );
  });

  it('never lets one bad value cost another', () => {
    const composite = {
      heartbeatIntervalMs: 'often',
      maxAttempts: 7,
      answerTimeoutMs: 999999,
      retryWhileAsking: 0,
      colour: 'blue'
    };
    expect(readSettings(composite)).toEqual({
      settings: {
        ...DEFAULT_SETTINGS,
        maxAttempts: 7,
        answerTimeoutMs: 30000
      },
      problems: [
        { key: 'colour', kind: 'unknown', used: undefined },
        { key: 'heartbeatIntervalMs', kind: 'type', used: 5000 },
        { key: 'answerTimeoutMs', kind: 'range', used: 30000 },
        { key: 'retryWhileAsking', kind: 'type', used: true }
      ]
    });
  });

  it.each([null, [], 'text', 5, undefined])(
    'takes %j as no settings',
    value => {
      expect(readSettings(value)).toEqual({
        settings: DEFAULT_SETTINGS,
        problems: [{ key: '', kind: 'type', used: undefined }]
      });
    }
  );

  it.each([NaN, Infinity, 5000.5, '5000', null, {}])(
    'takes the default for %j, which is no whole number',
    value => {
      const { settings } = readSettings({ heartbeatIntervalMs: value });
      expect(settings.heartbeatIntervalMs).toBe(5000);
    }
  );

  it('keeps a hidden page from asking more often than a visible one', () => {
    const reading = readSettings({ heartbeatIntervalMs: 60000 });
    expect(reading.settings.hiddenHeartbeatIntervalMs).toBe(60000);
    expect(reading.problems).toEqual([]);
  });

  it('keeps the cap at the first delay or above', () => {
    const { settings } = readSettings({ baseDelayMs: 20000 });
    expect(settings.delayCapMs).toBe(20000);
  });
});

describe('docs/reference/settings.md', () => {
  it('has a row for each setting, with name, unit, default and range', () => {
    const rows = readFileSync('docs/reference/settings.md', 'utf8')
      .split('\n')
      .filter(line => line.startsWith('| `'))
      .map(line =>
        line
          .split('|')
          .slice(1, 6)
          .map(cell => cell.trim())
      );
    expect(rows).toEqual(
      Object.entries(schema.properties).map(([key, { title }]) => {
        const field = FIELDS[key as keyof typeof FIELDS];
        if (typeof field === 'boolean') {
          return [`\`${key}\``, title, '', `${field}`, 'true, false'];
        }
        const { minimum, maximum } = field;
        const unit = key.endsWith('Ms') ? 'milliseconds' : 'attempts';
        const range = `${minimum} to ${maximum}`;
        return [`\`${key}\``, title, unit, `${field.default}`, range];
      })
    );
  });
});

describe('schema/plugin.json', () => {
  const properties: Record<string, { default: unknown; description: string }> =
    schema.properties;

  it('has the settings that are read, with the same defaults', () => {
    expect(Object.keys(properties).sort()).toEqual(Object.keys(FIELDS).sort());
    for (const [key, property] of Object.entries(properties)) {
      expect(property.default).toBe(
        DEFAULT_SETTINGS[key as keyof typeof FIELDS]
      );
    }
  });

  it('is grouped, and describes each effect in one sentence', () => {
    const groups = Object.values(schema.properties).map(({ title }) => {
      expect(title).toMatch(/^(Heartbeat|Reconnecting|Asking): [a-z]/);
      return title.split(':')[0];
    });
    expect(groups).toEqual([...groups].sort((a, b) => ORDER[a] - ORDER[b]));
    for (const { description } of Object.values(schema.properties)) {
      expect(description).toMatch(/^[A-Z][^.]*\.$/);
    }
  });

  it('states the range of each number, and its unit where it has one', () => {
    for (const [key, field] of Object.entries(NUMBER_FIELDS)) {
      const { description } = properties[key];
      expect(description).toContain(`(${field.minimum} to ${field.maximum}).`);
    }
    for (const [key, { title }] of Object.entries(schema.properties)) {
      expect(title.endsWith('(ms)')).toBe(key.endsWith('Ms'));
    }
  });
});

/** The order of the groups. */
const ORDER: Record<string, number> = {
  Heartbeat: 0,
  Reconnecting: 1,
  Asking: 2
};

describe('mendPlugin()', () => {
  /** What the server answers for a settings file. */
  const fetched = (user: unknown, raw = JSON.stringify(user)) =>
    ({
      id: 'jupyter-ai-ws:plugin',
      data: { composite: {}, user: {} },
      raw,
      schema,
      settings: user,
      version: '1'
    }) as unknown as ISettingRegistry.IPlugin;

  const validator = new DefaultSchemaValidator();
  const errors = (plugin: ISettingRegistry.IPlugin) =>
    validator.validateData(plugin);

  it('makes any settings file one that the registry takes', () => {
    fc.assert(
      fc.property(anything, user => {
        const { plugin } = mendPlugin(fetched(user ?? {}));
        expect(errors(plugin)).toBeNull();
        expect(readSettings(plugin.data.composite).problems).toEqual([]);
      }),
      { numRuns: 50 }
    );
  });

  it('keeps the good values and what was nearly good', () => {
    const user = {
      maxAttempts: 7,
      heartbeatIntervalMs: 1,
      baseDelayMs: '',
      x: 1
    };
    const { plugin, problems } = mendPlugin(fetched(user));
    expect(JSON.parse(plugin.raw)).toEqual({
      maxAttempts: 7,
      heartbeatIntervalMs: 1000
    });
    expect(problems.map(each => each.key)).toEqual([
      'x',
      'heartbeatIntervalMs',
      'baseDelayMs'
    ]);
  });

  it('leaves a good file as it is, with its comments', () => {
    const raw = '{ // mine\n "maxAttempts": 7 }';
    const { plugin, problems } = mendPlugin(fetched({ maxAttempts: 7 }, raw));
    expect(plugin.raw).toBe(raw);
    expect(problems).toEqual([]);
    expect(errors(plugin)).toBeNull();
  });

  it('makes the editor refuse bad values while they are typed', () => {
    const { plugin } = mendPlugin(fetched({}));
    for (const [key, value] of Object.entries({
      heartbeatIntervalMs: 999,
      maxAttempts: 1.5,
      retryWhileAsking: 'yes',
      unknown: 1
    })) {
      const edited = { ...plugin, raw: JSON.stringify({ [key]: value }) };
      expect(errors(edited)).not.toBeNull();
    }
  });

  it('is not upset by what it has mended already', () => {
    const once = mendPlugin(fetched({ maxAttempts: 1000 }));
    const twice = mendPlugin(once.plugin);
    expect(twice).toEqual({ plugin: once.plugin, problems: [] });
  });

  it('mends a default that a deployment has overridden badly', () => {
    const properties = {
      ...schema.properties,
      maxAttempts: { ...schema.properties.maxAttempts, default: 1000 },
      delayCapMs: { ...schema.properties.delayCapMs, default: 4000 }
    };
    const plugin = mendPlugin({
      ...fetched({}),
      schema: { ...schema, properties } as unknown as ISettingRegistry.ISchema
    }).plugin;
    // The validator keeps the first schema of an id.
    expect(new DefaultSchemaValidator().validateData(plugin)).toBeNull();
    expect(plugin.data.composite).toMatchObject({
      maxAttempts: 100,
      delayCapMs: 4000
    });
  });

  it('says titles and effects in the language of the page', () => {
    const say = (text: string, key: string) => `${key}<${text}>`;
    const { title, properties } = mendPlugin(fetched({}), say).plugin.schema;
    expect(title).toBe('<AI Connection>');
    expect(properties!.maxAttempts.title).toBe('<Asking: attempts before>');
    expect(properties!.maxAttempts.description).toMatch(/^maxAttempts<After/);
  });

  it('takes a server that sends the text only', () => {
    const plugin = fetched({ maxAttempts: 7 });
    delete plugin.settings;
    const mended = mendPlugin(plugin);
    expect(JSON.parse(mended.plugin.raw)).toEqual({ maxAttempts: 7 });
  });
});
