import { nullTranslator } from '@jupyterlab/translation';

import { knownDefault, proxyHint } from '../proxies';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('knownDefault()', () => {
  it.each([
    [60_000, /nginx proxy_read_timeout/],
    [62_900, /nginx/],
    [30_100, /Google/],
    [55_000, /Heroku/],
    [100_000, /Cloudflare/]
  ])('names what fits %d ms', (silenceMs, name) => {
    expect(knownDefault(silenceMs)).toMatch(name);
  });

  it.each([20_000, 45_000, 64_000])('names nothing for %d ms', silenceMs => {
    expect(knownDefault(silenceMs)).toBe('');
  });
});

describe('proxyHint()', () => {
  it('says nothing where nothing was learned', () => {
    const known = { silenceLimitMs: null, heartbeatIntervalMs: 5000 };
    expect(proxyHint(known, trans)).toBe('');
  });

  it('says what was learned, and whose default it is', () => {
    expect(
      proxyHint({ silenceLimitMs: 60_000, heartbeatIntervalMs: 5000 }, trans)
    ).toBe(
      'Something on the way closes this connection after 60.0 s of silence. The heartbeat is 5.0 s. ' +
        'That is a default of: nginx proxy_read_timeout, AWS load balancer idle timeout.'
    );
  });
});
