/**
 * What happens to the page, in the words of the connection.
 */
import { PageLife } from '../page-life';

/** A page that goes or comes, for good or into the back/forward cache. */
function transition(type: string, persisted: boolean): Event {
  return Object.assign(new Event(type), { persisted });
}

describe('PageLife', () => {
  let visibility: jest.SpyInstance;
  let life: PageLife;
  const heard: string[] = [];

  beforeEach(() => {
    jest.useFakeTimers();
    heard.length = 0;
    visibility = jest.spyOn(document, 'visibilityState', 'get');
    visibility.mockReturnValue('visible');
    life = new PageLife({
      cameBack: () => heard.push('came back'),
      slept: () => heard.push('slept'),
      shown: () => heard.push('shown'),
      hid: () => heard.push('hid'),
      thawed: () => heard.push('thawed'),
      park: () => heard.push('park'),
      left: () => heard.push('left')
    });
  });

  afterEach(() => {
    life.dispose();
    visibility.mockRestore();
    jest.useRealTimers();
  });

  function see(state: DocumentVisibilityState): void {
    visibility.mockReturnValue(state);
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }

  it('tells when the network is back', () => {
    window.dispatchEvent(new Event('online'));
    expect(heard).toEqual(['came back']);
  });

  it('tells when the page is hidden and shown', () => {
    see('hidden');
    expect(life.hidden).toBe(true);
    see('visible');
    expect(life.hidden).toBe(false);
    expect(heard).toEqual(['hid', 'shown']);
  });

  it('parks before the back/forward cache and before a freeze', () => {
    window.dispatchEvent(transition('pagehide', true));
    window.dispatchEvent(transition('pageshow', true));
    document.dispatchEvent(new Event('freeze'));
    document.dispatchEvent(new Event('resume'));
    expect(heard).toEqual(['park', 'shown', 'park', 'shown']);
  });

  it('says goodbye when the page goes for good, behind all who listen to that', () => {
    const late = () => heard.push('another');
    window.addEventListener('pagehide', late);
    window.addEventListener('visibilitychange', late);
    window.dispatchEvent(transition('pagehide', false));
    see('hidden');
    window.removeEventListener('pagehide', late);
    window.removeEventListener('visibilitychange', late);
    expect(heard).toEqual(['another', 'hid', 'another', 'left']);
  });

  it('says goodbye at once when a hidden page goes for good', () => {
    see('hidden');
    window.dispatchEvent(transition('pagehide', false));
    expect(heard).toEqual(['hid', 'left']);
  });

  it('does not say goodbye when the page has come back', () => {
    window.dispatchEvent(transition('pagehide', false));
    window.dispatchEvent(transition('pageshow', false));
    see('hidden');
    expect(heard).toEqual(['shown', 'hid']);
  });

  it.each(['pageshow', 'resume'])(
    'does not take a %s of a hidden page for being shown',
    type => {
      see('hidden');
      window.dispatchEvent(new Event(type));
      document.dispatchEvent(new Event(type));
      expect(heard).toEqual(['hid', 'thawed']);
    }
  );

  it('finds out that the machine has slept', () => {
    jest.advanceTimersByTime(60_000);
    life.checkSleep();
    expect(heard).toEqual([]);
    // The wall clock goes on, the page's own does not.
    jest.setSystemTime(Date.now() + 3_600_000);
    life.checkSleep();
    life.checkSleep();
    expect(heard).toEqual(['slept']);
  });

  it('finds out within a second, while somebody may see a stale state', () => {
    life.watch(true);
    jest.setSystemTime(Date.now() + 3_600_000);
    jest.advanceTimersByTime(1000);
    expect(heard).toEqual(['slept']);
    jest.advanceTimersByTime(60_000);
    expect(heard).toEqual(['slept']);
  });

  it('leaves a look to a check that comes at that time anyway', () => {
    const looks = jest.spyOn(life, 'checkSleep');
    life.watch(true, performance.now() + 2030);
    jest.advanceTimersByTime(1000);
    expect(looks).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(1030);
    expect(looks).toHaveBeenCalledTimes(1);
    life.checkSleep();
    jest.advanceTimersByTime(999);
    expect(looks).toHaveBeenCalledTimes(2);
    jest.advanceTimersByTime(1);
    expect(looks).toHaveBeenCalledTimes(3);
  });

  it('looks itself when the check that was to come does not', () => {
    life.watch(true, performance.now() + 1030);
    life.checkSleep();
    jest.setSystemTime(Date.now() + 3_600_000);
    jest.advanceTimersByTime(1100);
    expect(heard).toEqual(['slept']);
  });

  it('takes a page that stood still for one that slept, where both clocks go on', () => {
    life.watch(true);
    const now = jest.spyOn(performance, 'now');
    now.mockReturnValue(performance.now() + 9000);
    jest.advanceTimersByTime(1000);
    expect(heard).toEqual([]);
    now.mockReturnValue(performance.now() + 11_000);
    jest.setSystemTime(Date.now() + 20_000);
    jest.advanceTimersByTime(1000);
    expect(heard).toEqual(['slept']);
    now.mockRestore();
  });

  it.each(['hidden', 'not watched', 'disposed'])(
    'looks at nothing while %s',
    why => {
      life.watch(true);
      expect(jest.getTimerCount()).toBe(1);
      if (why === 'hidden') {
        see('hidden');
      } else if (why === 'disposed') {
        life.dispose();
      } else {
        life.watch(false);
      }
      expect(jest.getTimerCount()).toBe(0);
    }
  );

  it('takes a wall clock that was set back for no sleep', () => {
    jest.setSystemTime(Date.now() - 3_600_000);
    life.checkSleep();
    expect(heard).toEqual([]);
  });

  it('leaves no listener behind', () => {
    life.dispose();
    const lists = [window, document].map(target => ({
      added: jest.spyOn(target, 'addEventListener'),
      removed: jest.spyOn(target, 'removeEventListener')
    }));
    new PageLife({
      cameBack: jest.fn(),
      slept: jest.fn(),
      shown: jest.fn(),
      hid: jest.fn(),
      thawed: jest.fn(),
      park: jest.fn(),
      left: jest.fn()
    }).dispose();
    for (const { added, removed } of lists) {
      expect(added).toHaveBeenCalled();
      expect(removed.mock.calls).toEqual(added.mock.calls);
      added.mockRestore();
      removed.mockRestore();
    }
  });
});
