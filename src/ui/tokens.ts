import type { Widget } from '@lumino/widgets';

import { pageToken } from '../page-token';

/**
 * What there is to see of the connection beyond the status item.
 */
export interface IConnectionViews {
  /** Where the popup is anchored; null: there is no status bar, a dialog is shown. */
  anchor: Widget | null;

  /** Show the question that is open, or else what is known of the connection. */
  show(): void;
}

/** The token of the views; for the plugins of this package. */
export const IConnectionViews = pageToken<IConnectionViews>(
  'jupyter-ai-ws:IConnectionViews',
  'Shows the state of the AI connection in a popup or a dialog.'
);
