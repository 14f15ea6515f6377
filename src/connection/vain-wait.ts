import type { ConnectionCause, IConnectionStatus } from '../tokens';
import { Timer } from './timer';

/** Why a channel is refused where nobody will ever serve one, by the cause of that. */
const IN_VAIN: { readonly [cause in ConnectionCause]?: string } = {
  missing: 'jupyter_ai_ws is missing or disabled on the server',
  version: 'page and server have no common version of jupyter_ai_ws',
  incompatible: 'page and server have no common version of jupyter_ai_ws'
};

/** How long a channel waits before it is refused for that. */
const REFUSE_AFTER_MS = 1000;

/**
 * Ends the wait of channels for a server half that is not there, or speaks no
 * version of the page's.
 *
 * #### Notes
 * Only where this page never had one: else it may be a proxy that says so for a
 * while, the connection goes on looking, and the channels wait for it. Not at
 * once: who opens another channel when one has ended would keep the page busy.
 */
export class VainWait {
  /** @param refuse - Refuses every channel, for the reason given. */
  constructor(refuse: (reason: string) => void) {
    this.#refuse = refuse;
  }

  /**
   * Take in what may have changed.
   *
   * @param status - Where the connection stands.
   * @param welcomed - Whether this page ever had a session.
   * @param waits - Whether there are channels.
   */
  follow(status: IConnectionStatus, welcomed: boolean, waits: boolean): void {
    this.#reason =
      waits && !welcomed && status.state === 'stopped'
        ? IN_VAIN[status.cause]
        : undefined;
    this.#dueMs = this.#reason
      ? Math.min(this.#dueMs, performance.now() + REFUSE_AFTER_MS)
      : Infinity;
    this.#timer.set(this.#dueMs);
  }

  /** Leave no timer. */
  dispose(): void {
    this.#timer.set(Infinity);
  }

  readonly #refuse: (reason: string) => void;
  // Why they wait in vain; undefined: none does.
  #reason: string | undefined;
  #dueMs = Infinity;
  readonly #timer = new Timer(() => {
    this.#dueMs = Infinity;
    this.#refuse(this.#reason!);
  });
}
