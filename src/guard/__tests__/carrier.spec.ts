import type { ConnectionCause } from '../../tokens';
import { status } from '../../ui/__tests__/fake-connection';
import { carrierFor } from '../carrier';

describe('carrierFor()', () => {
  const lost = (cause: ConnectionCause) =>
    status({ state: 'reconnecting', cause, question: 'permanent' });
  const stopped = status({ state: 'stopped', cause: 'network' });
  const disposed = status({ state: 'disposed' });

  it('waits for the first attempt, and for the connection', () => {
    const first = status({ state: 'connecting' });
    expect(carrierFor(first, false, false)).toBe('wait');
    expect(carrierFor(null, false, false)).toBe('wait');
  });

  it('takes a native socket when that fails or takes too long', () => {
    const failed = status({ state: 'connecting', cause: 'network' });
    expect(carrierFor(failed, false, false)).toBe('native');
    expect(carrierFor(null, false, true)).toBe('native');
  });

  it('takes the session once it was welcomed, however late', () => {
    expect(carrierFor(status(), true, true)).toBe('session');
    expect(carrierFor(status({ state: 'sleeping' }), true, false)).toBe(
      'session'
    );
  });

  it.each<ConnectionCause>([
    ...['network', 'restarting', 'protocol', 'session-lost', 'silent'],
    ...['taken', 'login', 'stopped', 'down', 'unreachable', 'busy', 'blocked']
  ] as ConnectionCause[])(
    'waits for the session while it is away: %s',
    cause => {
      expect(carrierFor(lost(cause), true, false)).toBe('session');
    }
  );

  it.each<ConnectionCause>(['missing', 'incompatible', 'version', 'too-many'])(
    'takes a native socket when the server half is gone, but not before that is believed: %s',
    cause => {
      const told = lost(cause);
      expect(carrierFor(told, true, false)).toBe('native');
      expect(carrierFor({ ...told, question: 'none' }, true, false)).toBe(
        'session'
      );
    }
  );

  it('takes a native socket while nothing is tried', () => {
    expect(carrierFor(stopped, true, false)).toBe('native');
    expect(carrierFor(disposed, true, false)).toBe('native');
  });
});
