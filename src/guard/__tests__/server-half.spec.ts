import type { ConnectionCause, IConnectionStatus } from '../../tokens';
import { status } from '../../ui/__tests__/fake-connection';
import { ServerHalf } from '../server-half';

describe('ServerHalf', () => {
  let half: ServerHalf;
  let nowMs: number;

  beforeEach(() => {
    half = new ServerHalf();
    nowMs = 1000;
    half.follow(status(), nowMs);
  });

  /** Let tries fail, with some time before each. */
  function fail(
    cause: ConnectionCause,
    times: number,
    changes: Partial<IConnectionStatus> = {},
    eachMs = 2000
  ): void {
    const { probing = false, ...rest } = changes;
    const told = status({ state: 'reconnecting', cause, ...rest });
    for (let time = 0; time < times; time++) {
      nowMs += eachMs;
      half.follow({ ...told, trying: true, probing }, nowMs);
      half.follow(told, nowMs);
    }
  }

  const permanent = { question: 'permanent' } as const;

  it('is believed there while connected, and when the connection was just lost', () => {
    expect(half.lost).toBe(false);
    for (let time = 0; time < 9; time++) {
      nowMs += 10_000;
      half.follow(status({ state: 'reconnecting', cause: 'network' }), nowMs);
    }
    expect(half.lost).toBe(false);
  });

  it.each<ConnectionCause>(['missing', 'incompatible'])(
    'is believed gone when the probe has said so twice, and the question is asked (R5): %s',
    cause => {
      fail(cause, 1);
      expect(half.lost).toBe(false);
      fail(cause, 1, permanent);
      expect([half.lost, half.lostToOpen]).toEqual([true, true]);
    }
  );

  it('is not believed gone at the first word behind the question of another cause', () => {
    fail('login', 3, permanent);
    fail('missing', 1, permanent);
    expect(half.lost).toBe(false);
    fail('busy', 1, { ...permanent, probing: true });
    fail('missing', 1, permanent);
    expect([half.lost, half.lostToOpen]).toEqual([false, false]);
  });

  it.each<ConnectionCause>(['version', 'too-many'])(
    'is believed at its own word: %s',
    cause => {
      fail(cause, 1, permanent);
      expect([half.lost, half.lostToOpen]).toEqual([true, true]);
    }
  );

  it.each<ConnectionCause>([
    ...(['login', 'stopped', 'down', 'unreachable', 'busy'] as const)
  ])('is waited for, whatever is asked: %s', cause => {
    fail(cause, 99, { ...permanent, probing: true });
    expect([half.lost, half.lostToOpen]).toEqual([false, false]);
  });

  it('is believed lost when sockets get no answer in time, but probes do', () => {
    fail('busy', 2, {}, 10_000);
    fail('network', 1, {}, 9999);
    expect(half.lost).toBe(false);
    fail('busy', 1, {}, 20_000);
    expect(half.lost).toBe(true);
  });

  it('is not believed lost where probes get no answer, either', () => {
    for (let time = 0; time < 20; time++) {
      fail('busy', 2, {}, 10_000);
      fail('busy', 1, { probing: true }, 10_000);
    }
    expect(half.lost).toBe(false);
  });

  it('is believed lost when sockets fail for 30 s while probes are answered', () => {
    fail('network', 15);
    fail('protocol', 1, {}, 1999);
    expect(half.lost).toBe(false);
    fail('network', 1, {}, 1);
    expect(half.lost).toBe(true);
  });

  it('is not believed lost by fewer than three sockets, however long that takes', () => {
    fail('network', 2, {}, 3_600_000);
    expect(half.lost).toBe(false);
    fail('network', 1);
    expect(half.lost).toBe(true);
  });

  it('is not believed lost by sockets that fail while the network comes and goes', () => {
    for (let time = 0; time < 20; time++) {
      fail('network', 3);
      fail('unreachable', 1);
    }
    expect(half.lost).toBe(false);
  });

  it.each<Partial<IConnectionStatus>>([
    { state: 'stopped', question: 'attempts' },
    { state: 'sleeping', cause: '' }
  ])('counts no socket that was given up: %j', changes => {
    fail('network', 2, {}, 20_000);
    fail('network', 1, changes, 20_000);
    expect(half.lost).toBe(false);
    fail('network', 1);
    expect(half.lost).toBe(true);
  });

  it('is lost to open sockets only where others open, while sockets fail', () => {
    half.otherOpened();
    fail('network', 17);
    expect(half.lostToOpen).toBe(false);
    half.otherOpened();
    expect(half.lostToOpen).toBe(true);
    fail('unreachable', 1);
    expect([half.lost, half.lostToOpen]).toEqual([true, false]);
  });

  it('is not lost to open sockets while something else is found', () => {
    fail('missing', 2, permanent);
    fail('busy', 1, { ...permanent, probing: true });
    expect([half.lost, half.lostToOpen]).toEqual([true, false]);
  });

  it('is there again with the next welcome, not before', () => {
    fail('missing', 2, permanent);
    half.otherOpened();
    fail('unreachable', 9);
    half.follow(status({ state: 'sleeping' }), nowMs);
    expect(half.lost).toBe(true);
    half.follow(status(), nowMs);
    expect(half.lost).toBe(false);
    fail('network', 1, {}, 60_000);
    expect([half.lost, half.lostToOpen]).toEqual([false, false]);
  });
});
