/** The judge of the fault suite: what it cannot see would never fail. */
import { NOTHING, Oracle } from './support/oracle';
import type { Message } from './support/oracle';

const bytes = (...codes: number[]) => Uint8Array.from(codes);
const SENT: Message[] = ['0 a', '', bytes(50, 32, 255), '3 d', bytes()];

/** Judge what came of `SENT`. */
function findings(...came: Message[]) {
  const oracle = new Oracle();
  SENT.forEach(record => oracle.expect(record));
  came.forEach(record => oracle.judge(record));
  return oracle.findings;
}

describe('Oracle', () => {
  it('finds nothing when everything came once and in order', () => {
    expect(findings(...SENT)).toEqual(NOTHING);
  });

  it.each([0, 1, 2, 3, 4])('finds record %d lost', missing => {
    const came = SENT.filter((_, number) => number !== missing);
    expect(findings(...came)).toEqual({ ...NOTHING, lost: 1 });
  });

  it.each([0, 1, 2, 3, 4])('finds record %d doubled', again => {
    const came = [...SENT, SENT[again]];
    expect(findings(...came)).toEqual({ ...NOTHING, doubled: 1 });
  });

  it.each([0, 1, 2, 3])('finds record %d and the next reordered', first => {
    const came = [...SENT];
    [came[first], came[first + 1]] = [came[first + 1], came[first]];
    expect(findings(...came)).toEqual({ ...NOTHING, reordered: 1 });
  });

  it.each<[number, Message]>([
    [0, '0 b'],
    [2, bytes(50, 32, 254)],
    [2, bytes(50, 32, 255, 0)],
    [2, '2 ÿ'],
    [3, bytes(51, 32, 100)]
  ])('finds record %d corrupt', (number, instead) => {
    const came = [...SENT];
    came[number] = instead;
    expect(findings(...came)).toEqual({ ...NOTHING, corrupt: 1 });
  });

  it('finds what nobody sent corrupt', () => {
    const came: Message[] = [...SENT, '5 e', 'no number'];
    expect(findings(...came)).toEqual({ ...NOTHING, corrupt: 2 });
  });
});
