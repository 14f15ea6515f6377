import { reportOf } from '../report';
import { FakeConnection } from './fake-connection';

describe('reportOf()', () => {
  const around = {
    application: 'JupyterLab 4.6.6',
    browser: 'Browser | 1',
    serverVersion: '0.1.0'
  };

  let connection: FakeConnection;

  beforeEach(() => {
    connection = new FakeConnection();
  });

  const report = (known: FakeConnection['known']) => {
    connection.known = known;
    return reportOf(connection.diagnostics(), around);
  };

  it('is a table in Markdown', () => {
    const lines = report({}).split('\n');
    expect(lines.slice(0, 7)).toEqual([
      '### AI connection',
      '',
      '| what | value |',
      '| --- | --- |',
      '| state | connected |',
      '| attempts | 0 |',
      '| attempts before a person is asked | 5 |'
    ]);
    expect(lines).toContain('| browser | Browser \\| 1 |');
  });

  it('does not say "22 of 5", nor that 0 attempts are enough', () => {
    connection.go({ attempt: 22, maxAttempts: 0 });
    expect(report({})).toContain('| attempts | 22 |');
    expect(report({})).toContain('person is asked | any number |');
  });

  it('tells what happened when, and explains close codes', () => {
    const events = [
      { time: 0, kind: 'socket closed', detail: 'code 1006' },
      { time: 1500, kind: 'probe', detail: 'login' },
      { time: 2000, kind: 'socket closed', detail: 'code 4999' }
    ];
    const lines = report({ events }).split('\n');
    expect(lines.slice(-6, -1)).toEqual([
      '| time | event | detail |',
      '| --- | --- | --- |',
      '| 1970-01-01T00:00:00.000Z | socket closed | code 1006: ended without a word: network, proxy, or the server was killed |',
      '| 1970-01-01T00:00:01.500Z | probe | login |',
      '| 1970-01-01T00:00:02.000Z | socket closed | code 4999 |'
    ]);
  });

  it('names the proxy whose default fits', () => {
    expect(report({ silenceLimitMs: 60_000 })).toContain(
      'seems to close after 60.0 s of silence (a default of: nginx'
    );
    expect(report({ silenceLimitMs: 20_000 })).toContain(
      '| seems to close after 20.0 s of silence |'
    );
  });

  it('calls what is counted units, as the protocol does, and lost records records', () => {
    const lines = report({
      unitsInFlight: 3,
      unitsSent: 40,
      unitsReceived: 50,
      recordsLost: 1
    }).split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '| units in flight | 3 |',
        '| units sent, received | 40, 50 |',
        '| records lost | 1 |'
      ])
    );
  });

  it('tells of round trips and of what is in use', () => {
    const text = report({
      channels: [{ name: 'Helper', state: 'open', idleMs: 1234 }],
      roundTrips: [
        { time: 0, ms: 1.25 },
        { time: 1, ms: null },
        { time: 2, ms: 3 }
      ]
    });
    expect(text).toContain('1.3 to 3.0 ms (2 heartbeats)');
    expect(text).toContain('| Helper | open | 1.2 s |');
  });
});
