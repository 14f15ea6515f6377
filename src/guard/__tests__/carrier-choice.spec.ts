import { status } from '../../ui/__tests__/fake-connection';
import { chooseCarrier } from '../carrier-choice';

describe('chooseCarrier()', () => {
  const away = status({ state: 'reconnecting', cause: 'network' });
  const stopped = status({ state: 'stopped', cause: 'network' });
  const disposed = status({ state: 'disposed' });

  it('waits for the first attempt, and for the connection', () => {
    const first = status({ state: 'connecting' });
    expect(chooseCarrier(first, false, false, false)).toBe('wait');
    expect(chooseCarrier(null, false, false, false)).toBe('wait');
  });

  it('takes a native socket when that fails or takes too long', () => {
    const failed = status({ state: 'connecting', cause: 'network' });
    expect(chooseCarrier(failed, false, false, false)).toBe('native');
    expect(chooseCarrier(null, false, true, false)).toBe('native');
  });

  it('takes the session once it was welcomed, however late', () => {
    expect(chooseCarrier(status(), true, true, false)).toBe('session');
    expect(
      chooseCarrier(status({ state: 'sleeping' }), true, false, false)
    ).toBe('session');
  });

  it('waits for the session while it is away, unless it is believed lost', () => {
    expect(chooseCarrier(away, true, false, false)).toBe('session');
    expect(chooseCarrier(away, true, false, true)).toBe('native');
  });

  it('takes a native socket while nothing is tried', () => {
    expect(chooseCarrier(stopped, true, false, false)).toBe('native');
    expect(chooseCarrier(disposed, true, false, false)).toBe('native');
  });
});
