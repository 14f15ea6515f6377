import type { JupyterFrontEnd } from '@jupyterlab/application';
import { URLExt } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { DisposableDelegate } from '@lumino/disposable';
import type { Widget } from '@lumino/widgets';

import { CommandIDs } from '../command-ids';
import type { IAIConnection, IGuard } from '../tokens';
import type { IAction } from './actions-dialog';
import { canSave } from './advice';
import { Attention } from './attention';
import { unsavedDocuments } from './documents';
import { Escalation } from './escalation';
import { logIn } from './login';
import { LossNotice } from './loss-notice';
import { ConnectionNotification } from './notification';
import type { Answer } from './question';
import { isPageReachable, refreshPage } from './refresh';
import { tell } from './toasts';
import type { IConnectionViews } from './tokens';

/** How long a page that is just connected may be busy with more urgent things. */
const IDLE_LIMIT_MS = 2000;

/** Opens JupyterLab's settings editor. */
const OPEN_SETTINGS = 'settingeditor:open';

/**
 * All that is shown of the connection beyond the status item: the notification,
 * the question, the details.
 *
 * #### Notes
 * The code of question, details and notification is loaded when the connection is
 * up for the first time: when it is needed the server may be out of reach.
 */
export class ConnectionViews implements IConnectionViews {
  /**
   * @param options - What to show and where.
   */
  constructor(options: ConnectionViews.IOptions) {
    const { connection, trans } = (this.#options = options);
    this.#notification = new ConnectionNotification({
      connection,
      trans,
      show: () => this.show(),
      logIn: () => this.#logIn()
    });
    this.#attention = new Attention(connection);
    this.#escalation = new Escalation({
      connection,
      notice: this.#notification,
      load: async () => {
        const { Question } = await import('./question');
        return new Question({ connection, trans, unsaved: this.#unsaved });
      },
      obey: answer => this.#obey(answer),
      isOccupied: () => this.#attention.isOccupied
    });
    this.#lossNotice = new LossNotice(connection, trans);
    connection.statusChanged.connect(this.#onStatusChanged, this);
    this.#onStatusChanged();
  }

  /** Where the popup is anchored; null: a dialog is shown instead. */
  anchor: Widget | null = null;

  /** Whether nothing is shown any more. */
  get isDisposed(): boolean {
    return this.#escalation.isDisposed;
  }

