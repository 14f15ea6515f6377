import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import {
  ANSWER_TIMEOUT_MS,
  BASE_DELAY_MS,
  DELAY_CAP_MS,
  HEARTBEAT_INTERVAL_MS,
  HIDDEN_HEARTBEAT_INTERVAL_MS,
  MAX_ATTEMPTS
} from '../core/limits';
import type { IConnectionSettings } from '../tokens';

/** What is wrong with a setting, and what was taken instead. */
export interface ISettingProblem {
  /** The setting; empty when the whole is not an object. */
  readonly key: string;
  /** `type`: not of the right type; `range`: too small or large; `unknown`: no such setting. */
  readonly kind: 'type' | 'range' | 'unknown';
  /** The value in force instead; undefined for an unknown setting. */
  readonly used: number | boolean | undefined;
}

/** What was read: always whole and valid. */
export interface ISettingsReading {
  readonly settings: IConnectionSettings;
  readonly problems: ReadonlyArray<ISettingProblem>;
}

/**
 * Puts a text of the schema into the language of the page. `key` names the
 * setting whose effect it describes; empty: it is a title.
 */
export type SettingText = (text: string, key: string) => string;

/** What a setting may be. */
export interface INumberField {
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
}

/** The settings that are numbers, in the order of the editor. All are whole numbers. */
export const NUMBER_FIELDS = {
  heartbeatIntervalMs: {
    minimum: 1000,
    maximum: 60000,
    default: HEARTBEAT_INTERVAL_MS
  },
  hiddenHeartbeatIntervalMs: {
    minimum: 5000,
    maximum: 120000,
    default: HIDDEN_HEARTBEAT_INTERVAL_MS
  },
  answerTimeoutMs: {
    minimum: 1000,
    maximum: 30000,
    default: ANSWER_TIMEOUT_MS
  },
  baseDelayMs: { minimum: 100, maximum: 60000, default: BASE_DELAY_MS },
  delayCapMs: { minimum: 1000, maximum: 300000, default: DELAY_CAP_MS },
  maxAttempts: { minimum: 0, maximum: 100, default: MAX_ATTEMPTS }
} as const satisfies Record<string, INumberField>;

/** The settings that are switches, with their defaults. */
export const SWITCH_FIELDS = {
  retryWhileAsking: true,
  adaptToProxy: true,
  replaceServerErrorDialog: true
} as const;

/**
 * Read the settings, whatever they are.
 *
 * @param composite - Defaults and the user's values, as the registry merges
 * them; any value at all is taken.
 * @returns Valid settings. What is missing has its default; what has the wrong
 * type has its default; a number out of range is the nearest bound. One bad
 * value never costs another.
 *
 * #### Notes
 * Two rules hold between settings and are kept silently: a hidden page's
 * heartbeat is never shorter than a visible one's, and the cap of the delay is
 * never below the first delay.
 */
export function readSettings(composite: unknown): ISettingsReading {
  const problems: ISettingProblem[] = [];
  const values = isObject(composite) ? composite : {};
  if (!isObject(composite)) {
    problems.push({ key: '', kind: 'type', used: undefined });
  }
  for (const key of Object.keys(values)) {
    if (
      !Object.hasOwn(NUMBER_FIELDS, key) &&
      !Object.hasOwn(SWITCH_FIELDS, key)
    ) {
      problems.push({ key, kind: 'unknown', used: undefined });
    }
  }
  const number = (key: keyof typeof NUMBER_FIELDS): number =>
    readNumber(key, values, NUMBER_FIELDS[key], problems);
  const heartbeatIntervalMs = number('heartbeatIntervalMs');
  const hiddenHeartbeatIntervalMs = number('hiddenHeartbeatIntervalMs');
  const answerTimeoutMs = number('answerTimeoutMs');
  const baseDelayMs = number('baseDelayMs');
  const delayCapMs = number('delayCapMs');
  return {
    settings: {
      heartbeatIntervalMs,
      hiddenHeartbeatIntervalMs: Math.max(
        heartbeatIntervalMs,
        hiddenHeartbeatIntervalMs
      ),
      answerTimeoutMs,
      baseDelayMs,
      delayCapMs: Math.max(baseDelayMs, delayCapMs),
      maxAttempts: number('maxAttempts'),
      retryWhileAsking: readSwitch('retryWhileAsking', values, problems),
      adaptToProxy: readSwitch('adaptToProxy', values, problems),
      replaceServerErrorDialog: readSwitch(
        'replaceServerErrorDialog',
        values,
        problems
      )
    },
    problems
  };
}

