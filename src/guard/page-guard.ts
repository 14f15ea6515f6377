/**
 * What the early part and the rest of the guard know of each other.
 *
 * #### Notes
 * The early part runs before JupyterLab and imports nothing but its neighbours
 * here, which must not import anything of JupyterLab or Lumino.
 */

/** Both parts must be of the same version; two copies never stack. */
export const VERSION = 1;

/** Where the page's guard is kept. */
export const KEY = Symbol.for('jupyter_ai_ws.guard');

/** Make a guarded socket. */
export type Make = (
  url: URL,
  protocols: readonly string[],
  name: string
) => WebSocket;

/** The guard of a page, as the early part leaves it. */
export interface IPageGuard {
  readonly version: typeof VERSION;
  /** The browser's own constructor. */
  readonly native: typeof WebSocket;
  /** The constructor in its place. */
  readonly guarded: typeof WebSocket;
  /** Makes guarded sockets; null: every socket is native. */
  make: Make | null;
  /** Put the browser's own constructor back, for good. */
  restore(): void;
}

/** A window with or without a guard. */
export type GuardWindow = Pick<Window, 'document' | 'location'> & {
  WebSocket: typeof WebSocket;
  [KEY]?: IPageGuard;
};
