import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';

import type { IAIConnection } from '../tokens';
import { toldStatus } from './blocked';
import type { INotice } from './escalation';
import { loadToasts } from './toasts';
import { describe } from './words';

/** So long after it could not be shown it is tried again. */
const PAUSE_MS = 10_000;

/**
 * One notification about trouble, with what to do in it, updated in place.
 *
 * #### Notes
 * Whoever dismisses it hears no more until it is reset. Where JupyterLab has yet to
 * load what it shows notifications with, it comes as soon as that is there.
 */
export class ConnectionNotification implements INotice, IDisposable {
  /**
   * @param options - What it tells of, and what the buttons do.
   */
  constructor(options: ConnectionNotification.IOptions) {
    this._options = options;
    Notification.manager.changed.connect(this._onChanged, this);
  }

  /** Whether it is told no more. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Show it, or say in it what is true now. */
  show(): void {
    if (this._dismissed || this._isDisposed) {
      return;
    }
    this._isWanted = true;
    if (!this._canShow) {
      void this.prepare();
      return;
    }
    const message = this._message();
    const login = this._options.connection.status.cause === 'login';
    if (this._id === null) {
      const options = { autoClose: false, actions: this._actions(login) };
      this._id = Notification.warning(message, options as { autoClose: false });
    } else if (message !== this._shown) {
      const actions = this._actions(login);
      Notification.update({ id: this._id, message, actions });
    }
    this._shown = message;
  }

  /**
   * Load what it is shown with, unless that has just failed.
   *
   * @returns whether it is there.
   */
  async prepare(): Promise<boolean> {
    const nowMs = performance.now();
    if (!this._canShow && nowMs >= this._nextLoadMs) {
      // Loads that overlap are one; the first may hang.
      this._nextLoadMs = nowMs + PAUSE_MS;
      this._canShow = await loadToasts();
      if (this._canShow && this._isWanted) {
        this.show();
      }
    }
    return this._canShow;
  }

  /** Take it down. */
  hide(): void {
    this._isWanted = false;
    const id = this._id;
    // Forgotten first: it is not a person who dismisses it.
    this._id = null;
    if (id !== null) {
      Notification.dismiss(id);
    }
  }

  /** Tell whoever dismissed it of the next trouble. */
  reset(): void {
    this._dismissed = false;
  }

  /** Tell no more. */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    Notification.manager.changed.disconnect(this._onChanged, this);
    this.hide();
  }

  private _onChanged(_: unknown, change: Notification.IChange): void {
    if (change.type === 'removed' && change.notification.id === this._id) {
      this._id = null;
      this._dismissed = true;
    }
  }

  private _actions(login: boolean): Notification.IAction[] {
    const { connection, logIn, show, trans } = this._options;
    const action = (label: string, run: () => void): Notification.IAction => ({
      label,
      callback: event => {
        // Pressing it shall not take the notification away: it goes on recovery.
        event.preventDefault();
        run();
      }
    });
    return [
      login
        ? action(trans.__('Log in'), logIn)
        : action(trans.__('Reconnect now'), () => connection.reconnect()),
      action(trans.__('Details'), show)
    ];
  }

  private _message(): string {
    const { connection, trans } = this._options;
    const around = { nowMs: performance.now(), onLine: navigator.onLine };
    const status = toldStatus(connection);
    const { kind, sentence } = describe(status, around, trans);
    switch (kind) {
      case 'connecting':
      case 'reconnecting':
      case 'busy':
        return trans.__('%1 It is tried again by itself.', sentence);
      case 'asking':
        return trans.__(
          '%1 The AI connection has not come back so far.',
          sentence
        );
      default:
        return sentence;
    }
  }

  private readonly _options: ConnectionNotification.IOptions;
  private _id: string | null = null;
  private _shown = '';
  private _dismissed = false;
  private _isWanted = false;
  // Whether JupyterLab has what it shows notifications with.
  private _canShow = false;
  private _nextLoadMs = 0;
  private _isDisposed = false;
}

/** A namespace for `ConnectionNotification` statics. */
export namespace ConnectionNotification {
  /** What a notification needs. */
  export interface IOptions {
    /** What it tells of; not owned. */
    readonly connection: IAIConnection;
    /** The language. */
    readonly trans: TranslationBundle;
    /** Shows more. */
    readonly show: () => void;
    /** Lets a person log in again. */
    readonly logIn: () => void;
  }
}
