// Those of the target may have been replaced: setting a handler calls none of them.
const { addEventListener, removeEventListener } = EventTarget.prototype;

type Handler = ((event: Event) => unknown) | null;

/**
 * The event handler attributes (`onopen`, …) of an event target.
 *
 * #### Notes
 * As in a browser the handler keeps the place of its first assignment among the
 * listeners until null takes it away.
 */
export class EventHandlers {
  /** @param target - Whose handlers they are. */
  constructor(target: EventTarget) {
    this.#target = target;
  }

  /** Return the handler of a type of event. */
  get(type: string): Handler {
    return this.#handlers.get(type) ?? null;
  }

  /** Set the handler of a type; anything but a function or an object is null. */
  set(type: string, value: unknown): void {
    const handler =
      typeof value === 'function' || typeof value === 'object' ? value : null;
    const known = this.#handlers.has(type);
    if (handler === null) {
      this.#handlers.delete(type);
      removeEventListener.call(this.#target, type, this.#run);
    } else {
      this.#handlers.set(type, handler as Handler);
      if (!known) {
        addEventListener.call(this.#target, type, this.#run);
      }
    }
  }

  readonly #run = (event: Event): void => {
    const handler = this.#handlers.get(event.type);
    if (typeof handler === 'function') {
      if (Reflect.apply(handler, this.#target, [event]) === false) {
        event.preventDefault();
      }
    }
  };
  readonly #target: EventTarget;
  readonly #handlers = new Map<string, Handler>();
}
