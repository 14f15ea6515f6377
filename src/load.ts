/** The first pause before code is asked for again; each one is twice as long. */
const PAUSE_MS = 1000;

/** How often code is asked for: the pauses make 17 minutes. */
const TRIES = 11;

/**
 * Load code, again when that fails: the network of a page that starts may be the
 * one that the code is needed for.
 *
 * @param load - Imports the code.
 * @returns what `load` has brought; rejects with its last error after 17 minutes.
 */
export async function loadPatiently<T>(load: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await load();
    } catch (error) {
      if (attempt === TRIES) {
        throw error;
      }
      const pauseMs = PAUSE_MS * 2 ** (attempt - 1);
      await new Promise(resolve => setTimeout(resolve, pauseMs));
    }
  }
}
