import { status } from '../../ui/__tests__/fake-connection';
import { carrierFor } from '../carrier';

describe('carrierFor()', () => {
  const away = status({ state: 'reconnecting', cause: 'network' });
  const stopped = status({ state: 'stopped', cause: 'network' });
  const disposed = status({ state: 'disposed' });

  it('waits for the first attempt, and for the connection', () => {
    const first = status({ state: 'connecting' });
    expect(carrierFor(first, false, false, false)).toBe('wait');
    expect(carrierFor(null, false, false, false)).toBe('wait');
  });

  it('takes a native socket when that fails or takes too long', () => {
    const failed = status({ state: 'connecting', cause: 'network' });
    expect(carrierFor(failed, false, false, false)).toBe('native');
    expect(carrierFor(null, false, true, false)).toBe('native');
  });

  it('takes the session once it was welcomed, however late', () => {
    expect(carrierFor(status(), true, true, false)).toBe('session');
    expect(carrierFor(status({ state: 'sleeping' }), true, false, false)).toBe(
      'session'
    );
  });

  it('waits for the session while it is away, unless it is believed lost', () => {
    expect(carrierFor(away, true, false, false)).toBe('session');
    expect(carrierFor(away, true, false, true)).toBe('native');
  });

  it('takes a native socket while nothing is tried', () => {
    expect(carrierFor(stopped, true, false, false)).toBe('native');
    expect(carrierFor(disposed, true, false, false)).toBe('native');
  });
});
