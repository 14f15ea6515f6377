import { Signal } from '@lumino/signaling';

import type { IConnectionStatus } from '../tokens';

/**
 * Tells everybody where the connection stands, one status after the other.
 */
export class StatusTeller<T> {
  /**
   * @param sender - In whose name.
   * @param first - Where it stands at first; nobody is told.
   */
  constructor(sender: T, first: IConnectionStatus) {
    this.changed = new Signal(sender);
    this.#status = first;
  }

  /** Emitted with each status but the first. */
  readonly changed: Signal<T, IConnectionStatus>;

  /** Where it stands. */
  get status(): IConnectionStatus {
    return this.#status;
  }

  /**
   * Take a status, without telling it yet.
   *
   * @returns whether anything is different.
   */
  take(status: IConnectionStatus): boolean {
    const keys = Object.keys(status) as (keyof IConnectionStatus)[];
    if (keys.every(key => status[key] === this.#status[key])) {
      return false;
    }
    this.#status = status;
    return true;
  }

  /**
   * Tell the status to everybody.
   *
   * @returns whether everybody knows; false for a handler's own change, which is
   * told after what is being told.
   */
  tell(): boolean {
    if (this.#telling) {
      return false;
    }
    this.#telling = true;
    let told: IConnectionStatus;
    do {
      told = this.#status;
      this.changed.emit(told);
    } while (told !== this.#status);
    this.#telling = false;
    return true;
  }

  #status: IConnectionStatus;
  #telling = false;
}
