import type { CommandRegistry } from '@lumino/commands';

/** How long saving may take before the page is refreshed all the same. */
const SAVE_LIMIT_MS = 10_000;

/** Saves every document with unsaved changes. */
const SAVE_ALL = 'docmanager:save-all';

/**
 * Refresh the page, saving first.
 *
 * @param options - How.
 *
 * #### Notes
 * Where saving fails JupyterLab still holds the unsaved changes, and the browser
 * asks before it leaves them behind.
 */
export async function refreshPage(options: IRefreshOptions): Promise<void> {
  const { commands, save, reload } = options;
  if (save && commands.hasCommand(SAVE_ALL) && commands.isEnabled(SAVE_ALL)) {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const limit = new Promise<void>(resolve => {
      timer = setTimeout(resolve, SAVE_LIMIT_MS);
    });
    const saved = commands.execute(SAVE_ALL).catch(() => undefined);
    await Promise.race([saved, limit]);
    clearTimeout(timer);
  }
  reload();
}

/** How to refresh. */
export interface IRefreshOptions {
  /** The commands of the application. */
  readonly commands: CommandRegistry;
  /** Whether to save first; false where it would only fail. */
  readonly save: boolean;
  /** Load the page anew. */
  readonly reload: () => void;
}
