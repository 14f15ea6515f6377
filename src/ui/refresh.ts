import type { CommandRegistry } from '@lumino/commands';

import { lookBehind } from '../redirect';

/** How long saving may take before it counts as failed. */
const SAVE_LIMIT_MS = 10_000;

/** How long the server may take to say that a page can be loaded. */
const LOOK_LIMIT_MS = 5000;

/** Saves every document with unsaved changes. */
const SAVE_ALL = 'docmanager:save-all';

/**
 * What became of a wish to refresh the page.
 *
 * - `reloading`: it is being loaded anew;
 * - `unsaved`: documents could not be saved, nothing was done;
 * - `unreachable`: the page would be lost, nothing was done.
 */
export type RefreshOutcome = 'reloading' | 'unsaved' | 'unreachable';

/**
 * Refresh the page if nothing is lost by it, saving first.
 *
 * @param options - How.
 */
export async function refreshPage(
  options: IRefreshOptions
): Promise<RefreshOutcome> {
  const { commands, isReachable, reload, save, unsaved } = options;
  if (!(await within(LOOK_LIMIT_MS, isReachable(), false))) {
    return 'unreachable';
  }
  if (save && unsaved().length && commands.hasCommand(SAVE_ALL)) {
    const saving = commands.execute(SAVE_ALL).catch(() => undefined);
    await within(SAVE_LIMIT_MS, saving, undefined);
  }
  if (unsaved().length) {
    return 'unsaved';
  }
  reload();
  return 'reloading';
}

/**
 * Whether the server would give the page again.
 *
 * @param url - The address of the page.
 */
export async function isPageReachable(url: string): Promise<boolean> {
  const ask = (changes: RequestInit = {}) =>
    fetch(url, { cache: 'no-store', ...changes });
  try {
    const { status } = await ask();
    return status !== 502 && status !== 504;
  } catch {
    // Login or hub: both bring the page back when they are done.
    return (await lookBehind(ask)) !== 'nothing';
  }
}

/** How to refresh. */
export interface IRefreshOptions {
  /** The commands of the application. */
  readonly commands: CommandRegistry;
  /** Whether to save first; false where it would only fail. */
  readonly save: boolean;
  /** Whether the server would give the page again. */
  readonly isReachable: () => Promise<boolean>;
  /** Names of the documents with unsaved changes. */
  readonly unsaved: () => ReadonlyArray<string>;
  /** Load the page anew. */
  readonly reload: () => void;
}

/** What a promise brings, or something else when it takes too long. */
async function within<T>(
  limitMs: number,
  promise: Promise<T>,
  otherwise: T
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<T>(resolve => {
    timer = setTimeout(() => resolve(otherwise), limitMs);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}
