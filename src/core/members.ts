import { ProtocolError } from './errors';
import { MAX_INTEGER } from './limits';

/** The members of one JSON object, each asked for with its type (F6). */
export class Members {
  /**
   * @param text - what came over the wire.
   * @throws ProtocolError if it is not a JSON object.
   */
  constructor(text: string) {
    try {
      this._members = JSON.parse(text);
    } catch {
      throw new ProtocolError('F6', 'malformed JSON');
    }
    if (!isObject(this._members)) {
      throw new ProtocolError('F6', 'not a JSON object');
    }
  }

  /** Whether there is such a member. */
  has(name: string): boolean {
    return name in this._members;
  }

  /** A string member. */
  text(name: string): string {
    return this._get(name, value => typeof value === 'string');
  }

  /** A boolean member. */
  flag(name: string): boolean {
    return this._get(name, value => typeof value === 'boolean');
  }

  /** An integer member within its range. */
  integer(name: string, least = 0, most = MAX_INTEGER): number {
    return this._get<number>(name, value => isInteger(value, least, most));
  }

  /** An object member. */
  object(name: string): Record<string, unknown> {
    return this._get(name, isObject);
  }

  /** An object member whose members are integers. */
  integers(name: string): Record<string, number> {
    return this._get(
      name,
      value =>
        isObject(value) &&
        Object.values(value).every(number => isInteger(number, 0, MAX_INTEGER))
    );
  }

  private _get<T>(name: string, fits: (value: unknown) => boolean): T {
    const value = this._members[name];
    if (!fits(value)) {
      throw new ProtocolError('F6', `member ${name} is missing or wrong`);
    }
    return value as T;
  }

  private readonly _members: Record<string, unknown>;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && !!value && !Array.isArray(value);
}

function isInteger(value: unknown, least: number, most: number): boolean {
  return (
    Number.isInteger(value) &&
    (value as number) >= least &&
    (value as number) <= most
  );
}
