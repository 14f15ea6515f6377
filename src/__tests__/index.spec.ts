import type {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { PageConfig } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { CommandRegistry } from '@lumino/commands';

import plugins, { IAIConnection } from '..';
import { CommandIDs } from '../command-ids';

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
    plugin('jupyter-ai-ws:connection').activate(app) as IAIConnection;

  beforeEach(() => {
    SilentSocket.opened = 0;
    PageConfig.setOption('jupyterAiWs', '{}');
  });

  it('can be switched off one by one', () => {
    expect(all.map(({ id }) => id)).toEqual([
      'jupyter-ai-ws:connection',
      'jupyter-ai-ws:plugin',
      'jupyter-ai-ws:dialog',
      'jupyter-ai-ws:status',
      'jupyter-ai-ws:commands'
    ]);
    for (const { autoStart, description } of all) {
      expect(autoStart).toBe(true);
      expect(description).toMatch(/^[A-Z].*\.$/);
    }
  });

  it('require nothing but the connection', () => {
    for (const { id, provides, requires } of all) {
      expect(requires ?? []).toEqual(
        provides === IAIConnection ? [] : [IAIConnection]
      );
      expect(id).toMatch(/^jupyter-ai-ws:/);
    }
  });

  it('start the connection at once and await nothing', () => {
    const connection = connect(app());
    expect(SilentSocket.opened).toBe(1);
    expect(connection.status.state).toBe('connecting');
    connection.dispose();
  });

  it('ask nothing of a server that does not offer the connection', () => {
    PageConfig.setOption('jupyterAiWs', '');
    const connection = connect(app());
    expect(SilentSocket.opened).toBe(0);
    expect(connection.status).toMatchObject({
      state: 'stopped',
      cause: 'missing'
    });
    connection.dispose();
  });

  it('activate without anything that is optional', () => {
    const frontEnd = app();
    const connection = connect(frontEnd);
    for (const { activate, id, optional } of all.slice(1)) {
      const none = (optional ?? []).map(() => null);
      const result = activate(frontEnd, connection, ...none);
      expect(result instanceof Promise).toBe(false);
      expect(id).not.toBe('');
    }
    for (const id of Object.values(CommandIDs)) {
      expect(frontEnd.commands.hasCommand(id)).toBe(true);
    }
    connection.dispose();
  });
});
