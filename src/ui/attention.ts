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
 * Whether a dialog would come in between: somebody types, or another one stands.
 */
export function isOccupied(): boolean {
  return isTyping() || document.querySelector('.jp-Dialog') !== null;
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
