/** Stands for every extension. */
export const ALL = '*';

/**
 * The user's own switch: which extensions are not guarded in this browser.
 *
 * #### Notes
 * Kept beside the page's other data in the browser, for each server: settings
 * of JupyterLab come too late for sockets. It counts when a page is loaded.
 */
export class GuardSwitch {
  /**
   * @param basePath - The server's base path; several may share an origin.
   */
  constructor(basePath: string) {
    this.#key = `jupyter-ai-ws:guard-off:${basePath}`;
  }

  /** The extensions that are switched off; empty where the browser keeps nothing. */
  read(): readonly string[] {
    try {
      const names: unknown = JSON.parse(
        window.localStorage.getItem(this.#key) ?? '[]'
      );
      return Array.isArray(names) ? names : [];
    } catch {
      return [];
    }
  }

  /**
   * Whether an extension is switched off.
   *
   * @param name - Its name, or `ALL`.
   */
  isOff(name: string): boolean {
    const off = this.read();
    return off.includes(name) || off.includes(ALL);
  }

  /**
   * Keep what is to be off from the next load of the page.
   *
   * @param names - Names of extensions, or `ALL`.
   * @returns whether the browser has kept it.
   */
  write(names: readonly string[]): boolean {
    try {
      window.localStorage.setItem(this.#key, JSON.stringify(names));
      return true;
    } catch {
      return false;
    }
  }

  readonly #key: string;
}
