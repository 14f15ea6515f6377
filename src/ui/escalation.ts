import type { IDisposable } from '@lumino/disposable';

import type { IAIConnection, IConnectionStatus } from '../tokens';
import type { Rung } from './ladder';
import { GRACE_MS, PATIENCE_MS, rungOf } from './ladder';
import type { Answer } from './question';
import { inTrouble, kindOf } from './words';

/** A timer that is later than this slept with the machine and proves nothing. */
const LATE_MS = 1000;

/**
 * Shortly before somebody is told one more try shows whether there is anything to
 * tell, spread over so long: a proxy's restart cuts many pages together.
 */
const LAST_TRY_MS = 200;

/** How often it is looked whether a dialog that waits may come. */
const LOOK_MS = 1000;

/** One question to a person; see `Question`. */
export interface IQuestion {
  /** Show it, and resolve with what the person decided. */
  ask(): Promise<Answer>;
  /** Take it back; one that was never asked is gone. */
  close(): void;
  /** Whether it still offers what is to be done. */
  fits(status: IConnectionStatus): boolean;
}

/** The notification; see `ConnectionNotification`. */
export interface INotice {
  /** Show it, or say in it what is true now. */
  show(): void;
  /** Take it down. */
  hide(): void;
  /** The trouble is over: whoever dismissed it hears of the next one. */
  reset(): void;
}

/**
 * Climbs the ladder from item to notification to dialog, and down again, as
 * `rungOf` decides.
 *
 * #### Notes
 * Whoever chose to wait is not asked the same again until the connection was back
 * or the cause is another.
 */
export class Escalation implements IDisposable {
  /**
   * @param options - What to watch, and what is on the rungs.
   */
  constructor(options: Escalation.IOptions) {
    this._options = options;
    options.connection.statusChanged.connect(this._look, this);
    document.addEventListener('visibilitychange', this._onVisibility);
    this._look();
  }

  /** What is shown. */
  get rung(): Rung {
    return this._rung;
  }

  /** Whether nothing is watched any more. */
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Whether there is something to ask. */
  get asks(): boolean {
    return reasonToAsk(this._options.connection.status) !== '';
  }

  /** Ask now if there is something to ask, even somebody who chose to wait. */
  ask(): void {
    this._wanted = this.asks;
    this._look();
  }

