import type { IConnectionLost } from '@jupyterlab/application';
import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import type { IAIConnection } from '../tokens';
import { inTrouble } from './words';

/** Two failures so far apart are two. */
const APART_MS = 5000;

/**
 * Make what decides who tells of a server that JupyterLab cannot reach: the
 * ladder of the AI connection, which comes late and goes by itself, or
 * JupyterLab's own dialog.
 *
 * @param options - What to watch, and who tells otherwise.
 *
 * #### Notes
 * JupyterLab's own speaks where the AI connection cannot know: where the server
 * does not offer it, and where it is up while requests fail again.
 */
export function handlerOfLoss(options: ILossOptions): IConnectionLost {
  const { connection, otherwise, registry, id } = options;
  // The connection, by its begin, that was up when a request first failed.
  let failedSince: number | null = null;
  let failedMs = 0;

  const failsAgain = (connectedSince: number | null): boolean => {
    const nowMs = performance.now();
    if (failedSince === connectedSince) {
      return nowMs - failedMs > APART_MS;
    }
    failedSince = connectedSince;
    failedMs = nowMs;
    return false;
  };

  const tells = (): boolean => {
    switch (connection?.status.state) {
      case undefined:
        return false;
      case 'connected':
        return !failsAgain(connection!.diagnostics().connectedSince);
      case 'stopped':
      case 'disposed':
        return inTrouble(connection!.status);
      default:
        return true;
    }
  };

  const wanted = async (): Promise<boolean> => {
    const settings = await registry?.load(id).catch(() => null);
    return settings?.composite.replaceServerErrorDialog !== false;
  };

  return async (...failure) => {
    if (!tells() || !(await wanted())) {
      await otherwise(...failure);
    }
  };
}

/** What is needed to decide. */
export interface ILossOptions {
  /** What to watch; null: there is none. Not owned. */
  readonly connection: IAIConnection | null;
  /** JupyterLab's own dialog. */
  readonly otherwise: IConnectionLost;
  /** Where the settings are; null: the default holds. */
  readonly registry: ISettingRegistry | null;
  /** The plugin that has the settings. */
  readonly id: string;
}
