import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import type { Widget } from '@lumino/widgets';

import { CommandIDs } from '../command-ids';
import type { IAIConnection } from '../tokens';
import { canSave } from './advice';
import { Asker } from './asker';
import type { IDetailsAction } from './details';
import { ConnectionNotification } from './notification';
import { refreshPage } from './refresh';
import type { IConnectionViews } from './tokens';

/** Opens JupyterLab's settings editor. */
const OPEN_SETTINGS = 'settingeditor:open';

/**
 * All that is shown of the connection beyond the status item: the notification,
 * the question, the details.
 *
 * #### Notes
 * The code of question and details is loaded when the connection is up for the
 * first time: when it is needed the server may be out of reach.
 */
export class ConnectionViews implements IConnectionViews {
  /**
   * @param options - What to show and where.
   */
  constructor(options: ConnectionViews.IOptions) {
    const { connection, trans } = (this._options = options);
    this._asker = new Asker({
      connection,
      load: async () => {
        const { Question } = await import('./question');
        return new Question(connection, trans);
      },
      refresh: () => this._refresh()
    });
    this._notification = new ConnectionNotification({
      connection,
      trans,
      show: () => this.show()
    });
    connection.statusChanged.connect(this._onStatusChanged, this);
    this._onStatusChanged();
  }

  /** Where the popup is anchored; null: a dialog is shown instead. */
  anchor: Widget | null = null;

  /** Whether nothing is shown any more. */
  get isDisposed(): boolean {
    return this._asker.isDisposed;
  }

  /** Show the question that is open, or else what is known of the connection. */
  show(): void {
    if (this._asker.wanted) {
      void this._asker.ask();
    } else if (this._popup && !this._popup.isDisposed) {
      this._popup.dispose();
    } else {
      this._showDetails().catch(error => {
        console.warn('The AI connection cannot show details.', error);
      });
    }
  }

  /** Take down whatever is shown. */
  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._options.connection.statusChanged.disconnect(
      this._onStatusChanged,
      this
    );
    this._notification.dispose();
    this._popup?.dispose();
    this._asker.dispose();
  }

  private async _showDetails(): Promise<void> {
    const { connection, trans } = this._options;
    const { anchor } = this;
    const options = { connection, trans, actions: this._actions() };
    const details = await import('./details');
    if (anchor?.isVisible) {
      this._popup = details.showDetailsPopup(options, anchor);
    } else {
      await details.showDetailsDialog(options);
    }
  }

  private _actions(): IDetailsAction[] {
    const { commands, connection, trans } = this._options;
    const actions: IDetailsAction[] = [
      { label: trans.__('Reconnect now'), run: () => connection.reconnect() }
    ];
    const add = (label: string, command: string, args = {}) => {
      if (commands.hasCommand(command)) {
        const run = () => void commands.execute(command, args);
        actions.push({ label, run });
      }
    };
    add(trans.__('Run self-test'), CommandIDs.runSelfTest);
    add(trans.__('Settings'), OPEN_SETTINGS, { query: 'AI Connection' });
    return actions;
  }

  private _refresh(): void {
    const { commands, connection } = this._options;
    void refreshPage({
      commands,
      save: canSave(connection.status.cause),
      reload: () => window.location.reload()
    });
  }

  private _onStatusChanged(): void {
    if (this._options.connection.status.state === 'connected') {
      this._options.connection.statusChanged.disconnect(
        this._onStatusChanged,
        this
      );
      // A failure shows when the code is needed, and is met there.
      import('./question').catch(() => undefined);
      import('./details').catch(() => undefined);
    }
  }

  private readonly _options: ConnectionViews.IOptions;
  private readonly _asker: Asker;
  private readonly _notification: ConnectionNotification;
  private _popup: IDisposable | null = null;
}

/** A namespace for `ConnectionViews` statics. */
export namespace ConnectionViews {
  /** What the views need. */
  export interface IOptions {
    /** The connection; not owned. */
    readonly connection: IAIConnection;
    /** The commands of the application. */
    readonly commands: CommandRegistry;
    /** The language. */
    readonly trans: TranslationBundle;
  }
}
