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
    this.#options = options;
    options.connection.statusChanged.connect(this.#look, this);
    document.addEventListener('visibilitychange', this.#onVisibility);
    this.#look();
  }

  /** What is shown. */
  get rung(): Rung {
    return this.#rung;
  }

  /** Whether nothing is watched any more. */
  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** Whether there is something to ask. */
  get asks(): boolean {
    return reasonToAsk(this.#options.connection.status) !== '';
  }

  /** Ask now if there is something to ask, even somebody who chose to wait. */
  ask(): void {
    this.#wanted = this.asks;
    this.#look();
  }

  /** Watch no more; what is shown is taken back. */
  dispose(): void {
    if (this.#isDisposed) {
      return;
    }
    this.#isDisposed = true;
    clearTimeout(this.#timer);
    document.removeEventListener('visibilitychange', this.#onVisibility);
    this.#options.connection.statusChanged.disconnect(this.#look, this);
    this.#setRung('item');
  }

  /** Look at everything that counts, and go where it says. */
  #look(): void {
    if (this.#isDisposed) {
      return;
    }
    const { status } = this.#options.connection;
    const reason = reasonToAsk(status);
    if (!inTrouble(status)) {
      this.#sinceMs = null;
      this.#options.notice.reset();
      this.#hurried = false;
    } else {
      this.#sinceMs ??= performance.now();
    }
    this.#wanted &&= reason !== '';
    if (reason !== this.#answered) {
      this.#answered = '';
    }
    this.#setRung(this.#rungNow(reason));
    if (this.#rung === 'notification') {
      this.#options.notice.show();
    } else if (this.#question && !this.#question.fits(status)) {
      // Asked anew, with what is to be done now.
      this.#takeBack();
    }
    this.#arm(reason);
  }

  #rungNow(reason: string): Rung {
    const { isOccupied, connection } = this.#options;
    const sinceMs = this.#sinceMs;
    return rungOf({
      troubleMs: sinceMs === null ? null : performance.now() - sinceMs,
      trying: connection.status.trying,
      question: reason === '' ? 'none' : connection.status.question,
      answered: reason !== '' && reason === this.#answered,
      wanted: this.#wanted,
      occupied: this.#rung !== 'dialog' && reason !== '' && isOccupied(),
      hidden: document.hidden,
      rung: this.#rung
    });
  }

  #setRung(rung: Rung): void {
    if (rung === this.#rung) {
      return;
    }
    if (this.#rung === 'notification') {
      this.#options.notice.hide();
    }
    this.#rung = rung;
    if (rung === 'dialog') {
      void this.#ask();
    } else {
      this.#takeBack();
    }
  }

  /** Wake when time alone may change the rung. */
  #arm(reason: string): void {
    clearTimeout(this.#timer);
    if (this.#sinceMs === null || document.hidden || this.#rung === 'dialog') {
      return;
    }
    const waits = reason !== '' && reason !== this.#answered;
    if (this.#rung === 'item') {
      this.#wake(this.#nextMs(this.#sinceMs) - performance.now());
    } else if (waits) {
      this.#wake(LOOK_MS);
    }
  }

  /** When time alone leads on from the item: one more try, then the notification. */
  #nextMs(sinceMs: number): number {
    const tellMs = sinceMs + PATIENCE_MS;
    if (!this.#hurried) {
      return tellMs - LAST_TRY_MS * Math.random();
    }
    return performance.now() < tellMs ? tellMs : tellMs + GRACE_MS;
  }

  #wake(delayMs: number): void {
    const dueMs = performance.now() + delayMs;
    this.#timer = setTimeout(
      () => {
        const late = performance.now() - dueMs > LATE_MS;
        if (this.#rung === 'item') {
          this.#sinceMs = late ? null : this.#sinceMs;
          this.#hurry(late);
        }
        this.#look();
      },
      Math.max(delayMs, 0)
    );
  }

  #hurry(late: boolean): void {
    if (!this.#hurried && !late) {
      this.#hurried = true;
      this.#options.connection.hurry();
    }
  }

  readonly #onVisibility = (): void => {
    if (this.#rung === 'item') {
      // Whoever comes back finds trouble that began now: it may heal at once.
      this.#sinceMs = null;
    }
    this.#look();
  };

  async #ask(): Promise<void> {
    if (this.#asking) {
      return;
    }
    this.#asking = true;
    try {
      while (this.#rung === 'dialog') {
        const question = await this.#options.load();
        // It may have come back while the code was loaded.
        if (this.#rung !== 'dialog') {
          question.close();
          break;
        }
        this.#question = question;
        const answer = await question.ask();
        if (this.#question === question) {
          this.#question = null;
          this.#obey(answer);
        }
      }
    } catch (error) {
      // Its code is on the server that cannot be reached; the notification stays.
      console.warn('The AI connection cannot ask.', error);
      this.#wait();
    } finally {
      this.#asking = false;
    }
  }

  #takeBack(): void {
    const question = this.#question;
    this.#question = null;
    question?.close();
  }

  #obey(answer: Answer): void {
    this.#wait();
    if (answer !== 'wait') {
      this.#options.obey(answer);
    }
  }

  /** Ask the same no more. */
  #wait(): void {
    this.#wanted = false;
    this.#answered = reasonToAsk(this.#options.connection.status);
    this.#look();
  }

  readonly #options: Escalation.IOptions;
  #rung: Rung = 'item';
  // When somebody who looks could first see the trouble.
  #sinceMs: number | null = null;
  // Whether one more try was made before somebody is told.
  #hurried = false;
  #answered = '';
  #wanted = false;
  #question: IQuestion | null = null;
  #asking = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isDisposed = false;
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
