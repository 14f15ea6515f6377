import { SLEEP_AFTER_MS } from '../core/limits';
import { GUARD_SERVICE } from '../guard/service';

/**
 * How long a page with guarded sockets is hidden and unused before it sleeps on a
 * hub, where its heartbeats keep the user's server running. No answer is silent for so long.
 */
const GUARDED_SLEEP_MS = 3_600_000;

/** Whether sockets of other extensions are among the services of open channels. */
export function hasGuarded(services: ReadonlyArray<string>): boolean {
  return services.includes(GUARD_SERVICE);
}

/**
 * How long a page is hidden and unused before it sleeps (L8); 0: it never does.
 *
 * @param services - The services of the channels that are open.
 * @param onHub - Whether a hub stops servers that nobody uses.
 *
 * #### Notes
 * Who opened a guarded socket expects its messages also while nobody looks: to
 * notify, to go on working. Nothing but a hub profits from sleep.
 */
export function sleepAfterMs(
  services: ReadonlyArray<string>,
  onHub: boolean
): number {
  if (!hasGuarded(services)) {
    return SLEEP_AFTER_MS;
  }
  return onHub ? GUARDED_SLEEP_MS : 0;
}
