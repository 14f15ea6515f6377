import { nullTranslator } from '@jupyterlab/translation';

import type { IChannelDiagnostics } from '../../tokens';
import { costsOfRefresh } from '../costs';

const trans = nullTranslator.load('jupyter_ai_ws');

const channel = (name: string, idleMs: number): IChannelDiagnostics => {
  return { name, idleMs, state: 'open' };
};

describe('costsOfRefresh()', () => {
  it('costs nothing where nothing is under way and all is saved', () => {
    const idle = [channel('Old', 60_000)];
    expect(costsOfRefresh('network', idle, [], trans)).toEqual([]);
  });

  it('costs nothing of what is being closed', () => {
    const closing = [{ ...channel('Chat', 10), state: 'closing' as const }];
    expect(costsOfRefresh('missing', closing, [], trans)).toEqual([]);
  });

  it('names once what was active in the last minute', () => {
    const channels = [
      channel('Helper', 59_999),
      channel('Helper', 10),
      channel('Old', 61_000),
      channel('Writer', 0)
    ];
    expect(costsOfRefresh('network', channels, [], trans)).toEqual([
      'A refresh would throw away what is under way in: Helper, Writer.'
    ]);
  });

  it('names documents only where they cannot be saved', () => {
    const names = ['a.ipynb', 'b.txt'];
    expect(costsOfRefresh('missing', [], names, trans)).toEqual([]);
    expect(costsOfRefresh('unreachable', [], names, trans)).toEqual([
      'These documents have changes that cannot be saved now: a.ipynb, b.txt.'
    ]);
  });
});
