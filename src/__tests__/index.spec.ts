import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { IConnectionLost } from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';

import plugins from '..';
import { CommandIDs } from '../command-ids';
import { IAIConnection } from '../tokens';

/** A socket that never gets anywhere. */
class SilentSocket {
  static opened = 0;
  readonly readyState = 0;

  constructor() {
    SilentSocket.opened++;
  }

  close(): void {}
}

describe('plugins', () => {
  const all: JupyterFrontEndPlugin<unknown>[] = plugins;
  const app = () =>
    ({
      commands: new CommandRegistry(),
      serviceManager: {
        serverSettings: ServerConnection.makeSettings({
          baseUrl: 'http://127.0.0.1:1/',
          WebSocket: SilentSocket as unknown as typeof WebSocket
        })
      }
    }) as unknown as JupyterFrontEnd;
  const plugin = (id: string) => all.find(each => each.id === id)!;
  const connect = (app: JupyterFrontEnd) =>
    plugin('jupyter-ai-ws:connection').activate(app) as Promise<
      IAIConnection & IDisposable
    >;

  beforeEach(() => {
    SilentSocket.opened = 0;
    PageConfig.setOption('jupyterAiWs', '{}');
  });

  it('can be switched off one by one', () => {
    expect(all.map(({ id }) => id)).toEqual([
      'jupyter-ai-ws:connection',
      'jupyter-ai-ws:guard',
      'jupyter-ai-ws:plugin',
      'jupyter-ai-ws:dialog',
      'jupyter-ai-ws:status',
      'jupyter-ai-ws:commands',
      'jupyter-ai-ws:connection-lost'
    ]);
    for (const { autoStart, description } of all) {
      expect(autoStart).toBe(true);
      expect(description).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('require nothing but the connection', () => {
    for (const { id, provides, requires } of all) {
      const basic = provides === IAIConnection || provides === IConnectionLost;
      expect(requires ?? []).toEqual(basic ? [] : [IAIConnection]);
      expect(id).toMatch(/^jupyter-ai-ws:/);
    }
  });

  it("leave a hub's own dialog alone", () => {
    jest.isolateModules(() => {
      const coreutils = jest.requireActual('@jupyterlab/coreutils');
      coreutils.PageConfig.setOption('hubPrefix', '/hub/');
      const plugins = jest.requireActual('..').default as typeof all;
      const ids = plugins.map(({ id }) => id);
      expect(ids).not.toContain('jupyter-ai-ws:connection-lost');
      expect(ids).toContain('jupyter-ai-ws:dialog');
    });
  });

  it('start the connection as soon as its code is there', async () => {
    const connection = await connect(app());
    expect(SilentSocket.opened).toBe(1);
    expect(connection.status.state).toBe('connecting');
    connection.dispose();
  });

  it('ask nothing of a server that does not offer the connection', async () => {
    PageConfig.setOption('jupyterAiWs', '');
    const connection = await connect(app());
    expect(SilentSocket.opened).toBe(0);
    expect(connection.status).toMatchObject({
      state: 'stopped',
      cause: 'missing'
    });
    connection.dispose();
  });

  it('activate without anything that is optional', async () => {
    const frontEnd = app();
    const connection = await connect(frontEnd);
    for (const { activate, id, optional, requires } of all.slice(1)) {
      const none = (optional ?? []).map(() => null);
      const needed = requires?.length ? [connection] : [];
      const result = activate(frontEnd, ...needed, ...none);
      expect(result instanceof Promise).toBe(false);
      expect(id).not.toBe('');
    }
    await import('../ui').then(ui => ui.loadTexts(null));
    await Promise.resolve();
    for (const id of Object.values(CommandIDs)) {
      expect(frontEnd.commands.hasCommand(id)).toBe(true);
    }
    connection.dispose();
  });
});
