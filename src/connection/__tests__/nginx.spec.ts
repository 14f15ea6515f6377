/**
 * L7: the page finds out how long a proxy lets a connection be silent.
 */
import { WebSocket as NodeWebSocket } from 'ws';

import { AIConnection } from '..';
import { DEFAULT_SETTINGS } from '../../settings/__tests__/defaults';
import { JupyterServer } from './support/jupyter-server';
import { Nginx } from './support/nginx';

jest.setTimeout(90_000);

/** Counts what each socket after two cuts hears of the server. */
class Heartbeats {
  constructor() {
    let sockets = 0;
    this.fiveOnOneSocket = new Promise(resolve => {
      this.WebSocket = class extends NodeWebSocket {
        constructor(url: string, protocols: string[]) {
          super(url, protocols);
          let pongs = 0;
          const late = ++sockets > 2;
          this.on('message', data => {
            const isPong = `${data}`.startsWith('{"type":"pong"');
            if (late && isPong && ++pongs === 5) {
              resolve();
            }
          });
        }
      } as unknown as typeof WebSocket;
    });
  }

  readonly fiveOnOneSocket: Promise<void>;
  WebSocket!: typeof WebSocket;
}

describe('AIConnection behind nginx with an idle time-out of 5 s', () => {
  let server: JupyterServer;
  let nginx: Nginx;

  beforeAll(async () => {
    server = await JupyterServer.start();
    nginx = await Nginx.start(server.port);
  });

  afterAll(async () => {
    await nginx.stop();
    await server.stop();
  });

  it('stays up after the second cut, with its silence under two thirds', async () => {
    const heartbeats = new Heartbeats();
    const connection = new AIConnection({
      serverSettings: {
        ...JupyterServer.settings(nginx.port),
        WebSocket: heartbeats.WebSocket
      },
      settings: { ...DEFAULT_SETTINGS, heartbeatIntervalMs: 20_000 }
    });
    connection.start();
    await heartbeats.fiveOnOneSocket;
    const { resumes, silenceLimitMs, heartbeatIntervalMs } =
      connection.diagnostics();
    connection.dispose();
    // More where a loaded machine measured two cuts too differently to believe them.
    expect(resumes).toBeGreaterThanOrEqual(2);
    expect(silenceLimitMs).toBeGreaterThan(4_500);
    expect(silenceLimitMs).toBeLessThan(7_500);
    expect(heartbeatIntervalMs).toBeLessThanOrEqual((silenceLimitMs! * 2) / 3);
  });
});
