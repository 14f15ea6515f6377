import { MessageChannel } from 'worker_threads';

import { closeArguments, sendArgument, sizeOf } from '../arguments';

/** Transfer a buffer elsewhere. */
function detach(buffer: ArrayBuffer): void {
  const { port1 } = new MessageChannel();
  port1.postMessage(null, [buffer]);
  port1.close();
}

describe('closeArguments()', () => {
  it.each<[unknown, unknown, number | undefined, string]>([
    [undefined, undefined, undefined, ''],
    [1000, undefined, 1000, ''],
    [4999, 'why', 4999, 'why'],
    ['3000', 3, 3000, '3'],
    [{ valueOf: (): number => 1000 }, null, 1000, 'null'],
    [1000.5, '', 1000, '']
  ])('takes %p, %p', (code, reason, number, text) => {
    expect(closeArguments(code, reason)).toEqual({
      code: number,
      reason: text
    });
  });

  it.each([null, NaN, 'x', 999, 1001, 2999.5, 5000, 66_536])(
    'refuses %p',
    code => {
      expect(() => closeArguments(code, '')).toThrow(
        expect.objectContaining({ name: 'InvalidAccessError' })
      );
    }
  );

  it.each([
    [1000n, 'Cannot convert a BigInt value to a number'],
    [Symbol('1000'), 'Cannot convert a Symbol value to a number'],
    [
      { valueOf: (): bigint => 1000n },
      'Cannot convert a BigInt value to a number'
    ]
  ])('does not convert %p', (code, message) => {
    expect(() => closeArguments(code, '')).toThrow(TypeError);
    expect(() => closeArguments(code, '')).toThrow(message);
  });

  it('takes a reason of 123 bytes of UTF-8, and no longer one', () => {
    expect(closeArguments(1000, 'é'.repeat(61)).reason).toHaveLength(61);
    expect(() => closeArguments(1000, 'é'.repeat(62))).toThrow(
      expect.objectContaining({ name: 'SyntaxError' })
    );
  });
});

describe('sendArgument()', () => {
  it('sends a buffer that was transferred elsewhere as empty, as a browser does', () => {
    const buffer = new ArrayBuffer(8);
    const views = [new Uint8Array(buffer, 2), new DataView(buffer, 2)];
    detach(buffer);
    for (const data of [buffer, ...views]) {
      const bytes = sendArgument(data);
      expect(bytes).toBeInstanceOf(Uint8Array);
      expect(sizeOf(bytes)).toBe(0);
    }
  });

  it('refuses memory that may be resized, or is shared', () => {
    const options = { maxByteLength: 16 };
    const buffer: ArrayBuffer = new (
      ArrayBuffer as unknown as {
        new (length: number, options: object): ArrayBuffer;
      }
    )(8, options);
    const shared = new SharedArrayBuffer(8);
    for (const data of [
      buffer,
      new Uint8Array(buffer),
      shared,
      new Uint8Array(shared)
    ]) {
      expect(() => sendArgument(data)).toThrow(TypeError);
    }
  });

  it('looks at what an object is, not at what it is called', () => {
    class Named extends Blob {
      readonly [Symbol.toStringTag] = 'Named';
    }
    const blob = new Named(['ab']);
    const buffer = Object.setPrototypeOf(new ArrayBuffer(2), null);
    const called = {
      [Symbol.toStringTag]: 'Blob',
      size: 2,
      toString: () => 'text'
    };
    expect(sendArgument(blob)).toBe(blob);
    expect(sendArgument(buffer)).toEqual(new Uint8Array(2));
    expect(sendArgument(called)).toBe('text');
  });

  it.each<[unknown, string]>([
    [undefined, 'undefined'],
    [{ toString: () => 'text' }, 'text'],
    [12n, '12'],
    [[1, 2], '1,2']
  ])('converts %p to text', (data, text) => {
    expect(sendArgument(data)).toBe(text);
  });

  it('does not convert a symbol', () => {
    expect(() => sendArgument(Symbol('x'))).toThrow(TypeError);
  });
});
