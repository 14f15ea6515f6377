/**
 * What was learned of idle proxies, kept per host over page loads (L7).
 */
export class SilenceMemory {
  /** @param host - Host and port of the server. */
  constructor(host: string) {
    this.#key = `jupyter-ai-ws:silence-limit-ms:${host}`;
  }

  /** The silence after which connections were cut, or null. */
  get limitMs(): number | null {
    try {
      const limitMs = Number(localStorage.getItem(this.#key));
      return limitMs >= 1000 && limitMs < Infinity ? limitMs : null;
    } catch {
      return null; // storage may be forbidden
    }
  }

  set limitMs(limitMs: number | null) {
    // Other pages write here, too: only what is news is written.
    if (limitMs === null || limitMs >= (this.limitMs ?? Infinity)) {
      return;
    }
    try {
      localStorage.setItem(this.#key, `${Math.round(limitMs)}`);
    } catch {
      // Storage may be full or forbidden: it is found again on the next page.
    }
  }

  /** Forget it, for all pages. */
  forget(): void {
    try {
      localStorage.removeItem(this.#key);
    } catch {
      // Storage may be forbidden: then there is nothing in it.
    }
  }

  readonly #key: string;
}
