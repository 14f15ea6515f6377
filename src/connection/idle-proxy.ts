import { IdleProxyDetector } from '../core/silence';
import { SilenceMemory } from './silence-memory';

/**
 * What this page knows of a proxy that cuts silent connections (L7): the core finds
 * it, later pages begin with it, and the history tells of it.
 */
export class IdleProxy {
  /** @param host - Host and port of the server. */
  constructor(host: string) {
    this.#memory = new SilenceMemory(host);
    this.#noted = this.#memory.limitMs;
    this.detector = new IdleProxyDetector(this.#noted);
  }

  /** What finds it, and lowers the heartbeat. */
  readonly detector: IdleProxyDetector;

  /** Whether the heartbeat may be lowered; if not, nothing is kept in mind. */
  adapts = true;

  /**
   * Keep what the end of a socket has shown.
   *
   * @returns the silence that is news, in milliseconds; null: nothing is.
   */
  learn(): number | null {
    const limitMs = this.detector.silenceLimitMs;
    if (!this.adapts) {
      this.detector.forget();
    } else if (limitMs !== null && limitMs !== this.#noted) {
      this.#memory.limitMs = this.#noted = limitMs;
      return limitMs;
    }
    return null;
  }

  /** Forget it, for all pages. */
  forget(): void {
    this.#noted = null;
    this.detector.forget();
    this.#memory.forget();
  }

  readonly #memory: SilenceMemory;
  // The limit that was told.
  #noted: number | null;
}
