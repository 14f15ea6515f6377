import type { IStatus } from '../core/status';
import type {
  ConnectionCause,
  ConnectionState,
  IConnectionStatus
} from '../tokens';

/** What the core's status alone does not say. */
export interface IAround {
  /** Whether the server said that its half is there. */
  readonly available: boolean;
  /** Whether this page was ever welcomed. */
  readonly welcomed: boolean;
  /** Attempts after which the user is asked. */
  readonly maxAttempts: number;
}

/** The status as everybody may see it. */
export function publicStatus(
  core: IStatus,
  around: IAround
): IConnectionStatus {
  const missing = core.state === 'idle' && !around.available;
  return {
    state: missing ? 'stopped' : publicState(core, around),
    cause: missing ? 'missing' : (core.cause as ConnectionCause),
    attempt: core.attempt,
    maxAttempts: around.maxAttempts,
    nextTryMs: core.nextTryMs,
    trying: core.state === 'connecting' || core.state === 'probing',
    probing: core.state === 'probing',
    cutMs: core.cutMs,
    question: core.question
  };
}

function publicState(
  { state }: IStatus,
  { welcomed }: IAround
): ConnectionState {
  switch (state) {
    case 'connected':
    case 'sleeping':
    case 'stopped':
    case 'disposed':
      return state;
    default:
      return welcomed ? 'reconnecting' : 'connecting';
  }
}