  /** Show the question that is open, or else what is known of the connection. */
  show(): void {
    if (this.#escalation.asks) {
      this.#escalation.ask();
    } else if (this.#popup && !this.#popup.isDisposed) {
      this.#popup.dispose();
    } else {
      this.#showDetails().catch(error => {
        console.warn('The AI connection cannot show details.', error);
      });
    }
  }

  /** Take down whatever is shown. */
  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.#options.connection.statusChanged.disconnect(
      this.#onStatusChanged,
      this
    );
    this.#escalation.dispose();
    this.#attention.dispose();
    this.#notification.dispose();
    this.#lossNotice.dispose();
    this.#popup?.dispose();
    this.#login?.dispose();
    this.#idle?.dispose();
    this.#notRefreshed?.dispose();
  }

  async #showDetails(): Promise<void> {
    const { connection, guard, trans } = this.#options;
    const { anchor } = this;
    const options = { connection, guard, trans, actions: this.#actions() };
    const details = await import('./details');
    if (anchor?.isVisible) {
      this.#popup = details.showDetailsPopup(options, anchor);
    } else {
      await details.showDetailsDialog(options);
    }
  }

  #actions(): IAction[] {
    const { connection, trans } = this.#options;
    const { commands } = this.#options.app;
    const actions: IAction[] = [
      { label: trans.__('Reconnect now'), run: () => connection.reconnect() }
    ];
    const add = (label: string, command: string, args = {}) => {
      if (commands.hasCommand(command)) {
        const run = () => void commands.execute(command, args);
        actions.push({ label, run });
      }
    };
    add(trans.__('Self-test'), CommandIDs.runSelfTest);
    add(trans.__('Copy report'), CommandIDs.copyReport);
    add(trans.__('Settings'), OPEN_SETTINGS, {
      query: trans.__('AI Connection')
    });
    return actions;
  }

  #obey(answer: Exclude<Answer, 'wait'>): void {
    switch (answer) {
      case 'reconnect':
        return this.#options.connection.reconnect();
      case 'login':
        return this.#logIn();
      case 'refresh':
        return void this.#refresh();
    }
  }

  #logIn(): void {
    const { connection, baseUrl } = this.#options;
    this.#login?.dispose();
    const url = URLExt.join(baseUrl, 'jupyter-ai-ws', 'login');
    this.#login = logIn({ connection, url });
  }

  readonly #unsaved = (): string[] => unsavedDocuments(this.#options.app.shell);

  async #refresh(): Promise<void> {
    const { app, connection, reload, trans } = this.#options;
    this.#notRefreshed?.dispose();
    const outcome = await refreshPage({
      commands: app.commands,
      save: canSave(connection.status.cause),
      isReachable: () => isPageReachable(window.location.href),
      unsaved: this.#unsaved,
      reload
    });
    if (outcome === 'reloading') {
      return;
    }
    const message =
      outcome === 'unsaved'
        ? trans.__(
            'Not refreshed, as these could not be saved: %1.',
            this.#unsaved().join(', ')
          )
        : trans.__(
            'Not refreshed, as the Jupyter server does not answer: this page would be lost.'
          );
    this.#notRefreshed = await tell(
      'error',
      message,
      {
        autoClose: false,
        actions: [{ label: trans.__('Refresh all the same'), run: reload }]
      },
      trans
    );
    if (this.isDisposed || (outcome === 'unreachable' && this.#isHealed)) {
      this.#notRefreshed.dispose();
    }
  }

  get #isHealed(): boolean {
    return this.#options.connection.status.state === 'connected';
  }

  #onStatusChanged(): void {
    if (!this.#isHealed) {
      return;
    }
    this.#notRefreshed?.dispose();
    if (!this.#isPrepared) {
      this.#idle?.dispose();
      this.#idle = whenIdle(() => void this.#prepare());
    }
  }

  /** Load what has to be there when the server is not. */
  async #prepare(): Promise<void> {
    // A failure shows when the code is needed, and is met there.
    import('./question').catch(() => undefined);
    import('./details').catch(() => undefined);
    this.#isPrepared = await this.#notification.prepare();
  }

  readonly #options: ConnectionViews.IOptions;
  readonly #notification: ConnectionNotification;
  readonly #attention: Attention;
  readonly #escalation: Escalation;
  readonly #lossNotice: LossNotice;
  #popup: IDisposable | null = null;
  #login: IDisposable | null = null;
  #idle: IDisposable | null = null;
  // Says why the page was not refreshed.
  #notRefreshed: IDisposable | null = null;
  #isPrepared = false;
}

/** Run something when nothing is more urgent; disposing of it keeps it from running. */
function whenIdle(run: () => void): IDisposable {
  // Safari has nothing that knows when it is idle.
  if (typeof requestIdleCallback === 'undefined') {
    const timer = setTimeout(run, IDLE_LIMIT_MS);
    return new DisposableDelegate(() => clearTimeout(timer));
  }
  const idle = requestIdleCallback(run, { timeout: IDLE_LIMIT_MS });
  return new DisposableDelegate(() => cancelIdleCallback(idle));
}

/** A namespace for `ConnectionViews` statics. */
export namespace ConnectionViews {
  /** What the views need. */
  export interface IOptions {
    /** The commands and the documents of the application. */
    readonly app: Pick<JupyterFrontEnd, 'commands' | 'shell'>;
    /** Where the server is. */
    readonly baseUrl: string;
    /** The connection; not owned. */
    readonly connection: IAIConnection;
    /** The guard of other extensions; not owned. */
    readonly guard?: IGuard;
    /** Load the page anew. */
    readonly reload: () => void;
    /** The language. */
    readonly trans: TranslationBundle;
  }
}
