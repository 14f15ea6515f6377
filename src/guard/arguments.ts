import { REASON_LIMIT_BYTES } from '../core/limits';
import { utf8Length } from '../core/text';

const byteLengthOf = getterOf(ArrayBuffer, 'byteLength');
const blobSizeOf = getterOf(Blob, 'size') as () => number;
// Of a page that may put something else in its place, or on a blob.
const readBlob = Blob.prototype.arrayBuffer;

/**
 * Convert and check the arguments of `close` as the browser does.
 *
 * @throws DOMException `InvalidAccessError` for a code that a page may not send,
 * `SyntaxError` for a reason of more than 123 bytes.
 */
export function closeArguments(
  code: unknown,
  reason: unknown
): { code: number | undefined; reason: string } {
  refuse('symbol', code, 'close', 'number');
  refuse('bigint', code, 'close', 'number');
  refuse('symbol', reason, 'close', 'string');
  const number = code === undefined ? undefined : clampedShort(code);
  const text = reason === undefined ? '' : `${reason}`;
  if (
    number !== undefined &&
    number !== 1000 &&
    (number < 3000 || number > 4999)
  ) {
    throw new DOMException(
      `Failed to execute 'close' on 'WebSocket': The close code must be either 1000, or between 3000 and 4999. ${number} is neither.`,
      'InvalidAccessError'
    );
  }
  if (utf8Length(text) > REASON_LIMIT_BYTES) {
    throw new DOMException(
      `Failed to execute 'close' on 'WebSocket': The close reason must not be greater than ${REASON_LIMIT_BYTES} UTF-8 bytes.`,
      'SyntaxError'
    );
  }
  return { code: number, reason: text };
}

/**
 * Convert the argument of `send` as the browser does.
 *
 * @returns text, bytes (still the caller's own), or a blob.
 * @throws TypeError for shared memory and its views, and for memory that may be resized.
 */
export function sendArgument(data: unknown): string | Uint8Array | Blob {
  if (typeof data === 'string') {
    return data;
  }
  refuse('symbol', data, 'send', 'string');
  if (ArrayBuffer.isView(data)) {
    if (!has(byteLengthOf, data.buffer)) {
      throw new TypeError(
        "Failed to execute 'send' on 'WebSocket': The provided ArrayBufferView value must not be shared."
      );
    }
    refuseResizable(data.buffer, 'ArrayBufferView');
    return bytesOf(
      () => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    );
  }
  if (has(byteLengthOf, data)) {
    refuseResizable(data as ArrayBuffer, 'ArrayBuffer');
    return bytesOf(() => new Uint8Array(data as ArrayBuffer));
  }
  if (isSharedBuffer(data)) {
    throw new TypeError(
      "Failed to execute 'send' on 'WebSocket': parameter 1 is not of type 'ArrayBuffer'."
    );
  }
  return has(blobSizeOf, data) ? (data as Blob) : `${data}`;
}

/** Count the bytes that a message takes in `bufferedAmount`. */
export function sizeOf(data: string | Uint8Array | Blob): number {
  if (typeof data === 'string') {
    return utf8Length(data);
  }
  return data instanceof Uint8Array ? data.byteLength : blobSizeOf.call(data);
}

/** Read what is to be sent; null: it cannot be read. */
export async function recordOf(
  data: string | Uint8Array | Blob
): Promise<string | Uint8Array | null> {
  try {
    return isRecord(data) ? data : new Uint8Array(await readBlob.call(data));
  } catch {
    return null;
  }
}

/** Whether it need not be read first. */
export function isRecord(
  data: string | Uint8Array | Blob
): data is string | Uint8Array {
  return typeof data === 'string' || data instanceof Uint8Array;
}

/** The nearest unsigned short, cut to a whole one as Chromium does. */
function clampedShort(value: unknown): number {
  // Not by `Number`, which takes a BigInt.
  return Math.trunc(Math.min(Math.max(+(value as number) || 0, 0), 65535));
}

/** Refuse what does not convert, in the browser's words. */
function refuse(
  kind: 'symbol' | 'bigint',
  value: unknown,
  method: string,
  type: string
): void {
  if (typeof value === kind) {
    const name = kind === 'symbol' ? 'Symbol' : 'BigInt';
    throw new TypeError(
      `Failed to execute '${method}' on 'WebSocket': Cannot convert a ${name} value to a ${type}`
    );
  }
}

function refuseResizable(buffer: ArrayBufferLike, type: string): void {
  if ((buffer as { resizable?: boolean }).resizable) {
    throw new TypeError(
      `Failed to execute 'send' on 'WebSocket': The provided ${type} value must not be resizable.`
    );
  }
}

/** The bytes; a buffer that was transferred elsewhere has none. */
function bytesOf(read: () => Uint8Array): Uint8Array {
  try {
    return read();
  } catch {
    return new Uint8Array();
  }
}

/** Whether it has what the getter reads: not by a name, which anything may bear. */
function has(getter: () => unknown, value: unknown): boolean {
  try {
    getter.call(value);
    return true;
  } catch {
    return false;
  }
}

/** Whether it is shared memory, for which a page may have no class. */
function isSharedBuffer(value: unknown): boolean {
  try {
    return !has(byteLengthOf, new DataView(value as ArrayBuffer).buffer);
  } catch {
    return false;
  }
}

/** The getter of an attribute. */
function getterOf(type: { prototype: object }, name: string): () => unknown {
  return Object.getOwnPropertyDescriptor(type.prototype, name)!.get!;
}
