import type { ServerConnection } from '@jupyterlab/services';

import { AIConnection } from '../../../connection';
import { AcceptorServer } from '../../../connection/__tests__/support/acceptor-server';
import type { ServerChannel } from '../../../core/server-end';
import { DEFAULT_SETTINGS } from '../../../settings/__tests__/defaults';
import { Guard } from '../../guard';
import { GuardSwitch } from '../../switch';

/** The guarded path of the extension _Chat_. */
export const PATH = 'ai/chat';

/** A page with a guard, and a server whose service gives back what comes. */
export interface IGuardedPage {
  readonly server: AcceptorServer;
  readonly connection: AIConnection;
  readonly guard: Guard;
}

/** How a page with a guard is to be. */
export interface IGuardedPageOptions {
  readonly goneTimeoutMs?: number;
  /** Change the settings with which the page reaches the server. */
  readonly adapt?: (
    settings: ServerConnection.ISettings
  ) => ServerConnection.ISettings;
}

/** Start the server, and a connection that is not started yet. */
export async function startGuardedPage({
  goneTimeoutMs,
  adapt = settings => settings
}: IGuardedPageOptions = {}): Promise<IGuardedPage> {
  const server = await AcceptorServer.start();
  server.services.guard = echo;
  const guard = new Guard({
    page: null,
    paths: { [PATH]: 'Chat', 'ai/other': 'Other' },
    off: new GuardSwitch('/'),
    goneTimeoutMs
  });
  const connection = new AIConnection({
    serverSettings: adapt(server.settings()),
    settings: { ...DEFAULT_SETTINGS, baseDelayMs: 10, delayCapMs: 50 },
    guard
  });
  return { server, connection, guard };
}

/** Accept with the last subprotocol and give back what comes. */
export function echo(channel: ServerChannel): void {
  const protocols = channel.parameters.protocols as string[];
  channel.accept({ protocol: protocols[protocols.length - 1] ?? '' });
  channel.listener = {
    readable: () => {
      for (let record; (record = channel.take()) !== null;) {
        channel.send(record);
      }
    }
  };
}

/** Make a guarded socket of _Chat_. */
export function makeSocket(
  guard: Guard,
  protocols: string[],
  path = PATH
): WebSocket {
  const url = new URL(`ws://127.0.0.1:8888/base/${path}?token=x`);
  return guard.make(url, protocols, 'Chat');
}
