import type { IDisposable } from '@lumino/disposable';

import type { IAIConnection } from '../tokens';

/** How often it is looked whether the login page has gone. */
const LOOK_MS = 500;

/**
 * Open the login page in a new tab, and resume when the login is back.
 *
 * @param options - Where, and for whom.
 * @returns What ends the wait; it ends by itself when the tab has gone or the
 * connection is back.
 *
 * #### Notes
 * The page behind the login closes itself. Where it may not, the connection finds
 * the login by its own tries all the same.
 */
export function logIn(options: ILoginOptions): IDisposable {
  const { connection, url } = options;
  const tab = window.open(url, '_blank');
  let timer: ReturnType<typeof setInterval> | undefined;
  const wait: IDisposable = {
    get isDisposed(): boolean {
      return timer === undefined;
    },
    dispose(): void {
      clearInterval(timer);
      timer = undefined;
    }
  };
  if (tab) {
    timer = setInterval(() => {
      if (connection.isDisposed || connection.status.state === 'connected') {
        wait.dispose();
      } else if (tab.closed) {
        wait.dispose();
        connection.reconnect();
      }
    }, LOOK_MS);
  }
  return wait;
}

/** Where to log in, and for whom. */
export interface ILoginOptions {
  /** What waits for the login; not owned. */
  readonly connection: IAIConnection;
  /** A page that asks for the login first. */
  readonly url: string;
}
