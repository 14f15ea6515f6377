import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { IAIConnection } from '../tokens';
import { describe } from './words';

/** A shorter cut is nobody's business. */
const PATIENCE_MS = 5000;

/** A timer that is later than this slept with the machine and proves nothing. */
const LATE_MS = 1000;

/**
 * One notification while the connection is cut for long, updated in place and
 * gone when it is back.
 *
 * #### Notes
 * Whoever dismisses it hears no more of this cut.
 */
export class ConnectionNotification implements IDisposable {
  /**
   * @param options - What to watch, and what the buttons do.
   */
  constructor(options: ConnectionNotification.IOptions) {
    this._options = options;
    options.connection.statusChanged.connect(this._onStatusChanged, this);
    this._onStatusChanged();
  }

  /** Whether nothing is watched any more. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Watch no more; a notification that stands is dismissed. */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    const { connection } = this._options;
    connection.statusChanged.disconnect(this._onStatusChanged, this);
    this._withdraw();
  }

  private _onStatusChanged(): void {
    const message = this._message();
    if (message === null) {
      this._withdraw();
    } else if (this._id !== null) {
      this._update(message);
    } else if (this._timer === undefined) {
      this._wait();
    }
  }

  private _wait(): void {
    const dueMs = performance.now() + PATIENCE_MS;
    this._timer = setTimeout(() => {
      this._timer = undefined;
      const message = this._message();
      if (performance.now() - dueMs > LATE_MS) {
        this._wait();
      } else if (message !== null) {
        this._emit(message);
      }
    }, PATIENCE_MS);
  }

  private _emit(message: string): void {
    const { connection, trans, show } = this._options;
    this._shown = message;
    this._id = Notification.warning(message, {
      autoClose: false,
      actions: [
        {
          label: trans.__('Reconnect now'),
          callback: event => {
            // Pressing it shall not take the notification away: it goes on recovery.
            event.preventDefault();
            connection.reconnect();
          }
        },
        {
          label: trans.__('Details'),
          callback: event => {
            event.preventDefault();
            show();
          }
        }
      ]
    });
  }

  private _update(message: string): void {
    if (message !== this._shown) {
      this._shown = message;
      Notification.update({ id: this._id!, message });
    }
  }

  private _withdraw(): void {
    clearTimeout(this._timer);
    this._timer = undefined;
    if (this._id !== null) {
      Notification.dismiss(this._id);
      this._id = null;
    }
  }

  /** What to say; null: nothing. */
  private _message(): string | null {
    const { connection, trans } = this._options;
    const around = { nowMs: performance.now(), onLine: navigator.onLine };
    const { kind, sentence } = describe(connection.status, around, trans);
    switch (kind) {
      case 'reconnecting':
      case 'busy':
        return trans.__('%1 It is tried again by itself.', sentence);
      case 'asking':
        return trans.__(
          '%1 The AI connection has not come back so far.',
          sentence
        );
      case 'offline':
      case 'failed':
        return sentence;
      default:
        return null;
    }
  }

  private readonly _options: ConnectionNotification.IOptions;
  private _id: string | null = null;
  private _shown = '';
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}

/** A namespace for `ConnectionNotification` statics. */
export namespace ConnectionNotification {
  /** What a notification needs. */
  export interface IOptions {
    /** What to watch; not owned. */
    readonly connection: IAIConnection;
    /** The language. */
    readonly trans: TranslationBundle;
    /** Shows more. */
    readonly show: () => void;
  }
}
