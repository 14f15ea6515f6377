import { readFileSync } from 'fs';

import { closeCodeMeaning } from '../close-codes';

describe('closeCodeMeaning()', () => {
  it('explains every code of the protocol (R1)', () => {
    const protocol = readFileSync('docs/protocol.md', 'utf8');
    const table = protocol.split('**R1**')[1].split('**R2**')[0];
    const rows = table.split('\n').filter(line => /^ *\| \d/.test(line));
    const codes = rows.flatMap(row =>
      [...row.split('|')[1].matchAll(/\d{4}/g)].map(([code]) => Number(code))
    );
    expect(codes.length).toBeGreaterThan(15);
    expect(codes.filter(code => closeCodeMeaning(code) === '')).toEqual([]);
  });

  it('explains no code that it does not know', () => {
    expect(closeCodeMeaning(4999)).toBe('');
  });
});
