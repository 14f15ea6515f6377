import {
  ANSWER_TIMEOUT_MS,
  BASE_DELAY_MS,
  DELAY_CAP_MS,
  HEARTBEAT_INTERVAL_MS,
  HIDDEN_HEARTBEAT_INTERVAL_MS,
  MAX_ATTEMPTS,
  SLEEP_AFTER_MS
} from './limits';

/** What is going on; the diagram is in section S. */
export type State =
  | 'idle'
  | 'connecting'
  | 'connected'
  | 'waiting'
  | 'probing'
  | 'sleeping'
  | 'stopped'
  | 'disposed';

/**
 * Whether a person is needed: attempts used up (R9), or a cause that does not
 * mend itself (R5).
 */
export type Question = 'none' | 'attempts' | 'permanent';

/** Where the connection stands, whole and immutable. */
export interface IStatus {
  /** What is going on. */
  readonly state: State;
  /** Why it is not connected; '' while it is or nothing has failed. */
  readonly cause: string;
  /** Attempts spent since they were last given back (R8). */
  readonly attempt: number;
  /** When the next try starts; `null`: none is waiting. */
  readonly nextTryMs: number | null;
  /** When the connection was lost; `null` while connected. */
  readonly cutMs: number | null;
  /** Whether a person is needed. */
  readonly question: Question;
}

/** What may be changed at any time, with effect at once. */
export class ConnectorOptions {
  /** Time without proof after which a shown page pings (L2). */
  heartbeatIntervalMs: number = HEARTBEAT_INTERVAL_MS;
  /** The same while hidden. */
  hiddenHeartbeatIntervalMs: number = HIDDEN_HEARTBEAT_INTERVAL_MS;
  /** How long an answer may take (L3). */
  answerTimeoutMs: number = ANSWER_TIMEOUT_MS;
  /** First delay that doubles (R2). */
  baseDelayMs: number = BASE_DELAY_MS;
  /** Where doubling stops. */
  delayCapMs: number = DELAY_CAP_MS;
  /** Attempts before the user is asked (R9); 0: never by their number. */
  maxAttempts: number = MAX_ATTEMPTS;
  /** Whether tries go on behind the question (R9). */
  retryWhileAsking = true;
  /** Hidden and unused so long, the page parks itself (L8); 0: never. */
  sleepAfterMs: number = SLEEP_AFTER_MS;
  /** Whether the server is on this machine, where no herd is to be feared (R2). */
  local = true;
}
