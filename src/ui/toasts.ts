import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';

import { type IAction, showActionsDialog } from './actions-dialog';

/** What JupyterLab shows notifications with. */
const PACKAGE = 'react-toastify';

/** What JupyterLab shows notifications in, once it has it. */
const CONTAINER = 'react-toastify-container';

/** A server that takes longer to give code stands in the way of an answer to what was pressed. */
const LIMIT_MS = 3000;

/** What the packages of the page are shared by. */
interface IShareScope {
  readonly [name: string]: Readonly<
    Record<string, { readonly get: () => unknown }>
  >;
}

/** Those of this page; the builder puts them in. */
declare const __webpack_share_scopes__: { readonly default?: IShareScope };

/**
 * Load what JupyterLab shows notifications with.
 *
 * @returns whether it is there; never rejects.
 *
 * #### Notes
 * JupyterLab loads it for the first notification of a page, and once: if that fails,
 * as it does while the server is away, no notification of anybody is shown on that
 * page any more. So none may be given while this fails. The package is loaded where
 * JupyterLab shares it, and what is loaded already is not loaded again.
 */
export async function loadToasts(): Promise<boolean> {
  if (document.getElementById(CONTAINER)) {
    return true;
  }
  try {
    const versions = Object.values(__webpack_share_scopes__.default![PACKAGE]);
    // A broken copy of another extension's must not count.
    const loads = versions.map(async ({ get }) => get());
    const results = await Promise.allSettled(loads);
    return results.some(({ status }) => status === 'fulfilled');
  } catch {
    // No server to load it from, or none that shares it.
    return false;
  }
}

/**
 * Notify a person as soon as notifications can be shown; not at all where they cannot.
 *
 * @param type - The kind of notification.
 * @param message - What to say.
 * @param options - What else JupyterLab wants to know.
 * @returns The notification's id; null: nothing was said.
 */
export async function notify(
  type: ToastType,
  message: string,
  options: IToastOptions
): Promise<string | null> {
  return (await loadToasts()) ? show(type, message, options) : null;
}

/**
 * Tell a person by a notification, or by a dialog where none can be shown now.
 *
 * @param type - The kind of notification.
 * @param message - What to say.
 * @param options - What to press, and how long it is shown.
 * @param trans - The language.
 * @returns What takes back what was told.
 */
export async function tell(
  type: ToastType,
  message: string,
  options: IToastOptions,
  trans: TranslationBundle
): Promise<IDisposable> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<boolean>(resolve => {
    timer = setTimeout(() => resolve(false), LIMIT_MS);
  });
  const canShow = await Promise.race([loadToasts(), limit]);
  clearTimeout(timer);
  if (canShow) {
    const id = show(type, message, options);
    return new DisposableDelegate(() => Notification.dismiss(id));
  }
  const { dialog } = showActionsDialog(message, options.actions ?? [], trans);
  return new DisposableDelegate(() => dialog.reject());
}

function show(
  type: ToastType,
  message: string,
  { autoClose, actions = [] }: IToastOptions
): string {
  const buttons = actions.map(({ label, run }) => ({ label, callback: run }));
  return Notification[type](message, { autoClose, actions: buttons } as never);
}

/** The kinds of notification that are given. */
export type ToastType = 'success' | 'warning' | 'error';

/** How to tell. */
export interface IToastOptions {
  /** How long it is shown, in milliseconds; false: until somebody dismisses it. */
  readonly autoClose: number | false;
  /** What to press. */
  readonly actions?: ReadonlyArray<IAction>;
}
