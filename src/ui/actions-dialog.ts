import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';

/** Something to press. */
export interface IAction {
  readonly label: string;
  readonly run: () => void;
}

/**
 * Show a dialog of the connection, with what to press beside _Close_.
 *
 * @param body - What it says.
 * @param actions - What to press; pressing closes it.
 * @param trans - The language.
 * @returns The dialog, and a promise that what was pressed has been done.
 */
export function showActionsDialog(
  body: Dialog.IOptions<unknown>['body'],
  actions: ReadonlyArray<IAction>,
  trans: TranslationBundle
): { readonly dialog: Dialog<unknown>; readonly done: Promise<void> } {
  const dialog = new Dialog<unknown>({
    title: trans.__('AI connection'),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Close') }),
      ...actions.map(({ label }) =>
        Dialog.createButton({
          label,
          className: 'jp-mod-reject',
          actions: [label]
        })
      )
    ],
    defaultButton: 0
  });
  const done = dialog.launch().then(
    ({ button }) =>
      actions.find(({ label }) => label === button.actions[0])?.run(),
    // Somebody else disposed of the dialog.
    () => undefined
  );
  return { dialog, done };
}
