/**
 * A queue, first in, first out, whose front costs no more than its end.
 *
 * #### Notes
 * Taking the first of a long array moves all the others; here they move once for
 * as many as have been taken.
 */
export class Queue<T> {
  /** How many items wait. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** The item that `shift` would take. */
  get first(): T | undefined {
    return this.#items[this.#head];
  }

  /** Append an item. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** Remove the first item and return it. */
  shift(): T | undefined {
    const item = this.#items[this.#head];
    if (this.length) {
      // What was taken must not be kept alive.
      this.#items[this.#head++] = undefined;
      if (this.#head > this.length) {
        this.#items = this.#items.slice(this.#head);
        this.#head = 0;
      }
    }
    return item;
  }

  /** Return the items from the `start`th on, without removing them. */
  slice(start: number): T[] {
    return this.#items.slice(this.#head + start) as T[];
  }

  #items: (T | undefined)[] = [];
  // How many items at the front have been taken.
  #head = 0;
}
