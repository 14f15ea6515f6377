import fc from 'fast-check';

import type { Control } from '../frames';
import { MAX_CHANNEL, MAX_INTEGER } from '../limits';
import type { ChannelRecord } from '../records';
import { fitText } from '../text';
import { RS } from '../units';

/** Also with lone surrogates. */
export const anyText = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constantFrom(RS, '{', '\ud800', '\udc00')
  )
});

/** Well-formed. */
export const text = fc.string({
  unit: fc.oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    fc.constant(RS)
  )
});

export const largeText = fc
  .tuple(text, fc.nat(20_000), text)
  .map(([piece, times, tail]) => piece.slice(0, 5).repeat(times) + tail)
  .filter(record => !/\p{Surrogate}/u.test(record));

export const largeBytes = fc
  .tuple(fc.integer({ min: 0, max: 255 }), fc.nat(70_000))
  .map(([octet, length]) => {
    const bytes = new Uint8Array(length).fill(octet);
    bytes.set([1, 2, 3].slice(0, length));
    return bytes;
  });

export const counts = fc.nat(MAX_INTEGER);

export const channels = fc.integer({ min: 1, max: MAX_CHANNEL });

const codes = fc.integer({ min: 1000, max: 4999 });
const reasons = anyText.map(reason => fitText(reason, 123));

export const jsonObjects = fc.dictionary(
  fc.string().filter(name => name !== '__proto__'),
  fc.jsonValue(),
  { maxKeys: 3, noNullPrototype: true }
);

export const controls: fc.Arbitrary<Control> = fc.oneof(
  fc.record({ type: fc.constant('ack' as const), received: counts }),
  fc.record({
    type: fc.constantFrom('ping' as const, 'pong' as const),
    id: counts,
    received: counts
  }),
  fc.constant({ type: 'bye' as const }),
  fc.record({
    type: fc.constant('welcome' as const),
    resumed: fc.boolean(),
    epoch: fc.option(text, { nil: undefined }),
    instance: text,
    received: counts,
    serial: counts,
    limits: fc.constant({ a: 1, b: MAX_INTEGER })
  })
);

export const records: fc.Arbitrary<ChannelRecord> = fc.oneof(
  fc.record({
    type: fc.constant('open' as const),
    channel: channels,
    service: fc.string({ unit: 'binary', minLength: 1, maxLength: 128 }),
    parameters: jsonObjects
  }),
  fc.record({
    type: fc.constant('accept' as const),
    channel: channels,
    parameters: jsonObjects
  }),
  fc.record({
    type: fc.constantFrom('refuse' as const, 'close' as const),
    channel: channels,
    code: codes,
    reason: reasons
  }),
  fc.record({
    type: fc.constant('credit' as const),
    channel: channels,
    taken: counts
  })
);
