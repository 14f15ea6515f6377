import { ASK_AFTER_MS, BLOCKED_AFTER } from '../core/limits';
import type { ConnectionCause, IConnectionStatus } from '../tokens';

/**
 * The server half is not to be had, but the endpoints of other extensions may
 * be: no waiting mends that. Where they are as far away (login, a stopped
 * server, the network) waiting is better.
 */
export const GONE: ReadonlySet<ConnectionCause> = new Set<ConnectionCause>([
  'missing',
  'incompatible',
  'version',
  'too-many'
]);

/** What the server half says by itself need not be said twice. */
const SAID: ReadonlySet<ConnectionCause> = new Set<ConnectionCause>([
  'version',
  'too-many'
]);

/** A socket has failed; where that was not the first, a probe had just answered (R3). */
const REFUSED: ReadonlySet<ConnectionCause> = new Set<ConnectionCause>([
  'network',
  'protocol',
  'restarting',
  'session-lost',
  'silent',
  'taken'
]);

/**
 * What is believed of the server half, by what became of the tries since the last
 * welcome.
 *
 * #### Notes
 * The question of a status is not enough: it outlives the cause for which it was
 * asked, and by a setting it is never asked.
 */
export class ServerHalf {
  /**
   * Whether sockets that are not open would wait in vain, until the next welcome:
   * it is gone, or its sockets fail while it answers probes, three times in a row
   * (R10) and for 30 s (R9).
   */
  get lost(): boolean {
    return this.#lost;
  }

  /**
   * Whether open sockets wait in vain too, by what the last try has found: it is
   * gone, or its sockets fail where others do not. While nothing is known of
   * others, the network may be what refuses all of them.
   */
  get lostToOpen(): boolean {
    return this.#gone || (this.#refused && this.#othersOpen);
  }

  /** Take in a new status; each of them, in order. */
  follow(status: IConnectionStatus, nowMs: number): void {
    const { cause, question, state, trying } = status;
    const last = this.#last;
    this.#last = status;
    // A try that has not failed may be given up, too: attempts are used up, or nobody looks.
    const givenUp =
      state === 'sleeping' ||
      state === 'disposed' ||
      (state === 'stopped' && question === 'attempts');
    if (state === 'connected') {
      this.#row = { kind: '', times: 0, sinceMs: nowMs };
      this.#lost = this.#gone = this.#refused = this.#othersOpen = false;
    } else if (last.trying && !trying && !givenUp) {
      const refused = REFUSED.has(cause) || (cause === 'busy' && !last.probing);
      const { times, sinceMs } = this.#count(
        refused ? 'refused' : cause,
        nowMs
      );
      this.#gone =
        SAID.has(cause) ||
        (GONE.has(cause) && question === 'permanent' && times > 1);
      this.#refused =
        refused && times >= BLOCKED_AFTER && nowMs - sinceMs >= ASK_AFTER_MS;
      this.#lost ||= this.#gone || this.#refused;
    }
  }

  /** Handle that a native socket has opened. */
  otherOpened(): void {
    this.#othersOpen = this.#lost;
  }

  /** Count a try that has failed to those of its kind in a row. */
  #count(kind: IRow['kind'], nowMs: number): IRow {
    const { times, sinceMs } =
      kind === this.#row.kind ? this.#row : { times: 0, sinceMs: nowMs };
    return (this.#row = { kind, times: times + 1, sinceMs });
  }

  #row: IRow = { kind: '', times: 0, sinceMs: 0 };
  #last: Pick<IConnectionStatus, 'trying' | 'probing'> = {
    trying: false,
    probing: false
  };
  #lost = false;
  #gone = false;
  #refused = false;
  #othersOpen = false;
}

/** Tries that have failed in the same way, one after the other. */
interface IRow {
  readonly kind: ConnectionCause | 'refused';
  readonly times: number;
  readonly sinceMs: number;
}
