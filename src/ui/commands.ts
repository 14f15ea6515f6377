import type { ICommandPalette } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../command-ids';
import type { IAIConnection } from '../tokens';
import { copyReport } from './copy-report';
import { tell } from './toasts';
import type { IConnectionViews } from './tokens';

/** How long it is said that something did not work. */
const SHOWN_MS = 5000;

/** What the commands take: whether they stand in the palette, which shows no categories. */
const ARGUMENTS = {
  args: {
    type: 'object',
    properties: {
      isPalette: { type: 'boolean', description: 'Name the category, too.' }
    }
  }
} as const;

/**
 * Add the commands, and list them in the palette where there is one.
 *
 * @param options - What the commands act on.
 */
export function addCommands(options: ICommandsOptions): void {
  const { commands, connection, palette, trans, views } = options;
  let testing: Promise<void> | null = null;
  commands.addCommand(CommandIDs.copyReport, {
    label: ({ isPalette }) =>
      isPalette
        ? trans.__('AI Connection: Copy Report')
        : trans.__('Copy Report'),
    caption: trans.__(
      'Put what is known of the AI connection on the clipboard, for an issue.'
    ),
    describedBy: ARGUMENTS,
    execute: () => copyReport(connection, trans)
  });
  commands.addCommand(CommandIDs.reconnect, {
    label: ({ isPalette }) =>
      isPalette ? trans.__('AI Connection: Reconnect') : trans.__('Reconnect'),
    caption: trans.__('Try to get the AI connection back now.'),
    describedBy: ARGUMENTS,
    execute: () => connection.reconnect()
  });
  commands.addCommand(CommandIDs.runSelfTest, {
    label: ({ isPalette }) =>
      isPalette
        ? trans.__('AI Connection: Run Self-Test')
        : trans.__('Run Self-Test'),
    caption: trans.__(
      'Stream numbered records through the AI connection, cut it on the way, and count what is lost.'
    ),
    describedBy: ARGUMENTS,
    // A second one would wait behind the dialog of the first, and surprise later.
    execute: () =>
      (testing ??= runSelfTest(connection, trans).finally(() => {
        testing = null;
      }))
  });
  commands.addCommand(CommandIDs.showStatus, {
    label: ({ isPalette }) =>
      isPalette
        ? trans.__('AI Connection: Show Status')
        : trans.__('Show Status'),
    caption: trans.__('Show what is known of the AI connection.'),
    describedBy: ARGUMENTS,
    isVisible: () => views !== null,
    execute: () => views?.show()
  });
  const category = trans.__('AI Connection');
  for (const command of Object.values(CommandIDs)) {
    palette?.addItem({ command, category, args: { isPalette: true } });
  }
}

/** Run the self-test; its code is on a server that may be out of reach. */
async function runSelfTest(
  connection: IAIConnection,
  trans: TranslationBundle
): Promise<void> {
  const code = await import('../self-test/dialog').catch(error => {
    console.warn('The code of the self-test cannot be loaded.', error);
    return null;
  });
  if (code) {
    await code.showSelfTest(connection, trans);
  } else {
    await tell(
      'error',
      trans.__('The self-test cannot be loaded from the Jupyter server now.'),
      { autoClose: SHOWN_MS },
      trans
    );
  }
}

/** What the commands act on. */
export interface ICommandsOptions {
  /** Where the commands are added. */
  readonly commands: CommandRegistry;
  /** The connection. */
  readonly connection: IAIConnection;
  /** Where they are listed; null: nowhere. */
  readonly palette: ICommandPalette | null;
  /** The language. */
  readonly trans: TranslationBundle;
  /** Where details are shown; null: nowhere. */
  readonly views: IConnectionViews | null;
}
