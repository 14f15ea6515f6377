import type { IDisposable } from '@lumino/disposable';

import type { IAIConnection, IConnectionStatus } from '../tokens';
import type { Answer } from './question';
import { kindOf } from './words';

/** One question to a person; see `Question`. */
export interface IQuestion {
  /** Show it, and resolve with what the person decided. */
  ask(): Promise<Answer>;
  /** Take it back. */
  close(): void;
}

/**
 * Decides when a person is asked, and does what the person says.
 *
 * #### Notes
 * There is never more than one question. Whoever chose to wait is not asked the
 * same again until the connection was back or the cause is another.
 */
export class Asker implements IDisposable {
  /**
   * @param options - What to watch, how to ask, what to do.
   */
  constructor(options: Asker.IOptions) {
    this._options = options;
    options.connection.statusChanged.connect(this._onStatusChanged, this);
    this._onStatusChanged();
  }

  /** Whether nothing is watched any more. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether there is something to ask now. */
  get wanted(): boolean {
    return reasonToAsk(this._options.connection.status) !== '';
  }

  /** Ask now if there is reason to, even somebody who chose to wait. */
  async ask(): Promise<void> {
    if (this._asking || this._isDisposed || !this.wanted) {
      return;
    }
    this._asking = true;
    try {
      const question = await this._options.load();
      // It may have come back while the code was loaded.
      if (this._isDisposed || !this.wanted) {
        return;
      }
      this._question = question;
      this._obey(await question.ask());
    } catch (error) {
      // Its code is on the server that cannot be reached; the notification stays.
      console.warn('The AI connection cannot ask.', error);
    } finally {
      this._question = null;
      this._asking = false;
    }
  }

  /** Watch no more; an open question is taken back. */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._options.connection.statusChanged.disconnect(
      this._onStatusChanged,
      this
    );
    this._question?.close();
  }

  private _onStatusChanged(): void {
    const reason = reasonToAsk(this._options.connection.status);
    if (reason === '') {
      this._waitedFor = '';
      this._question?.close();
    } else if (reason !== this._waitedFor) {
      void this.ask();
    }
  }

  private _obey(answer: Answer): void {
    const { connection, refresh } = this._options;
    const reason = reasonToAsk(connection.status);
    if (this._isDisposed || reason === '') {
      return;
    }
    if (answer === 'wait') {
      this._waitedFor = reason;
    } else if (answer === 'reconnect') {
      connection.reconnect();
    } else {
      this._waitedFor = reason;
      refresh();
    }
  }

  private readonly _options: Asker.IOptions;
  private _question: IQuestion | null = null;
  private _asking = false;
  private _waitedFor = '';
  private _isDisposed = false;
}

/** A namespace for `Asker` statics. */
export namespace Asker {
  /** What an asker needs. */
  export interface IOptions {
    /** What to watch; not owned. */
    readonly connection: IAIConnection;
    /** Make a question; may have to load code first. */
    readonly load: () => Promise<IQuestion>;
    /** Refresh the page. */
    readonly refresh: () => void;
  }
}

/**
 * Name what a person would be asked about; empty: nothing.
 *
 * @param status - Where the connection stands.
 *
 * #### Notes
 * A server that never offered the connection is no reason: the status item says
 * so and that is all.
 */
export function reasonToAsk(status: IConnectionStatus): string {
  if (status.question === 'none' || kindOf(status, true) === 'absent') {
    return '';
  }
  return status.question === 'attempts' ? 'attempts' : status.cause;
}