/**
 * Make a plugin's settings valid before the registry judges them.
 *
 * @param plugin - The plugin as it was fetched.
 * @param say - Puts the texts of the schema into the language of the page.
 * @returns The plugin with the strict schema and with only good values, and
 * what was wrong with the user's.
 *
 * #### Notes
 * The schema in the package is lenient on purpose. Server and registry throw a
 * settings file away as a whole when one value in it is bad; with this transform
 * only the bad value goes. The editor gets the strict schema and so refuses bad
 * values while they are typed.
 */
export function mendPlugin(
  plugin: ISettingRegistry.IPlugin,
  say: SettingText = text => text
): {
  plugin: ISettingRegistry.IPlugin;
  problems: ReadonlyArray<ISettingProblem>;
} {
  const schema = strictSchema(plugin.schema, say);
  // The server sends what it has parsed beside the text with its comments.
  const user = plugin.settings;
  const { problems } = readSettings(user ?? {});
  if (!problems.length) {
    return { plugin: { ...plugin, schema }, problems };
  }
  const good: Record<string, number | boolean> = {};
  for (const [key, value] of Object.entries(isObject(user) ? user : {})) {
    const problem = problems.find(each => each.key === key);
    if (!problem) {
      good[key] = value as number | boolean;
    } else if (problem.kind === 'range') {
      good[key] = problem.used!;
    }
  }
  const raw = JSON.stringify(good, null, 4);
  return { plugin: { ...plugin, schema, raw, settings: good }, problems };
}

/**
 * Add to the packaged schema what a single value has to be.
 *
 * @param schema - The packaged schema, whose defaults a deployment may have
 * overridden, well or badly.
 */
function strictSchema(
  schema: ISettingRegistry.ISchema,
  say: SettingText
): ISettingRegistry.ISchema {
  const defaults: Record<string, unknown> = {};
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    defaults[key] = property.default;
  }
  const { problems } = readSettings(defaults);
  const properties: Record<string, ISettingRegistry.IProperty> = {};
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const problem = problems.find(each => each.key === key);
    properties[key] = {
      ...property,
      title: say(property.title ?? key, ''),
      description: say(property.description ?? '', key),
      ...(problem?.used === undefined ? {} : { default: problem.used }),
      ...constraint(key)
    };
  }
  return {
    ...schema,
    title: say(schema.title ?? '', ''),
    description: say(schema.description ?? '', ''),
    properties,
    // Not in the packaged schema: of a file that is none the server tells nothing.
    type: 'object',
    additionalProperties: false
  };
}

/** What a value of this setting has to be, as JSON schema. */
function constraint(key: string): Partial<ISettingRegistry.IProperty> {
  if (Object.hasOwn(SWITCH_FIELDS, key)) {
    return { type: 'boolean' };
  }
  const field = NUMBER_FIELDS[key as keyof typeof NUMBER_FIELDS];
  return {
    // The registry's types do not know that JSON schema has whole numbers.
    type: 'integer' as ISettingRegistry.Primitive,
    minimum: field.minimum,
    maximum: field.maximum
  };
}

function readNumber(
  key: string,
  values: Record<string, unknown>,
  field: INumberField,
  problems: ISettingProblem[]
): number {
  const value = values[key];
  if (value === undefined) {
    return field.default;
  }
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    problems.push({ key, kind: 'type', used: field.default });
    return field.default;
  }
  const used = Math.min(Math.max(value, field.minimum), field.maximum);
  if (used !== value) {
    problems.push({ key, kind: 'range', used });
  }
  return used;
}

function readSwitch(
  key: keyof typeof SWITCH_FIELDS,
  values: Record<string, unknown>,
  problems: ISettingProblem[]
): boolean {
  const value = values[key];
  if (typeof value === 'boolean') {
    return value;
  }
  if (value !== undefined) {
    problems.push({ key, kind: 'type', used: SWITCH_FIELDS[key] });
  }
  return SWITCH_FIELDS[key];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
