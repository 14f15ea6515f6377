/**
 * What extensions may give to the connection and to channels.
 *
 * #### Notes
 * Types do not hold at run time, and what is malformed on the wire ends the
 * session of every extension of the page. So it is checked here, before anything
 * is written.
 */
import type { JSONObject } from '@lumino/coreutils';

import { MAX_CODE, MIN_CODE, SERVICE_LIMIT_CHARACTERS } from '../core/limits';

/**
 * Objects and arrays of parameters within one another. Every JSON parser takes
 * many more.
 */
const MAX_DEPTH = 100;

/**
 * Check that something is a text.
 *
 * @param what - What to call it in the error.
 * @throws TypeError if it is not.
 */
export function checkText(what: string, value: unknown): void {
  if (typeof value !== 'string') {
    throw new TypeError(`${what}: a string, not ${kindOf(value)}`);
  }
}

/**
 * Check the name of a service.
 *
 * @throws TypeError if it is no text; RangeError if it has not 1 to 128
 * characters (Z4).
 */
export function checkService(service: unknown): void {
  checkText('service', service);
  const { length } = [...(service as string)];
  if (!length || length > SERVICE_LIMIT_CHARACTERS) {
    throw new RangeError(
      `service: 1 to ${SERVICE_LIMIT_CHARACTERS} characters, not ${length}`
    );
  }
}

/**
 * Copy the parameters of a channel, as JSON carries them.
 *
 * @throws TypeError if they are no object of JSON, or nested too deeply.
 */
export function copyParameters(parameters: unknown): JSONObject {
  const copy = JSON.parse(jsonOf(parameters));
  if (typeof copy !== 'object' || copy === null || Array.isArray(copy)) {
    throw new TypeError(
      `parameters: an object that is one in JSON, not ${kindOf(parameters)}`
    );
  }
  if (isDeeper(copy, MAX_DEPTH)) {
    throw tooDeep();
  }
  return copy;
}

/**
 * Check how a channel is to be closed; each part may be left out.
 *
 * @throws TypeError if the code is no integer or the reason no text; RangeError
 * if the code is not 1000 to 4999.
 */
export function checkEnd(code: unknown = MIN_CODE, reason: unknown = ''): void {
  const isInteger = Number.isInteger(code);
  if (!isInteger || Number(code) < MIN_CODE || Number(code) > MAX_CODE) {
    const problem = isInteger ? RangeError : TypeError;
    throw new problem(
      `code: an integer from ${MIN_CODE} to ${MAX_CODE}, not ${String(code)}`
    );
  }
  checkText('reason', reason);
}

/**
 * Make a record of what is sent: text as it is, binary data by its bytes.
 *
 * @returns for binary data a view, which the core copies.
 * @throws TypeError if it is neither; it must not be guessed at.
 */
export function recordOf(data: unknown): string | Uint8Array {
  if (typeof data === 'string') {
    return data;
  }
  if (ArrayBuffer.isView(data)) {
    // Not as it is: `Buffer.prototype.slice` does not copy.
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  if (isBuffer(data)) {
    return new Uint8Array(data);
  }
  throw new TypeError(
    `${kindOf(data)} cannot be sent: pass a string, an ArrayBuffer or a view of one; objects by JSON.stringify, a Blob by its arrayBuffer()`
  );
}

function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    // So deep that the stack does not do.
    throw error instanceof RangeError ? tooDeep() : error;
  }
}

function tooDeep(): TypeError {
  return new TypeError(
    `parameters: at most ${MAX_DEPTH} levels of objects and arrays; send what is deeper as a record`
  );
}

/** Whether objects and arrays of JSON are nested deeper. */
function isDeeper(value: unknown, levels: number): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (levels === 0 ||
      Object.values(value).some(each => isDeeper(each, levels - 1)))
  );
}

/** Whether it is a buffer, of whatever realm and kind. */
function isBuffer(value: unknown): value is ArrayBufferLike {
  return /^(Shared)?ArrayBuffer$/.test(tagOf(value));
}

/** What something is, for an error. */
function kindOf(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? tagOf(value)
    : typeof value === 'object'
      ? 'null'
      : typeof value;
}

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice('[object '.length, -1);
}
