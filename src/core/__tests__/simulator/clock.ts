/** Simulated time: an ordered queue of events. */
export class Clock {
  nowMs = 0;
  events = 0;

  /**
   * Run `event` at that time, or now if it has passed; those of one time run in
   * the order they were added.
   */
  at(timeMs: number, event: () => void): void {
    const heap = this._heap;
    const entry = {
      timeMs: timeMs > this.nowMs ? timeMs : this.nowMs,
      order: this._order++,
      event
    };
    let index = heap.length;
    while (index) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, heap[parent])) {
        break;
      }
      heap[index] = heap[parent];
      index = parent;
    }
    heap[index] = entry;
  }

  /** Run `event` at the end of this turn. */
  soon(event: () => void): void {
    this.at(this.nowMs, event);
  }

  /** Run events until `done` says so; false when the time limit comes first. */
  runUntil(done: () => boolean, limitMs: number): boolean {
    while (!done()) {
      if (!this._heap.length || this._heap[0].timeMs > limitMs) {
        this.nowMs = Math.max(this.nowMs, limitMs);
        return done();
      }
      const { timeMs, event } = this._pop();
      this.nowMs = timeMs;
      this.events++;
      event();
    }
    return true;
  }

  private _pop(): IEntry {
    const heap = this._heap;
    const first = heap[0];
    const last = heap.pop() as IEntry;
    const size = heap.length;
    let index = 0;
    while (index * 2 + 1 < size) {
      let child = index * 2 + 1;
      if (child + 1 < size && isBefore(heap[child + 1], heap[child])) {
        child++;
      }
      if (!isBefore(heap[child], last)) {
        break;
      }
      heap[index] = heap[child];
      index = child;
    }
    if (size) {
      heap[index] = last;
    }
    return first;
  }

  private _heap: IEntry[] = [];
  private _order = 0;
}

interface IEntry {
  timeMs: number;
  order: number;
  event: () => void;
}

function isBefore(a: IEntry, b: IEntry): boolean {
  return a.timeMs < b.timeMs || (a.timeMs === b.timeMs && a.order < b.order);
}
