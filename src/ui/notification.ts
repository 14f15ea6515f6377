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
    this.#options = options;
    Notification.manager.changed.connect(this.#onChanged, this);
  }

  /** Whether it is told no more. */
  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** Show it, or say in it what is true now. */
  show(): void {
    if (this.#dismissed || this.#isDisposed) {
      return;
    }
    this.#isWanted = true;
    if (!this.#canShow) {
      void this.prepare();
      return;
    }
    const message = this.#message();
    const login = this.#options.connection.status.cause === 'login';
    if (this.#id === null) {
      const options = { autoClose: false, actions: this.#actions(login) };
      this.#id = Notification.warning(message, options as { autoClose: false });
    } else if (message !== this.#shown) {
      const actions = this.#actions(login);
      Notification.update({ id: this.#id, message, actions });
    }
    this.#shown = message;
  }

  /**
   * Load what it is shown with, unless that has just failed.
   *
   * @returns whether it is there.
   */
  async prepare(): Promise<boolean> {
    const nowMs = performance.now();
    if (!this.#canShow && nowMs >= this.#nextLoadMs) {
      // Loads that overlap are one; the first may hang.
      this.#nextLoadMs = nowMs + PAUSE_MS;
      this.#canShow = await loadToasts();
      if (this.#canShow && this.#isWanted) {
        this.show();
      }
    }
    return this.#canShow;
  }

  /** Take it down. */
  hide(): void {
    this.#isWanted = false;
    const id = this.#id;
    // Forgotten first: it is not a person who dismisses it.
    this.#id = null;
    if (id !== null) {
      Notification.dismiss(id);
    }
  }

  /** Tell whoever dismissed it of the next trouble. */
  reset(): void {
    this.#dismissed = false;
  }

  /** Tell no more. */
  dispose(): void {
    if (this.#isDisposed) {
      return;
    }
    this.#isDisposed = true;
    Notification.manager.changed.disconnect(this.#onChanged, this);
    this.hide();
  }

  #onChanged(_: unknown, change: Notification.IChange): void {
    if (change.type === 'removed' && change.notification.id === this.#id) {
      this.#id = null;
      this.#dismissed = true;
    }
  }

  #actions(login: boolean): Notification.IAction[] {
    const { connection, logIn, show, trans } = this.#options;
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

  #message(): string {
    const { connection, trans } = this.#options;
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

  readonly #options: ConnectionNotification.IOptions;
  #id: string | null = null;
  #shown = '';
  #dismissed = false;
  #isWanted = false;
  // Whether JupyterLab has what it shows notifications with.
  #canShow = false;
  #nextLoadMs = 0;
  #isDisposed = false;
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
