import { nullTranslator } from '@jupyterlab/translation';

import { duration, factsOf } from '../facts';
import { clock } from '../formats';
import { FakeConnection } from './fake-connection';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('factsOf()', () => {
  let connection: FakeConnection;

  beforeEach(() => {
    connection = new FakeConnection();
  });

  const facts = (known: FakeConnection['known']) => {
    connection.known = known;
    const all = factsOf(connection.diagnostics(), trans);
    return Object.fromEntries(all.map(({ term, value }) => [term, value]));
  };

  it('says what there is to say of a connection that was cut', () => {
    const connectedSince = new Date(2026, 0, 1, 10, 24).getTime();
    expect(
      facts({
        connectedSince,
        resumes: 1234,
        longestCutMs: 61_000,
        discontinuities: 2,
        unitsInFlight: 3,
        recordsLost: 1,
        channels: ['Helper', 'Writer', 'Helper'].map(name => {
          return { name, state: 'open', idleMs: 0 };
        }),
        roundTripMs: 3.4,
        heartbeatIntervalMs: 13_000
      })
    ).toEqual({
      'Up since': clock(connectedSince, trans),
      'Interruptions survived': '1,234',
      'Longest interruption': '61 s',
      'Fresh starts': '2',
      'Sent, not confirmed yet': '3',
      'Records lost': '1',
      'Round trip': '3 ms',
      Heartbeat: '13 s',
      'In use by': 'Helper, Writer'
    });
  });

  it('leaves out what is not known or did not happen', () => {
    expect(facts({ connectedSince: null })).toEqual({
      'Interruptions survived': '0',
      'Sent, not confirmed yet': '0',
      'Records lost': '0',
      Heartbeat: '5 s'
    });
  });

  it('does not claim a round trip of no time', () => {
    expect(facts({ roundTripMs: 0.2 })['Round trip']).toBe('under 1 ms');
  });
});

describe('duration()', () => {
  it.each([
    [0, '0 s'],
    [5000, '5 s'],
    [1234, '1.2 s'],
    [9949, '9.9 s'],
    [9950, '10 s'],
    [119_000, '119 s'],
    [120_000, '2 min'],
    [5_400_000, '90 min'],
    [43_200_000, '12 h']
  ])('says %d ms as %s', (ms, text) => {
    expect(duration(ms, trans)).toBe(text);
  });
});
