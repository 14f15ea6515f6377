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
    return this._items.length - this._head;
  }

  /** The item that `shift` would take. */
  get first(): T | undefined {
    return this._items[this._head];
  }

  /** Append an item. */
  push(item: T): void {
    this._items.push(item);
  }

  /** Remove the first item and return it. */
  shift(): T | undefined {
    const item = this._items[this._head];
    if (this._head < this._items.length) {
      // What was taken must not be kept alive.
      this._items[this._head++] = undefined;
      if (this._head * 2 > this._items.length) {
        this._items = this._items.slice(this._head);
        this._head = 0;
      }
    }
    return item;
  }

  /** Return the items from the `start`th on, without removing them. */
  slice(start = 0): T[] {
    return this._items.slice(this._head + start) as T[];
  }

  private _items: (T | undefined)[] = [];
  // How many items at the front have been taken.
  private _head = 0;
}