  /** Watch no more; what is shown is taken back. */
  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    clearTimeout(this._timer);
    document.removeEventListener('visibilitychange', this._onVisibility);
    this._options.connection.statusChanged.disconnect(this._look, this);
    this._setRung('item');
  }

  /** Look at everything that counts, and go where it says. */
  private _look(): void {
    if (this._isDisposed) {
      return;
    }
    const { status } = this._options.connection;
    const reason = reasonToAsk(status);
    if (!inTrouble(status)) {
      this._sinceMs = null;
      this._options.notice.reset();
      this._hurried = false;
    } else {
      this._sinceMs ??= performance.now();
    }
    this._wanted &&= reason !== '';
    if (reason !== this._answered) {
      this._answered = '';
    }
    this._setRung(this._rungNow(reason));
    if (this._rung === 'notification') {
      this._options.notice.show();
    } else if (this._question && !this._question.fits(status)) {
      // Asked anew, with what is to be done now.
      this._takeBack();
    }
    this._arm(reason);
  }

  private _rungNow(reason: string): Rung {
    const { isOccupied, connection } = this._options;
    const sinceMs = this._sinceMs;
    return rungOf({
      troubleMs: sinceMs === null ? null : performance.now() - sinceMs,
      trying: connection.status.trying,
      question: reason === '' ? 'none' : connection.status.question,
      answered: reason !== '' && reason === this._answered,
      wanted: this._wanted,
      occupied: this._rung !== 'dialog' && reason !== '' && isOccupied(),
      hidden: document.hidden,
      rung: this._rung
    });
  }

  private _setRung(rung: Rung): void {
    if (rung === this._rung) {
      return;
    }
    if (this._rung === 'notification') {
      this._options.notice.hide();
    }
    this._rung = rung;
    if (rung === 'dialog') {
      void this._ask();
    } else {
      this._takeBack();
    }
  }

  /** Wake when time alone may change the rung. */
  private _arm(reason: string): void {
    clearTimeout(this._timer);
    if (this._sinceMs === null || document.hidden || this._rung === 'dialog') {
      return;
    }
    const waits = reason !== '' && reason !== this._answered;
    if (this._rung === 'item') {
      this._wake(this._nextMs(this._sinceMs) - performance.now());
    } else if (waits) {
      this._wake(LOOK_MS);
    }
  }

  /** When time alone leads on from the item: one more try, then the notification. */
  private _nextMs(sinceMs: number): number {
    const tellMs = sinceMs + PATIENCE_MS;
    if (!this._hurried) {
      return tellMs - LAST_TRY_MS * Math.random();
    }
    return performance.now() < tellMs ? tellMs : tellMs + GRACE_MS;
  }

  private _wake(delayMs: number): void {
    const dueMs = performance.now() + delayMs;
    this._timer = setTimeout(
      () => {
        const late = performance.now() - dueMs > LATE_MS;
        if (this._rung === 'item') {
          this._sinceMs = late ? null : this._sinceMs;
          this._hurry(late);
        }
        this._look();
      },
      Math.max(delayMs, 0)
    );
  }

  private _hurry(late: boolean): void {
    if (!this._hurried && !late) {
      this._hurried = true;
      this._options.connection.hurry();
    }
  }

  private readonly _onVisibility = (): void => {
    if (this._rung === 'item') {
      // Whoever comes back finds trouble that began now: it may heal at once.
      this._sinceMs = null;
    }
    this._look();
  };

  private async _ask(): Promise<void> {
    if (this._asking) {
      return;
    }
    this._asking = true;
    try {
      while (this._rung === 'dialog') {
        const question = await this._options.load();
        // It may have come back while the code was loaded.
        if (this._rung !== 'dialog') {
          question.close();
          break;
        }
        this._question = question;
        const answer = await question.ask();
        if (this._question === question) {
          this._question = null;
          this._obey(answer);
        }
      }
    } catch (error) {
      // Its code is on the server that cannot be reached; the notification stays.
      console.warn('The AI connection cannot ask.', error);
      this._wait();
    } finally {
      this._asking = false;
    }
  }

  private _takeBack(): void {
    const question = this._question;
    this._question = null;
    question?.close();
  }

  private _obey(answer: Answer): void {
    this._wait();
    if (answer !== 'wait') {
      this._options.obey(answer);
    }
  }

  /** Ask the same no more. */
  private _wait(): void {
    this._wanted = false;
    this._answered = reasonToAsk(this._options.connection.status);
    this._look();
  }

  private readonly _options: Escalation.IOptions;
  private _rung: Rung = 'item';
  // When somebody who looks could first see the trouble.
  private _sinceMs: number | null = null;
  // Whether one more try was made before somebody is told.
  private _hurried = false;
  private _answered = '';
  private _wanted = false;
  private _question: IQuestion | null = null;
  private _asking = false;
  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isDisposed = false;
}

/** A namespace for `Escalation` statics. */
export namespace Escalation {
  /** What an escalation needs. */
  export interface IOptions {
    /** What to watch; not owned. */
    readonly connection: IAIConnection;
    /** The rung between item and dialog; not owned. */
    readonly notice: INotice;
    /** Make a question; may have to load code first. */
    readonly load: () => Promise<IQuestion>;
    /** Do what a person decided. */
    readonly obey: (answer: Exclude<Answer, 'wait'>) => void;
    /** Whether a dialog would come in between. */
    readonly isOccupied: () => boolean;
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
