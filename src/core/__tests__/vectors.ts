import { readFileSync } from 'fs';
import { join } from 'path';

import { ProtocolError } from '../errors';
import { type Form, type IUnit, LAST, MORE, WHOLE } from '../units';

/** A text or bytes, in the notation of the vectors. */
export type Notation =
  | string
  | { hex: string }
  | { repeat: Notation; times: number }
  | { join: Notation[] };

/** A unit, in the notation of the vectors. */
export interface IUnitCase {
  channel: number;
  payload: Notation;
  form: keyof typeof FORMS;
  cost: number;
}

export const FORMS = { whole: WHOLE, last: LAST, more: MORE } as const;

/** Return the cases of a group of the vectors that both test suites read. */
export function load<T>(name: string, group: string): (T & { name: string })[] {
  const path = join(__dirname, '../../../tests/vectors', `${name}.json`);
  return JSON.parse(readFileSync(path, 'utf-8'))[group];
}

/** Return the text or bytes that a notation stands for. */
export function expand(notation: Notation): string | Uint8Array {
  if (typeof notation === 'string') {
    return notation;
  }
  if ('hex' in notation) {
    return Uint8Array.from(notation.hex.match(/../g) ?? [], octet =>
      parseInt(octet, 16)
    );
  }
  const parts =
    'join' in notation
      ? notation.join.map(expand)
      : Array<string | Uint8Array>(notation.times).fill(
          expand(notation.repeat)
        );
  return glue(parts);
}

/** Put texts, or bytes, behind each other. */
export function glue(parts: (string | Uint8Array)[]): string | Uint8Array {
  return typeof parts[0] === 'string'
    ? parts.join('')
    : Uint8Array.from(Buffer.concat(parts as Uint8Array[]));
}

/** Return bytes as a text, which jest compares a hundred times faster. */
export function plain<T>(payload: T): T | string {
  return payload instanceof Uint8Array
    ? `bytes ${Buffer.from(payload).toString('hex')}`
    : payload;
}

/** Return units with payloads that are quick to compare. */
export function plainUnits(units: unknown): unknown[] {
  return (units as IUnit[]).map(unit => ({
    ...unit,
    payload: plain(unit.payload)
  }));
}

/** Return the unit that a case stands for. */
export function expandUnit(unit: IUnitCase): IUnit {
  const payload = expand(unit.payload);
  const size = Buffer.from(payload).length;
  return { ...unit, payload, form: FORMS[unit.form], size };
}

/** Make a unit, measuring its payload by other means than the code under test. */
export function makeUnit(
  payload: string | Uint8Array,
  form: Form,
  channel = 1
): IUnit {
  const size = Buffer.from(payload).length;
  const units = Math.max(1, Math.ceil(size / (16 * 1024)));
  return { channel, payload, form, size, cost: size + 16 * units };
}

/** Return the rule that a call finds broken, or nothing; other errors pass. */
export function brokenRule(call: () => unknown): string | null {
  try {
    call();
  } catch (error) {
    if (error instanceof ProtocolError) {
      return error.rule;
    }
    throw error;
  }
  return null;
}

/** Return a name as TypeScript spells it. */
export function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase());
}

/** Return an object with its names as TypeScript spells them. */
export function camelCaseNames<T>(members: Record<string, unknown>): T {
  return Object.fromEntries(
    Object.entries(members).map(([name, value]) => [camelCase(name), value])
  ) as T;
}
