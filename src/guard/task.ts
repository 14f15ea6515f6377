/**
 * Runs each piece of work in a task of its own, in order.
 *
 * #### Notes
 * Between two events of a native socket promises are resolved, and code relies
 * on that. Message ports are used because the browser delays nested time-outs,
 * and those of hidden pages by a second and more.
 */
export class TaskQueue {
  /** Run something in a task of its own, after all that was posted before. */
  post(run: () => void): void {
    this.#waiting.push(run);
    this.#wake();
  }

  readonly #waiting: (() => void)[] = [];
  readonly #wake = waker(() => this.#waiting.shift()?.());
}

/** Return what asks for a task. */
function waker(run: () => void): () => void {
  if (typeof MessageChannel === 'undefined') {
    return () => void setTimeout(run, 0);
  }
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = run;
  return () => port2.postMessage(null);
}
