import type { ServerConnection } from '@jupyterlab/services';

import { Guard } from './guard';
import { GuardedSocket } from './guarded-socket';
import { type IGuardConfig, readConfig } from './page-config';
import { type GuardWindow, type IPageGuard, KEY, VERSION } from './page-guard';
import { GuardSwitch } from './switch';

/**
 * Begin to guard the page, if the early part has prepared it.
 *
 * @param page - The window.
 * @param connections - JupyterLab's `ServerConnection`.
 *
 * #### Notes
 * Has to be called while the extension is being loaded: when plugins are
 * activated the first sockets exist.
 */
export function guardPage(
  page: GuardWindow,
  connections: typeof ServerConnection
): Guard {
  const config = configOf(page);
  const prepared = page[KEY];
  const ours =
    config && prepared?.version === VERSION && !prepared.make ? prepared : null;
  const guard = new Guard({
    page: ours,
    paths: config?.paths ?? {},
    off: new GuardSwitch(config?.server.pathname ?? '/')
  });
  if (ours) {
    GuardedSocket.inherit(ours.native);
    catchUp(connections, ours);
    ours.make = guard.make;
  }
  return guard;
}

function configOf(page: GuardWindow): IGuardConfig | null {
  const node = page.document.getElementById('jupyter-config-data');
  try {
    return readConfig(node?.textContent ?? '', page.location.href);
  } catch {
    return null;
  }
}

/**
 * Let new server settings have our constructor where `@jupyterlab/services` was
 * loaded before the early part ran and so keeps the browser's own: Notebook 7
 * loads them side by side.
 */
function catchUp(
  connections: typeof ServerConnection,
  { native, guarded }: IPageGuard
): void {
  const { makeSettings } = connections;
  if (makeSettings().WebSocket === native) {
    Object.assign(connections, {
      makeSettings: (options?: Partial<ServerConnection.ISettings>) =>
        makeSettings({ WebSocket: guarded, ...options })
    });
  }
}
