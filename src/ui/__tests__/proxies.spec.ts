import { readFileSync } from 'fs';

import { nullTranslator } from '@jupyterlab/translation';

import {
  KNOWN_DEFAULTS,
  isDisproved,
  knownDefault,
  proxyHint
} from '../proxies';

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

const nothing = { channels: [], roundTrips: [], silenceLimitMs: null };

describe('isDisproved()', () => {
  const now = Date.now();
  const trips = (...times: (number | null)[]) =>
    times.map((time, index) =>
      time === null
        ? { time: now - 60_000 + index, ms: null }
        : { time: now - 60_000 + time, ms: 10 }
    );
  const known = {
    channels: [],
    heartbeatIntervalMs: 2000,
    silenceLimitMs: 1300
  };

  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue(now);
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  it('needs two heartbeats without a cut between them', () => {
    const roundTrips = trips(0, 2000);
    expect(isDisproved({ ...known, roundTrips })).toBe(true);
    const cut = trips(0, null, 2000);
    expect(isDisproved({ ...known, roundTrips: cut })).toBe(false);
    expect(isDisproved({ ...known, roundTrips: trips(0) })).toBe(false);
    expect(isDisproved({ ...known, roundTrips: trips(0, 1400) })).toBe(false);
  });

  it('takes no time for silence in which a channel was used', () => {
    const roundTrips = trips(0, 2000);
    const used = { name: 'Chat', state: 'open', idleMs: 59_000 } as const;
    expect(isDisproved({ ...known, roundTrips, channels: [used] })).toBe(false);
    const idle = { ...used, idleMs: 61_000 };
    expect(isDisproved({ ...known, roundTrips, channels: [idle] })).toBe(true);
  });

  it('says nothing against a silence that the heartbeat does not let come', () => {
    const roundTrips = trips(0, 4000, 20_000);
    const longer = {
      ...known,
      silenceLimitMs: 6000,
      heartbeatIntervalMs: 4000
    };
    expect(isDisproved({ ...longer, roundTrips })).toBe(false);
    expect(isDisproved({ ...nothing, heartbeatIntervalMs: 5000 })).toBe(false);
  });

  it('has the hint go', () => {
    expect(proxyHint({ ...known, roundTrips: [] }, trans)).toMatch(/1\.3 s/);
    expect(proxyHint({ ...known, roundTrips: trips(0, 2000) }, trans)).toBe('');
  });
});

describe('proxyHint()', () => {
  it('says nothing where nothing was learned', () => {
    const known = { ...nothing, heartbeatIntervalMs: 5000 };
    expect(proxyHint(known, trans)).toBe('');
  });

  it('says what was learned, and whose default it is', () => {
    expect(
      proxyHint(
        { ...nothing, silenceLimitMs: 60_000, heartbeatIntervalMs: 5000 },
        trans
      )
    ).toBe(
      'Something on the way seems to close this connection after 60.0 s of silence. The heartbeat is 5.0 s. ' +
        'That is a default of: nginx (proxy_read_timeout), Apache (ProxyTimeout), ' +
        'AWS load balancers (idle_timeout.timeout_seconds).'
    );
  });
});
