import { readFileSync } from 'fs';

import { nullTranslator } from '@jupyterlab/translation';

import { KNOWN_DEFAULTS, knownDefault, proxyHint } from '../proxies';

const trans = nullTranslator.load('jupyter_ai_ws');

/** What both test suites read. */
const { known, measured } = JSON.parse(
  readFileSync('tests/vectors/proxies.json', 'utf8')
) as {
  known: { seconds: number; owner: string }[];
  measured: { name: string; silence_ms: number; seconds: number | null }[];
};

describe('knownDefault()', () => {
  it('knows the defaults of the vectors, as the doctor does', () => {
    expect(KNOWN_DEFAULTS).toEqual(
      known.map(({ seconds, owner }) => [seconds, owner])
    );
  });

  it.each(measured)(
    'names what fits best: $name',
    ({ silence_ms: silenceMs, seconds }) => {
      const fits = known.find(each => each.seconds === seconds);
      expect(knownDefault(silenceMs)).toBe(fits?.owner ?? '');
    }
  );
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
        'That is a default of: nginx (proxy_read_timeout), Apache (ProxyTimeout), ' +
        'AWS load balancers (idle_timeout.timeout_seconds).'
    );
  });
});
