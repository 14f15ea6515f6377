/**
 * The connection and the page's life: heartbeats, settings, sleep, goodbye.
 */
import { AIConnection } from '..';
import { DEFAULT_SETTINGS } from '../../settings/__tests__/defaults';
import type { IChannel, IConnectionSettings } from '../../tokens';
import { FakeSocket } from './support/fake-socket';

describe('AIConnection in the page', () => {
  let connection: AIConnection;
  let visibility: jest.SpyInstance;
  const beacon = jest.fn<boolean, [string, URLSearchParams]>();

  beforeEach(() => {
    jest.useFakeTimers();
    visibility = jest.spyOn(document, 'visibilityState', 'get');
    visibility.mockReturnValue('visible');
    Object.assign(navigator, { sendBeacon: beacon });
    document.cookie = '_xsrf=2|abc';
    connection = new AIConnection({ serverSettings: FakeSocket.settings() });
    connection.start();
    FakeSocket.last.welcome();
    FakeSocket.last.pong();
  });

  afterEach(() => {
    connection.dispose();
    Object.assign(navigator, { sendBeacon: undefined });
    document.cookie = '_xsrf=; expires=Thu, 01 Jan 1970 00:00:00 GMT';
    jest.useRealTimers();
    jest.restoreAllMocks();
    beacon.mockReset();
  });

  function see(state: DocumentVisibilityState): void {
    visibility.mockReturnValue(state);
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }

  function transition(type: string, persisted: boolean): void {
    window.dispatchEvent(Object.assign(new Event(type), { persisted }));
  }

  /** Let the page go for good. */
  function leave(): void {
    transition('pagehide', false);
    see('hidden');
  }

  function set(changes: Partial<IConnectionSettings>): void {
    connection.applySettings({ ...DEFAULT_SETTINGS, ...changes });
  }

  /** How long the page stays silent before it pings; the ping is answered. */
  function silenceMs(): number {
    const { last } = FakeSocket;
    const startMs = performance.now();
    const pings = last.written('ping').length;
    while (last.written('ping').length === pings) {
      jest.advanceTimersToNextTimer();
    }
    last.pong();
    return performance.now() - startMs;
  }

  describe('heartbeat', () => {
    it('comes every 5 s while the page is shown', () => {
      expect(silenceMs()).toBe(5000);
      expect(silenceMs()).toBe(5000);
    });

    it('comes every 25 s while the page is hidden', () => {
      see('hidden');
      expect(silenceMs()).toBe(25_000);
    });

    it('comes every 25 s on a page that was hidden from the start', () => {
      connection.dispose();
      visibility.mockReturnValue('hidden');
      connection = new AIConnection({ serverSettings: FakeSocket.settings() });
      connection.start();
      FakeSocket.last.welcome();
      FakeSocket.last.pong();
      expect(silenceMs()).toBe(25_000);
    });

    it('comes at once when the page is shown again', () => {
      see('hidden');
      see('visible');
      expect(FakeSocket.last.written('ping')).toHaveLength(2);
    });

    it('takes over a longer interval at once', () => {
      jest.advanceTimersByTime(2000);
      set({ heartbeatIntervalMs: 12_000 });
      expect(silenceMs()).toBe(10_000);
      expect(silenceMs()).toBe(12_000);
    });

    it('takes over a shorter interval at once', () => {
      jest.advanceTimersByTime(2000);
      set({ heartbeatIntervalMs: 3000 });
      expect(silenceMs()).toBe(1000);
      expect(silenceMs()).toBe(3000);
    });

    it('takes over a shorter interval that has passed already', () => {
      jest.advanceTimersByTime(4000);
      set({ heartbeatIntervalMs: 1000 });
      expect(silenceMs()).toBe(0);
    });

    it('that is not answered in time costs the socket', () => {
      const { last } = FakeSocket;
      set({ answerTimeoutMs: 2000 });
      jest.advanceTimersByTime(7000);
      expect(last.close).toHaveBeenCalledWith(4408, 'no answer in time');
      expect(connection.status.state).toBe('reconnecting');
    });
  });

  describe('pagehide', () => {
    it('into the cache closes the socket; pageshow resumes the session', () => {
      const { last } = FakeSocket;
      transition('pagehide', true);
      expect(last.close).toHaveBeenCalledWith(1000, 'sleeping');
      expect(last.written('bye')).toEqual([]);
      expect(connection.status.state).toBe('sleeping');
      expect(jest.getTimerCount()).toBe(0);
      transition('pageshow', true);
      expect(FakeSocket.last.url).toContain('epoch=0123456789abcdef');
      FakeSocket.last.welcome();
      expect(connection.status.state).toBe('connected');
      expect(connection.diagnostics().resumes).toBe(1);
    });

    it('for good says bye on the socket', () => {
      leave();
      expect(FakeSocket.last.written('bye')).toHaveLength(1);
      expect(beacon).not.toHaveBeenCalled();
      expect(connection.isDisposed).toBe(true);
    });

    it('for good sends what others send as it becomes hidden, then says bye', async () => {
      const { last } = FakeSocket;
      const channel = connection.open('service');
      await Promise.resolve();
      const accept = { type: 'accept', channel: 1, parameters: {} };
      last.onmessage!({ data: `0\x1e${JSON.stringify(accept)}` });
      const send = () => channel.send('last words');
      document.addEventListener('visibilitychange', send);
      leave();
      document.removeEventListener('visibilitychange', send);
      expect(last.send.mock.calls.slice(-2)).toEqual([
        [expect.stringContaining('last words')],
        ['{"type":"bye"}']
      ]);
    });

    it('for good while cut says bye beside the socket', () => {
      const sid = new URL(FakeSocket.last.url).searchParams.get('sid');
      FakeSocket.last.cut(1012);
      leave();
      const [[url, form]] = beacon.mock.calls;
      expect(url).toBe('http://localhost:8888/base/url/jupyter-ai-ws/health');
      expect(Object.fromEntries(form)).toEqual({
        sid,
        epoch: '0123456789abcdef',
        serial: '1',
        _xsrf: '2|abc',
        token: 'sec ret'
      });
      expect(connection.isDisposed).toBe(true);
      expect(jest.getTimerCount()).toBe(0);
    });

    it('for good before the first welcome has nothing to say', () => {
      connection.dispose();
      connection = new AIConnection({ serverSettings: FakeSocket.settings() });
      connection.start();
      leave();
      expect(beacon).not.toHaveBeenCalled();
      expect(connection.isDisposed).toBe(true);
    });
  });

  describe('a hidden page', () => {
    const HOUR_MS = 3_600_000;

    /** Answer every heartbeat until it sleeps; tell after how long, at most two hours. */
    function awakeMs(): number {
      const startMs = performance.now();
      const elapsedMs = () => performance.now() - startMs;
      while (elapsedMs() < 2 * HOUR_MS) {
        const { last } = FakeSocket;
        const pings = last.written('ping').length;
        jest.advanceTimersToNextTimer();
        if (connection.status.state === 'sleeping') {
          break;
        }
        if (last.written('ping').length > pings) {
          last.pong();
        }
      }
      return elapsedMs();
    }

    /** Open a channel of the server's, and leave nothing to be acknowledged. */
    async function open(service: string): Promise<IChannel> {
      const channel = connection.open(service);
      await Promise.resolve();
      FakeSocket.last.acknowledge();
      return channel;
    }

    function connectOnHub(): void {
      connection.dispose();
      const serverSettings = FakeSocket.settings();
      connection = new AIConnection({ serverSettings, onHub: true });
      connection.start();
      FakeSocket.last.welcome();
      FakeSocket.last.pong();
    }

    it('sleeps after 10 min without traffic (L8)', async () => {
      await open('echo');
      see('hidden');
      expect(awakeMs()).toBe(HOUR_MS / 6);
    });

    it('stays awake while sockets of other extensions are open (L8)', async () => {
      const channel = await open('guard');
      see('hidden');
      expect(awakeMs()).toBeGreaterThanOrEqual(2 * HOUR_MS);
      channel.abort();
      FakeSocket.last.onmessage?.({
        data: `0\u001e{"type":"refuse","channel":${channel.id},"code":4001,"reason":""}`
      });
      await channel.closed;
      FakeSocket.last.acknowledge();
      expect(awakeMs()).toBeLessThan(HOUR_MS);
    });

    it('sleeps after an hour with them on a hub, which would never stop the server (L8)', async () => {
      connectOnHub();
      await open('guard');
      see('hidden');
      expect(awakeMs()).toBe(HOUR_MS);
    });

    it('resumes for them when it is thawed, and counts as hidden (L8)', async () => {
      connectOnHub();
      await open('guard');
      see('hidden');
      document.dispatchEvent(new Event('freeze'));
      expect(connection.status.state).toBe('sleeping');
      document.dispatchEvent(new Event('resume'));
      FakeSocket.last.received = 1;
      FakeSocket.last.welcome();
      FakeSocket.last.pong();
      expect(connection.status.state).toBe('connected');
      expect(silenceMs()).toBe(25_000);
    });

    it.each([
      ['is not woken for them on a hub', true, 'sleeping'],
      ['is woken for them elsewhere', false, 'connected']
    ])(
      'that is frozen and thawed for more than an hour %s (L8)',
      async (_, onHub, state) => {
        if (onHub) {
          connectOnHub();
        }
        await open('guard');
        see('hidden');
        for (let minutes = 0; minutes < 75; minutes += 15) {
          document.dispatchEvent(new Event('freeze'));
          jest.advanceTimersByTime(HOUR_MS / 4);
          document.dispatchEvent(new Event('resume'));
          if (connection.status.trying) {
            FakeSocket.last.received = 1;
            FakeSocket.last.welcome();
            FakeSocket.last.pong();
          }
        }
        expect(connection.status.state).toBe(state);
      }
    );
  });

  it('closes the socket before a freeze and resumes after it', () => {
    document.dispatchEvent(new Event('freeze'));
    expect(FakeSocket.last.close).toHaveBeenCalledWith(1000, 'sleeping');
    document.dispatchEvent(new Event('resume'));
    expect(FakeSocket.made).toHaveLength(2);
    expect(connection.status.trying).toBe(true);
  });

  it('stays asleep when a hidden page is thawed, and wakes when it is shown', () => {
    see('hidden');
    document.dispatchEvent(new Event('freeze'));
    document.dispatchEvent(new Event('resume'));
    expect(connection.status.state).toBe('sleeping');
    see('visible');
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('wakes when there is something to send', async () => {
    document.dispatchEvent(new Event('freeze'));
    connection.open('echo');
    await Promise.resolve();
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('tries at once when the network is back', () => {
    FakeSocket.last.cut(1012);
    expect(FakeSocket.made).toHaveLength(1);
    window.dispatchEvent(new Event('online'));
    expect(FakeSocket.made).toHaveLength(2);
    expect(connection.status).toMatchObject({
      state: 'reconnecting',
      trying: true,
      nextTryMs: null
    });
  });

  it('takes a new socket within a second when the machine has slept', () => {
    const { last } = FakeSocket;
    // The page's clock stands still while the wall clock goes on.
    jest.setSystemTime(Date.now() + 3_600_000);
    jest.advanceTimersByTime(1000);
    expect(last.close).toHaveBeenCalledWith(1000, 'sleeping');
    expect(FakeSocket.made).toHaveLength(2);
    expect(connection.status).toMatchObject({
      state: 'reconnecting',
      trying: true,
      attempt: 0
    });
    FakeSocket.last.welcome();
    expect(connection.status.state).toBe('connected');
  });

  it('only asks for a sign of life when nobody sees the page that has slept', () => {
    see('hidden');
    const { last } = FakeSocket;
    const pings = last.written('ping').length;
    jest.setSystemTime(Date.now() + 3_600_000);
    jest.advanceTimersToNextTimer();
    expect(last.written('ping')).toHaveLength(pings + 1);
    expect(FakeSocket.made).toHaveLength(1);
  });
});
