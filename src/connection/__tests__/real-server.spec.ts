/** The page's connection against a real Jupyter server. */
import { randomBytes } from 'crypto';

import { AIConnection } from '..';
import { DEFAULT_SETTINGS } from '../../settings/__tests__/defaults';
import type { IChannel } from '../../tokens';
import { FaultProxy } from './support/fault-proxy';
import { JupyterServer } from './support/jupyter-server';
import { until } from './support/wait';

jest.setTimeout(180_000);

/** Send records on an echo channel and check what comes back. */
class Echo {
  constructor(channel: IChannel) {
    this._channel = channel;
    channel.message.connect((_, record) => {
      const text =
        typeof record === 'string' ? record : `bytes ${record.join()}`;
      this.back.push(text);
      this._look();
    });
  }

  readonly sent: string[] = [];
  readonly back: string[] = [];

  send(record: string | Uint8Array): void {
    this._channel.send(record);
    this.sent.push(
      typeof record === 'string' ? record : `bytes ${record.join()}`
    );
  }

  /** Resolves when so many records have come back. */
  arrived(count = this.sent.length): Promise<void> {
    return new Promise(resolve => {
      this._look = () => {
        if (this.back.length >= count) {
          resolve();
        }
      };
      this._look();
    });
  }

  private readonly _channel: IChannel;
  private _look: () => void = () => undefined;
}

describe('AIConnection and a real server', () => {
  let server: JupyterServer;
  let proxy: FaultProxy;
  let connection: AIConnection;

  beforeAll(async () => {
    server = await JupyterServer.start();
  });

  afterAll(() => server.stop());

  beforeEach(async () => {
    proxy = await FaultProxy.start(server.port);
    connection = new AIConnection({
      serverSettings: JupyterServer.settings(proxy.port),
      settings: { ...DEFAULT_SETTINGS, baseDelayMs: 10, delayCapMs: 50 }
    });
  });

  afterEach(async () => {
    connection.dispose();
    await proxy.stop();
  });

  it('connects and carries records both ways', async () => {
    connection.start();
    const channel = connection.open('echo');
    const echo = new Echo(channel);
    echo.send('text');
    echo.send('日本語 \u001e');
    echo.send('');
    echo.send(new Uint8Array([0, 255]));
    await echo.arrived();
    expect(echo.back).toEqual(echo.sent);
    expect(connection.status.state).toBe('connected');
    channel.close();
    expect((await channel.closed).kind).toBe('closed');
  });

  it.each([
    ['text', 'é'.repeat(5 * 1024 * 1024)],
    ['bytes', Uint8Array.from(randomBytes(10 * 1024 * 1024))]
  ])('carries records of 10 MiB: %s', async (_, large) => {
    connection.start();
    const echo = new Echo(connection.open('echo'));
    // The second finds a line that was shown to be fast.
    for (let round = 0; round < 2; round++) {
      echo.send(large);
      await echo.arrived();
      expect(echo.back[round] === echo.sent[round]).toBe(true);
    }
  });

  it('resumes once when the server stops answering for 12 s, without asking', async () => {
    connection.start();
    const echo = new Echo(connection.open('echo'));
    echo.send('before');
    await echo.arrived();
    const questions = new Set<string>();
    connection.statusChanged.connect((_, { question }) =>
      questions.add(question)
    );
    server.signal('SIGSTOP');
    echo.send('meanwhile');
    await new Promise(resolve => setTimeout(resolve, 12_000));
    server.signal('SIGCONT');
    await echo.arrived();
    expect(echo.back).toEqual(['before', 'meanwhile']);
    expect(connection.diagnostics().resumes).toBe(1);
    expect(questions.has('attempts') || questions.has('permanent')).toBe(false);
  });

  it('tells every channel the truth when the server was killed and came back', async () => {
    connection.start();
    const channel = connection.open('echo');
    const echo = new Echo(channel);
    echo.send('one');
    await echo.arrived();
    const { port } = server;
    await server.stop('SIGKILL');
    await until(connection, 'reconnecting');
    channel.send('two');
    server = await JupyterServer.start(port);
    const end = await channel.closed;
    expect(end).toMatchObject({ kind: 'discontinuity', code: 1006 });
    expect(end.acknowledged + end.perhapsDelivered).toBe(1);
    expect(end.neverWritten).toBe(1);
    await until(connection, 'connected');
    const next = new Echo(connection.open('echo'));
    next.send('three');
    await next.arrived();
    expect(next.back).toEqual(['three']);
  });
});
