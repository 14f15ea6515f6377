import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { IAIConnection } from '../tokens';
import { notify } from './toasts';

/** How long the notice stays; it is kept in the notification center. */
const SHOWN_MS = 15_000;

/**
 * Says, when the connection is back, what ended with a session that was lost and
 * what was kept.
 *
 * #### Notes
 * Where nothing was under way nothing is said: the connection is back, that is all.
 */
export class LossNotice implements IDisposable {
  /**
   * @param connection - What to watch; not owned.
   * @param trans - The language.
   */
  constructor(connection: IAIConnection, trans: TranslationBundle) {
    this._connection = connection;
    this.trans = trans;
    this._told = connection.diagnostics().lastLoss;
    connection.statusChanged.connect(this._onStatusChanged, this);
  }

  /** Whether nothing is watched any more. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Watch no more. */
  dispose(): void {
    this._isDisposed = true;
    this._connection.statusChanged.disconnect(this._onStatusChanged, this);
  }

  private _onStatusChanged(): void {
    if (this._connection.status.state !== 'connected') {
      return;
    }
    const loss = this._connection.diagnostics().lastLoss;
    if (loss === this._told) {
      return;
    }
    this._told = loss;
    if (loss?.channels.length) {
      const names = loss.channels.join(', ');
      const message = loss.restarted
        ? this.trans.__(
            'The Jupyter server was restarted. What was under way has ended: %1. This page is kept.',
            names
          )
        : this.trans.__(
            'The AI connection started afresh. What was under way has ended: %1. This page is kept.',
            names
          );
      void notify('warning', message, { autoClose: SHOWN_MS });
    }
  }

  protected readonly trans: TranslationBundle;
  private readonly _connection: IAIConnection;
  private _told: unknown;
  private _isDisposed = false;
}
