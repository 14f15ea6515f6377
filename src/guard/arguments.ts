import { utf8Length } from '../core/text';

/** RFC 6455, 5.5: a control frame has 125 bytes, two of them the code. */
const REASON_LIMIT_BYTES = 123;

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
  refuseSymbol(code, 'close', 'number');
  refuseSymbol(reason, 'close', 'string');
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
 * @throws TypeError for a view of shared memory.
 */
export function sendArgument(data: unknown): string | Uint8Array | Blob {
  refuseSymbol(data, 'send', 'string');
  if (ArrayBuffer.isView(data)) {
    if (kindOf(data.buffer) === 'SharedArrayBuffer') {
      throw new TypeError(
        "Failed to execute 'send' on 'WebSocket': The provided ArrayBufferView value must not be shared."
      );
    }
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }
  switch (kindOf(data)) {
    case 'ArrayBuffer':
      return new Uint8Array(data as ArrayBuffer);
    case 'Blob':
    case 'File':
      return data as Blob;
    default:
      return `${data}`;
  }
}

/** Count the bytes that a message takes in `bufferedAmount`. */
export function sizeOf(data: string | Uint8Array | Blob): number {
  if (typeof data === 'string') {
    return utf8Length(data);
  }
  return data instanceof Uint8Array ? data.byteLength : data.size;
}

/** The nearest unsigned short, cut to a whole one as Chromium does. */
function clampedShort(value: unknown): number {
  return Math.trunc(Math.min(Math.max(Number(value) || 0, 0), 65535));
}

/** Refuse the one value that nothing converts, in the browser's words. */
function refuseSymbol(value: unknown, method: string, type: string): void {
  if (typeof value === 'symbol') {
    throw new TypeError(
      `Failed to execute '${method}' on 'WebSocket': Cannot convert a Symbol value to a ${type}`
    );
  }
}

function kindOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}
