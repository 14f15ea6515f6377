import { broken } from './errors';

/** Members of one kind of JSON object, each with the test it has to pass. */
export type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

/**
 * Read a JSON object whose member `type` tells its shape (F6).
 *
 * @param text - what came over the wire.
 * @param shapes - the known types.
 * @returns its type and the members of its shape; all others are ignored.
 * @throws ProtocolError if it is malformed, of unknown type, or a member is
 * missing or wrong.
 */
export function readMembers<T>(
  text: string,
  shapes: Readonly<Record<string, Shape>>
): T {
  let members: Record<string, unknown>;
  try {
    members = JSON.parse(text);
  } catch {
    broken('F6');
  }
  // `null` has no member to ask for; arrays have none named `type`.
  const type = members?.type as string;
  if (!Object.keys(shapes).includes(type)) {
    broken('F6');
  }
  const read: Record<string, unknown> = { type };
  for (const name of Object.keys(shapes[type])) {
    read[name] = members[name];
    if (!shapes[type][name](read[name])) {
      broken('F6', `bad ${name}`);
    }
  }
  return read as T;
}

/** Whether a value is a string. */
export const isText = (value: unknown): value is string =>
  typeof value === 'string';

/** Whether a value is a boolean. */
export const isFlag = (value: unknown): value is boolean =>
  typeof value === 'boolean';

/** Whether a value is an object, neither `null` nor an array. */
export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && !!value && !Array.isArray(value);

/** Whether a value is an integer that the wire can carry. */
export const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && (value as number) >= 0;
