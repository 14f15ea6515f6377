/**
 * The connection of the page: what it tells, and what it leaves behind.
 */
import type { JSONObject } from '@lumino/coreutils';

import { AIConnection } from '..';
import { ChannelClosedError, SessionEndedError } from '../../core/errors';
import { Session } from '../../core/session';
import { DEFAULT_SETTINGS } from '../../settings/__tests__/defaults';
import type { IChannel, IConnectionStatus } from '../../tokens';
import { ChannelRefusedError } from '../errors';
import { FakeSocket } from './support/fake-socket';

describe('AIConnection', () => {
  let connection: AIConnection;

  afterEach(() => {
    connection.dispose();
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  function make(options: Partial<AIConnection.IOptions> = {}): AIConnection {
    jest.useFakeTimers();
    connection = new AIConnection({
      serverSettings: FakeSocket.settings(),
      ...options
    });
    return connection;
  }

  function connect(options: Partial<AIConnection.IOptions> = {}): AIConnection {
    make(options).start();
    FakeSocket.last.welcome();
    return connection;
  }

  describe('dispose', () => {
    const phases: [string, (connection: AIConnection) => void][] = [
      ['before the start', () => undefined],
      ['while connecting', connection => connection.start()],
      [
        'while connected',
        connection => {
          connection.start();
          FakeSocket.last.welcome();
        }
      ],
      [
        'while a probe is under way',
        connection => {
          connection.start();
          FakeSocket.last.cut();
          jest.runOnlyPendingTimers();
          expect(connection.status.trying).toBe(true);
        }
      ],
      [
        'while waiting for the next try',
        connection => {
          connection.start();
          FakeSocket.last.welcome();
          FakeSocket.last.cut(1012);
          expect(connection.status.nextTryMs).not.toBeNull();
        }
      ],
      [
        'while sleeping',
        connection => {
          connection.start();
          FakeSocket.last.welcome();
          document.dispatchEvent(new Event('freeze'));
          expect(connection.status.state).toBe('sleeping');
        }
      ]
    ];

    it.each(phases)('leaves no timer and no listener: %s', (_, go) => {
      // The first selector makes the DOM of the tests listen, too.
      document.querySelector('*');
      const targets = [window, document].map(target => ({
        added: jest.spyOn(target, 'addEventListener'),
        removed: jest.spyOn(target, 'removeEventListener')
      }));
      make();
      go(connection);
      connection.dispose();
      expect(jest.getTimerCount()).toBe(0);
      for (const { added, removed } of targets) {
        expect(removed.mock.calls).toEqual(added.mock.calls);
      }
      for (const socket of FakeSocket.made) {
        expect([socket.onopen, socket.onmessage, socket.onclose]).toEqual([
          null,
          null,
          null
        ]);
      }
      expect(connection.status.state).toBe('disposed');
      expect(connection.isDisposed).toBe(true);
    });

    it('says bye on the socket and closes it', () => {
      connect();
      const { last } = FakeSocket;
      connection.dispose();
      expect(last.written('bye')).toHaveLength(1);
      expect(last.close).toHaveBeenCalledWith(1000, 'disposed');
    });

    it('is the last that happens', async () => {
      connect();
      connection.dispose();
      connection.start();
      connection.reconnect();
      connection.applySettings(DEFAULT_SETTINGS);
      window.dispatchEvent(new Event('online'));
      await Promise.resolve();
      expect(FakeSocket.made).toHaveLength(1);
      expect(jest.getTimerCount()).toBe(0);
      expect(() => connection.open('echo')).toThrow(SessionEndedError);
      expect(() => connection.open('echo')).toThrow(/was disposed of/);
    });
  });

  describe('statusChanged', () => {
    it('is emitted only when something has changed', () => {
      connect({ settings: DEFAULT_SETTINGS });
      const heard = jest.fn();
      connection.statusChanged.connect(heard);
      connection.applySettings(DEFAULT_SETTINGS);
      FakeSocket.last.pong();
      expect(heard).not.toHaveBeenCalled();
      connection.applySettings({ ...DEFAULT_SETTINGS, maxAttempts: 9 });
      expect(heard).toHaveBeenCalledTimes(1);
      expect(connection.status.maxAttempts).toBe(9);
    });

    it('tells every handler the newest last, whatever a handler does', () => {
      connect();
      const heard: IConnectionStatus[] = [];
      connection.statusChanged.connect((_, { nextTryMs }) => {
        if (nextTryMs !== null) {
          connection.reconnect();
        }
      });
      connection.statusChanged.connect((_, status) => heard.push(status));
      FakeSocket.last.cut();
      expect(heard.map(({ trying }) => trying)).toEqual([false, true]);
      expect(heard[1]).toBe(connection.status);
    });

    it('survives a handler that disposes, and tells the end', () => {
      connect();
      const heard: string[] = [];
      connection.statusChanged.connect(() => connection.dispose());
      connection.statusChanged.connect((_, { state }) => heard.push(state));
      FakeSocket.last.cut();
      expect(heard).toEqual(['reconnecting', 'disposed']);
      expect(jest.getTimerCount()).toBe(0);
    });
  });

  describe('open', () => {
    const deep = (levels: number): JSONObject => {
      let parameters: JSONObject = {};
      for (let level = 1; level < levels; level++) {
        parameters = { parameters };
      }
      return parameters;
    };

    it.each<[string, unknown, RegExp]>([
      ['null', null, /an object that is one in JSON, not null/],
      ['an array', [1], /not Array/],
      ['a text', 'abc', /not string/],
      ['a function', () => 1, /not function/],
      ['a date', new Date(0), /not Date/],
      ['what JSON makes a text of', { toJSON: () => 'x' }, /not Object/],
      ['101 levels', deep(101), /at most 100 levels/],
      ['1,000 levels', deep(1000), /at most 100 levels/],
      ['levels beyond the stack', deep(100_000), /at most 100 levels/]
    ])('refuses parameters that are %s', (_, parameters, message) => {
      connect();
      const open = () => connection.open('echo', parameters as JSONObject);
      expect(open).toThrow(TypeError);
      expect(open).toThrow(message);
      expect(connection.channels).toEqual([]);
    });

    it('takes 100 levels of parameters', () => {
      connect();
      connection.open('echo', deep(100));
      expect(connection.channels).toHaveLength(1);
    });

    it.each([5, null, ['echo'], {}])('refuses the service %p', service => {
      connect();
      const open = (...texts: unknown[]) => {
        const [service, name] = texts as string[];
        return () => connection.open(service, {}, name);
      };
      expect(open(service)).toThrow(/^service: a string, not/);
      expect(open('echo', service)).toThrow(/^name: a string, not/);
      expect(open('')).toThrow(RangeError);
      expect(open('x'.repeat(129))).toThrow(/^service: 1 to 128 characters/);
      expect(connection.channels).toEqual([]);
    });
  });

  describe('where the server half is not there', () => {
    it('makes no request at all, whatever happens to the page', () => {
      const fetch = jest.fn();
      make({
        available: false,
        serverSettings: FakeSocket.settings({ fetch })
      });
      connection.start();
      window.dispatchEvent(new Event('online'));
      window.dispatchEvent(new Event('pageshow'));
      document.dispatchEvent(new Event('freeze'));
      document.dispatchEvent(new Event('resume'));
      document.dispatchEvent(new Event('visibilitychange'));
      expect(connection.status).toMatchObject({
        state: 'stopped',
        cause: 'missing',
        question: 'none'
      });
      expect(jest.getTimerCount()).toBe(0);
      expect(FakeSocket.made).toEqual([]);
      expect(fetch).not.toHaveBeenCalled();
    });

    const settled = (...channels: IChannel[]) => {
      const promises = channels.flatMap(each => [each.accepted, each.closed]);
      void jest.advanceTimersByTimeAsync(1000);
      return Promise.all(promises.map(each => each.catch(error => error)));
    };

    it('refuses channels, so that every promise settles', async () => {
      make({ available: false }).start();
      const channel = connection.open('echo');
      channel.send('x'.repeat(8 * 1024 * 1024));
      const ready = channel.ready();
      const [error, end] = await settled(channel);
      expect(error).toBeInstanceOf(ChannelRefusedError);
      expect(error).toMatchObject({
        code: 4404,
        reason: 'jupyter_ai_ws is missing or disabled on the server'
      });
      expect(end).toMatchObject({ kind: 'refused', code: 4404 });
      await expect(ready).rejects.toBeInstanceOf(ChannelClosedError);
      expect(channel.state).toBe('closed');
      expect(connection.channels).toEqual([]);
    });

    it('lets who hears of a refusal open another channel', async () => {
      make({ available: false }).start();
      const first = connection.open('echo');
      const second = first.closed.then(() => connection.open('self-test'));
      await jest.advanceTimersByTimeAsync(1000);
      expect((await settled(await second))[1]).toMatchObject({ code: 4404 });
    });

    it('refuses no more than one a second of who opens again at once', async () => {
      make({ available: false }).start();
      let opened = 0;
      const open = () => {
        opened++;
        void connection.open('echo').closed.then(() => {
          if (!connection.isDisposed) {
            open();
          }
        });
      };
      open();
      await jest.advanceTimersByTimeAsync(5500);
      expect(opened).toBe(6);
      connection.dispose();
    });

    it('refuses none that a person has asked for another try meanwhile', async () => {
      make({ available: false }).start();
      const channel = connection.open('echo');
      connection.reconnect();
      await jest.advanceTimersByTimeAsync(2000);
      expect(channel.state).toBe('opening');
    });

    /** Let every try fail, and every probe find that there is no such page. */
    const lose = async () => {
      for (let look = 0; look < 10; look++) {
        FakeSocket.last.cut();
        await jest.advanceTimersByTimeAsync(1000);
      }
    };
    const noSuchPage = () =>
      FakeSocket.settings({
        fetch: async () => new Response('', { status: 404 })
      });

    it('refuses channels that were opened before that was found', async () => {
      make({ serverSettings: noSuchPage() }).start();
      const channel = connection.open('echo');
      await lose();
      expect(connection.status).toMatchObject({
        state: 'stopped',
        cause: 'missing'
      });
      expect((await settled(channel))[1]).toMatchObject({ code: 4404 });
    });

    it('lets channels wait where it was there before', async () => {
      connect({ serverSettings: noSuchPage() });
      const channel = connection.open('echo');
      await lose();
      expect(connection.status).toMatchObject({
        state: 'reconnecting',
        cause: 'missing'
      });
      expect(channel.state).toBe('opening');
    });

    it('opens channels after a person has asked for another try', async () => {
      make({ available: false }).start();
      connection.reconnect();
      const channel = connection.open('echo');
      await jest.advanceTimersByTimeAsync(0);
      expect(channel.state).toBe('opening');
    });

    it('tries all the same when a person asks', () => {
      make({ available: false }).reconnect();
      expect(connection.status.state).toBe('connecting');
      FakeSocket.last.welcome();
      expect(connection.status.state).toBe('connected');
    });
  });

  describe('against a server without a common version', () => {
    const outcome = async (channel: IChannel) => {
      const outcomes = [channel.accepted, channel.closed].map(each =>
        each.catch(error => error)
      );
      await jest.advanceTimersByTimeAsync(1000);
      return Promise.all(outcomes);
    };

    it.each([
      ['by the socket', 4406, 'version'],
      ['by the probe', 1006, 'incompatible']
    ])(
      'refuses channels once nothing is tried any more: %s',
      async (_, code, cause) => {
        const body = { status: 'ok', protocols: ['v2.jupyter-ai-ws'] };
        make({
          serverSettings: FakeSocket.settings({
            fetch: async () => new Response(JSON.stringify(body))
          }),
          settings: { ...DEFAULT_SETTINGS, retryWhileAsking: false }
        }).start();
        const channel = connection.open('echo');
        FakeSocket.last.cut(code);
        await jest.advanceTimersByTimeAsync(10_000);
        expect(connection.status).toMatchObject({ state: 'stopped', cause });
        const [error, end] = await outcome(channel);
        expect(error).toBeInstanceOf(ChannelRefusedError);
        expect(end).toMatchObject({
          kind: 'refused',
          code: 4404,
          reason: 'page and server have no common version of jupyter_ai_ws'
        });
      }
    );

    it('lets channels wait while the server may yet be another', async () => {
      make().start();
      const channel = connection.open('echo');
      FakeSocket.last.cut(4406);
      await jest.advanceTimersByTimeAsync(10_000);
      expect(connection.status.question).toBe('permanent');
      expect(channel.state).toBe('opening');
      connection.reconnect();
      FakeSocket.last.welcome();
      expect(connection.status.state).toBe('connected');
    });

    it('lets channels wait for an answer to what was asked for another cause', async () => {
      make({
        settings: { ...DEFAULT_SETTINGS, retryWhileAsking: false }
      }).start();
      const channel = connection.open('echo');
      FakeSocket.last.cut(4429);
      await jest.advanceTimersByTimeAsync(10_000);
      expect(connection.status).toMatchObject({
        state: 'stopped',
        cause: 'too-many'
      });
      expect(channel.state).toBe('opening');
    });
  });

  it('takes a WebSocket that cannot be made for a failed try', async () => {
    const WebSocket = (() => {
      throw new Error('Refused by the policy');
    }) as unknown as typeof window.WebSocket;
    make({ serverSettings: FakeSocket.settings({ WebSocket }) }).start();
    await Promise.resolve();
    expect(connection.status).toMatchObject({
      state: 'connecting',
      cause: 'network'
    });
    expect(connection.status.nextTryMs).not.toBeNull();
  });

  it('works where storage is forbidden', () => {
    jest.spyOn(window, 'localStorage', 'get').mockImplementation(() => {
      throw new DOMException('Forbidden', 'SecurityError');
    });
    expect(connect().status.state).toBe('connected');
  });

  it('ends the session when it fails inside a frame (B1)', async () => {
    const error = jest.spyOn(console, 'error').mockImplementation();
    connect();
    const channel = connection.open('echo');
    await Promise.resolve();
    jest.spyOn(Session.prototype, 'receive').mockImplementationOnce(() => {
      throw new Error('a fault of ours');
    });
    const { last } = FakeSocket;
    last.onmessage?.({ data: '0\u001e{}' });
    expect(last.close).toHaveBeenCalledWith(4400, 'B1: internal error');
    expect((await channel.closed).kind).toBe('discontinuity');
    expect(connection.status.cause).toBe('protocol');
    expect(error).toHaveBeenCalledTimes(1);
  });

  it('tells with a lost session also of channels whose records still wait', async () => {
    connect();
    const channel = connection.open('echo', {}, 'Helper');
    channel.message.connect(() => undefined);
    channel.pause();
    await Promise.resolve();
    const accept = { type: 'accept', channel: channel.id, parameters: {} };
    FakeSocket.last.onmessage?.({ data: `0\u001e${JSON.stringify(accept)}` });
    FakeSocket.last.onmessage?.({ data: `${channel.id}\u001ewaits` });
    channel.send('never written');
    FakeSocket.last.cut(4404);
    const helper = { name: 'Helper', perhapsDelivered: 0, neverWritten: 1 };
    expect(connection.diagnostics().lastLoss).toMatchObject({
      channels: ['Helper'],
      unacknowledged: [helper]
    });
    channel.resume();
    expect((await channel.closed).kind).toBe('discontinuity');
    FakeSocket.last.welcome();
    FakeSocket.last.cut(4404);
    expect(connection.diagnostics()).toMatchObject({
      discontinuities: 2,
      recordsLost: 1,
      lastLoss: { channels: [], unacknowledged: [] }
    });
  });

  it.each([
    ['a cut', () => FakeSocket.last.cut()],
    ['a freeze', () => document.dispatchEvent(new Event('freeze'))]
  ])(
    'names with a lost session what was under way before %s, however long that took',
    async (_, interrupt) => {
      connect();
      const open = async (name: string) => {
        connection.open('echo', {}, name);
        await Promise.resolve();
        FakeSocket.last.acknowledge();
      };
      await open('Idle');
      for (let idleMs = 0; idleMs < 60_000; idleMs += 5000) {
        FakeSocket.last.pong();
        jest.advanceTimersByTime(5000);
      }
      await open('Helper');
      interrupt();
      jest.advanceTimersByTime(300_000);
      document.dispatchEvent(new Event('resume'));
      connection.reconnect();
      FakeSocket.last.cut(4404);
      expect(connection.diagnostics().lastLoss?.channels).toEqual(['Helper']);
    }
  );

  it('does not take for under way what was long over when a live line ended', async () => {
    connect();
    connection.open('echo', {}, 'Idle');
    await Promise.resolve();
    FakeSocket.last.acknowledge();
    for (let idleMs = 0; idleMs < 55_000; idleMs += 5000) {
      FakeSocket.last.pong();
      jest.advanceTimersByTime(5000);
    }
    FakeSocket.last.pong();
    // No other heartbeat comes in that time.
    connection.applySettings({
      ...DEFAULT_SETTINGS,
      heartbeatIntervalMs: 60_000
    });
    jest.advanceTimersByTime(10_000);
    FakeSocket.last.cut(4404);
    expect(connection.diagnostics().lastLoss?.channels).toEqual([]);
  });

  it('hurries the next try, and does nothing else', () => {
    connect().hurry();
    expect(FakeSocket.made).toHaveLength(1);
    FakeSocket.last.cut(1012);
    expect(connection.status.trying).toBe(false);
    connection.hurry();
    expect(FakeSocket.made).toHaveLength(2);
    expect(connection.status).toMatchObject({ attempt: 1, trying: true });
    connection.hurry();
    expect(FakeSocket.made).toHaveLength(2);
  });

  it('tells a probe from a socket, one status for each', async () => {
    let answer: (response: Response) => void = () => undefined;
    const fetch = () =>
      new Promise<Response>(resolve => {
        answer = resolve;
      });
    make({ serverSettings: FakeSocket.settings({ fetch }) });
    const told: string[] = [];
    connection.statusChanged.connect((_, { cause, probing, trying }) => {
      told.push(`${trying ? (probing ? 'probe' : 'socket') : 'wait'} ${cause}`);
    });
    connection.start();
    await jest.advanceTimersByTimeAsync(10_500);
    answer(new Response('{"status": "ok", "protocols": ["v1.jupyter-ai-ws"]}'));
    await jest.advanceTimersByTimeAsync(20_500);
    expect(told).toEqual([
      'socket ',
      'wait busy',
      'probe busy',
      'socket busy',
      'wait busy',
      'probe busy'
    ]);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(told.slice(6)).toEqual(['wait busy', 'probe busy']);
  });

  it('names its channels, and since when nothing was heard of them', async () => {
    connect();
    connection.open('echo', {}, 'Helper');
    connection.open('echo');
    jest.advanceTimersByTime(1500);
    expect(connection.diagnostics().channels).toEqual([
      { name: 'Helper', state: 'opening', idleMs: 1500 },
      { name: 'echo', state: 'opening', idleMs: 1500 }
    ]);
  });

  describe('learns of an idle proxy', () => {
    afterEach(() => localStorage.clear());

    const cutTwice = (options?: Partial<AIConnection.IOptions>) => {
      connect(options);
      for (let cut = 0; cut < 2; cut++) {
        FakeSocket.last.pong();
        jest.advanceTimersByTime(4000);
        FakeSocket.last.cut();
        jest.advanceTimersByTime(10);
        FakeSocket.last.welcome();
      }
    };

    it('and keeps, tells and forgets it', () => {
      cutTwice();
      const limit = connection.diagnostics().silenceLimitMs;
      expect(limit).toBeGreaterThanOrEqual(4000);
      expect(connection.diagnostics().heartbeatIntervalMs).toBeLessThan(5000);
      expect(JSON.stringify(connection.diagnostics().events)).toContain(
        'closed after 4.0 s of silence while shown; heartbeat 2.7 s'
      );
      expect(localStorage).toHaveLength(1);
      connection.forgetSilence();
      expect(connection.diagnostics().silenceLimitMs).toBeNull();
      expect(connection.diagnostics().heartbeatIntervalMs).toBe(5000);
      expect(localStorage).toHaveLength(0);
    });

    it('but not where the settings forbid it', () => {
      cutTwice({ settings: { ...DEFAULT_SETTINGS, adaptToProxy: false } });
      expect(connection.diagnostics().silenceLimitMs).toBeNull();
      expect(localStorage).toHaveLength(0);
    });
  });

  it('keeps the token out of diagnostics', () => {
    connect();
    FakeSocket.last.cut();
    jest.runOnlyPendingTimers();
    connection.reconnect();
    FakeSocket.last.cut();
    jest.runOnlyPendingTimers();
    const report = JSON.stringify(connection.diagnostics());
    expect(FakeSocket.last.url).toContain('token=sec%20ret');
    expect(report).toContain('socket closed');
    expect(report).not.toMatch(/sec( |%20)ret|token/);
  });
});
