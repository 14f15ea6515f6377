import type { IStatusBar } from '@jupyterlab/statusbar';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { IAIConnection } from '../tokens';
import { StatusModel } from './model';
import { AiConnectionStatus } from './status';
import type { IConnectionViews } from './tokens';

/**
 * Put the item into the status bar.
 *
 * @param options - What to show and where.
 * @returns The item's place; disposing of it takes the item away.
 */
export function addStatusItem(options: IStatusItemOptions): IDisposable {
  const { connection, id, statusBar, trans, views } = options;
  const item = new AiConnectionStatus({
    model: new StatusModel({ connection, trans }),
    trans,
    open: () => (views ? views.show() : connection.reconnect())
  });
  if (views) {
    views.anchor = item;
  }
  return statusBar.registerStatusItem(id, {
    item,
    align: 'right',
    rank: 100,
    // Anything less and it is hidden where the window is narrow.
    priority: 1
  });
}

/** What the item needs. */
export interface IStatusItemOptions {
  /** The connection; not owned. */
  readonly connection: IAIConnection;
  /** The id of the item. */
  readonly id: string;
  /** Where it goes. */
  readonly statusBar: IStatusBar;
  /** The language. */
  readonly trans: TranslationBundle;
  /** What a click shows; without them a click reconnects. */
  readonly views: IConnectionViews | null;
}
