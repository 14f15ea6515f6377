import type { IDisposable } from '@lumino/disposable';

import type { IAIConnection } from '../tokens';
import { inTrouble } from './words';

/** Whoever pressed a key this recently is about to press the next one. */
const RECENT_MS = 3000;

/** Inputs into which nothing is typed. */
const SILENT_INPUTS: ReadonlySet<string> = new Set([
  'button',
  'checkbox',
  'color',
  'file',
  'image',
  'radio',
  'range',
  'reset',
  'submit'
]);

/**
 * Knows whether a dialog would come in between.
 *
 * #### Notes
 * Keys are listened to only while there is trouble, and nothing of them is kept but
 * the time.
 */
export class Attention implements IDisposable {
  /**
   * @param connection - What may be in trouble; not owned.
   */
  constructor(connection: IAIConnection) {
    this.#connection = connection;
    connection.statusChanged.connect(this.#onStatusChanged, this);
    this.#onStatusChanged();
  }

  /** Whether somebody works with the keyboard, or another dialog stands. */
  get isOccupied(): boolean {
    return (
      performance.now() - this.#pressedMs < RECENT_MS ||
      isTyping() ||
      isInNotebook() ||
      document.querySelector('.jp-Dialog') !== null
    );
  }

  /** Whether nothing is listened to any more. */
  get isDisposed(): boolean {
    return this.#isDisposed;
  }

  /** Listen no more. */
  dispose(): void {
    if (this.#isDisposed) {
      return;
    }
    this.#isDisposed = true;
    this.#connection.statusChanged.disconnect(this.#onStatusChanged, this);
    window.removeEventListener('keydown', this.#onKeyDown, LISTENING);
  }

  #onStatusChanged(): void {
    // Adding it twice is adding it once.
    if (inTrouble(this.#connection.status)) {
      window.addEventListener('keydown', this.#onKeyDown, LISTENING);
    } else {
      window.removeEventListener('keydown', this.#onKeyDown, LISTENING);
    }
  }

  readonly #onKeyDown = (): void => {
    this.#pressedMs = performance.now();
  };

  readonly #connection: IAIConnection;
  #pressedMs = -Infinity;
  #isDisposed = false;
}

/** Hears keys that others keep to themselves, and holds none of them up. */
const LISTENING = { capture: true, passive: true };

/**
 * Whether keys that are pressed now are commands to a notebook, such as to delete cells.
 */
function isInNotebook(): boolean {
  return Boolean(document.activeElement?.closest('.jp-Notebook'));
}

/**
 * Whether keys that are pressed now go into a text.
 *
 * #### Notes
 * What has the focus inside a frame is not known: it counts.
 */
export function isTyping(): boolean {
  let element = document.activeElement;
  while (element?.shadowRoot?.activeElement) {
    element = element.shadowRoot.activeElement;
  }
  if (!(element instanceof HTMLElement)) {
    return false;
  }
  switch (element.tagName) {
    case 'INPUT':
      return !SILENT_INPUTS.has((element as HTMLInputElement).type);
    case 'TEXTAREA':
    case 'IFRAME':
      return true;
    default:
      return element.closest('[contenteditable]:not([contenteditable="false"])')
        ? true
        : element.getAttribute('role') === 'textbox';
  }
}
