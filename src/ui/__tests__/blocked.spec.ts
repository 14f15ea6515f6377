import type { IConnectionEvent } from '../../tokens';
import { seemsBlocked, toldStatus } from '../blocked';
import { FakeConnection } from './fake-connection';

/** What a page writes down while sockets fail though each look finds the server. */
function refusals(times: number, spacingMs: number): IConnectionEvent[] {
  const event = (time: number, kind: string, detail = '') => {
    return { time, kind, detail };
  };
  return Array.from({ length: times }, (_, index) => index * spacingMs).flatMap(
    time => [
      event(time, 'reconnecting', 'network, attempt 1'),
      event(time, 'probe', 'ok'),
      event(time + 50, 'socket closed', 'code 1006')
    ]
  );
}

const before: IConnectionEvent[] = [
  { time: -9, kind: 'connected', detail: '' },
  { time: -8, kind: 'socket closed', detail: 'code 1006' },
  { time: -7, kind: 'reconnecting', detail: 'network' },
  { time: -6, kind: 'socket closed', detail: 'code 1006' }
];

describe('seemsBlocked()', () => {
  it.each([
    ['five times in 32 s', 5, 8000, true],
    ['four times in 33 s', 4, 11_000, false],
    ['five times in 8 s', 5, 2000, false],
    ['20 times in 38 s', 20, 2000, true]
  ])('sockets that failed %s: %4$s', (_, times, spacingMs, blocked) => {
    expect(seemsBlocked([...before, ...refusals(times, spacingMs)])).toBe(
      blocked
    );
  });

  it.each([
    ['the server was not found', 'probe', 'unreachable'],
    ['it was connected', 'connected', ''],
    ['the server closed a socket', 'socket closed', 'code 4408']
  ])('counts afresh after %s', (_, kind, detail) => {
    const events = refusals(8, 8000);
    events.splice(12, 0, { time: 32_000, kind, detail });
    expect(seemsBlocked(events)).toBe(false);
  });

  it('knows nothing of a page that has seen nothing', () => {
    expect(seemsBlocked([])).toBe(false);
  });
});

describe('toldStatus()', () => {
  const away = { state: 'reconnecting', cause: 'network' } as const;

  it('blames what is on the way, and goes on with the tries', () => {
    const connection = new FakeConnection();
    connection.known = { events: refusals(6, 8000) };
    connection.go({ ...away, attempt: 6, nextTryMs: 9 });
    expect(toldStatus(connection)).toEqual({
      ...connection.status,
      cause: 'blocked'
    });
  });

  it('leaves alone what has another cause, or is over', () => {
    const connection = new FakeConnection();
    connection.known = { events: refusals(6, 8000) };
    for (const status of [{ ...away, cause: 'down' as const }, {}]) {
      connection.go(status);
      expect(toldStatus(connection)).toBe(connection.status);
    }
  });
});
