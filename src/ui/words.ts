import type { TranslationBundle } from '@jupyterlab/translation';

import type { ConnectionCause, IConnectionStatus } from '../tokens';

/**
 * What people are told apart.
 *
 * - `busy`: the server takes the connection and does not answer;
 * - `asking`: it did not come back by itself, a person is asked;
 * - `failed`: it will not come back by itself, for a known cause;
 * - `absent`: this server never offered it; nothing is wrong.
 */
export type StatusKind =
  | 'connected'
  | 'connecting'
  | 'reconnecting'
  | 'busy'
  | 'sleeping'
  | 'offline'
  | 'asking'
  | 'failed'
  | 'absent';

/** What is said about the connection, in the language of the page. */
export interface IStatusWords {
  readonly kind: StatusKind;
  /** What and in which state, short. */
  readonly label: string;
  /** The attempt under way or waited for, such as `2/5`; empty: none. */
  readonly attempt: string;
  /** The same for the ear; empty: none. */
  readonly spokenAttempt: string;
  /** Whole seconds until the next try; null: none waits. */
  readonly countdownS: number | null;
  /** Whether there are numbers to show, now or after the try that is under way. */
  readonly counts: boolean;
  /** What happened, in plain words. */
  readonly sentence: string;
}

/** What the words depend on besides the status. */
export interface ISurroundings {
  /** By the clock of `performance.now()`. */
  readonly nowMs: number;
  /** What the browser says of the network. */
  readonly onLine: boolean;
}

/** Causes that a person has to mend. */
const PERMANENT: ReadonlySet<ConnectionCause> = new Set([
  'login',
  'missing',
  'incompatible',
  'version',
  'stopped',
  'blocked',
  'too-many'
] as const);

/**
 * Put a status into words.
 *
 * @param status - Where the connection stands.
 * @param around - What else counts.
 * @param trans - The language.
 */
export function describe(
  status: IConnectionStatus,
  around: ISurroundings,
  trans: TranslationBundle
): IStatusWords {
  const kind = kindOf(status, around.onLine);
  const { attempt, spokenAttempt } = attemptOf(status, kind, trans);
  return {
    kind,
    label: labelOf(kind, status.cause, trans),
    attempt,
    spokenAttempt,
    countdownS: countdownOf(status, kind, around.nowMs),
    counts: kind !== 'sleeping' && (attempt !== '' || isTried(status)),
    sentence: sentenceOf(kind, status.cause, trans)
  };
}

/**
 * Whether two descriptions say the same.
 */
export function sameWords(a: IStatusWords, b: IStatusWords): boolean {
  return (Object.keys(a) as (keyof IStatusWords)[]).every(
    key => a[key] === b[key]
  );
}

/**
 * Tell what a status means to people.
 *
 * @param status - Where the connection stands.
 * @param onLine - What the browser says of the network.
 */
export function kindOf(status: IConnectionStatus, onLine: boolean): StatusKind {
  const { state, cause, question } = status;
  if (state === 'connected' || state === 'sleeping') {
    return state;
  }
  if (state === 'stopped' && cause === 'missing') {
    return 'absent';
  }
  const over = state === 'stopped' || state === 'disposed';
  if (PERMANENT.has(cause) && (over || question !== 'none')) {
    return 'failed';
  }
  if (cause === 'unreachable' && !onLine) {
    return 'offline';
  }
  if (over || question !== 'none') {
    return 'asking';
  }
  return cause === 'busy' ? 'busy' : (state as 'connecting' | 'reconnecting');
}

/**
 * Whether something is wrong that a person may have to know of.
 *
 * @param status - Where the connection stands.
 *
 * #### Notes
 * Sleep is none, nor is a first connection that nothing has refused yet, nor a
 * server that never offered it.
 */
export function inTrouble(status: IConnectionStatus): boolean {
  switch (kindOf(status, true)) {
    case 'connected':
    case 'sleeping':
    case 'absent':
      return false;
    case 'connecting':
      return status.cause !== '';
    default:
      return status.state !== 'disposed';
  }
}

/** Whether the kind is one in which attempts are counted for people. */
function counts(kind: StatusKind): boolean {
  return kind === 'connecting' || kind === 'reconnecting' || kind === 'busy';
}

function attemptOf(
  { attempt: spent, maxAttempts, nextTryMs, trying }: IConnectionStatus,
  kind: StatusKind,
  trans: TranslationBundle
): Pick<IStatusWords, 'attempt' | 'spokenAttempt'> {
  // While one waits, that is the one people are told of.
  const attempt = nextTryMs !== null && !trying ? spent + 1 : spent;
  if (!counts(kind) || !attempt) {
    return { attempt: '', spokenAttempt: '' };
  }
  // Attempts may outnumber the limit while 30 seconds have not passed.
  if (!maxAttempts || attempt > maxAttempts) {
    return {
      attempt: trans.__('#%1', attempt),
      spokenAttempt: trans.__('attempt %1', attempt)
    };
  }
  return {
    attempt: trans.__('%1/%2', attempt, maxAttempts),
    spokenAttempt: trans.__('attempt %1 of %2', attempt, maxAttempts)
  };
}

function countdownOf(
  { nextTryMs, trying }: IConnectionStatus,
  kind: StatusKind,
  nowMs: number
): number | null {
  if (nextTryMs === null || trying || kind === 'sleeping') {
    return null;
  }
  return Math.max(0, Math.ceil((nextTryMs - nowMs) / 1000));
}

/** Whether it was lost, and a try waits or is under way. */
function isTried({ cause, nextTryMs, trying }: IConnectionStatus): boolean {
  return cause !== '' && (trying || nextTryMs !== null);
}

function labelOf(
  kind: StatusKind,
  cause: ConnectionCause,
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'connected':
      return trans.__('AI connection: connected');
    case 'connecting':
      return trans.__('AI connection: connecting');
    case 'reconnecting':
      return trans.__('AI connection: reconnecting');
    case 'busy':
      return trans.__('AI connection: not answering');
    case 'sleeping':
      return trans.__('AI connection: sleeping');
    case 'offline':
      return trans.__('AI connection: offline');
    case 'asking':
      return trans.__('AI connection: lost');
    case 'absent':
      return trans.__('AI connection: not available');
    case 'failed':
      return failureLabel(cause, trans);
  }
}

function failureLabel(
  cause: ConnectionCause,
  trans: TranslationBundle
): string {
  switch (cause) {
    case 'login':
      return trans.__('AI connection: login expired');
    case 'missing':
      return trans.__('AI connection: switched off');
    case 'incompatible':
    case 'version':
      return trans.__('AI connection: update needed');
    case 'stopped':
      return trans.__('AI connection: server stopped');
    case 'too-many':
      return trans.__('AI connection: too many pages');
    default:
      return trans.__('AI connection: blocked');
  }
}

function sentenceOf(
  kind: StatusKind,
  cause: ConnectionCause,
  trans: TranslationBundle
): string {
  switch (kind) {
    case 'connected':
      return trans.__('AI assistants can reach the server.');
    case 'sleeping':
      return trans.__(
        'The AI connection rests while this page is hidden. It wakes when you come back.'
      );
    case 'offline':
      return trans.__(
        'This computer is offline. The AI connection comes back with the network.'
      );
    case 'absent':
      return trans.__(
        'This Jupyter server does not offer the AI connection. Everything else works as usual.'
      );
    case 'connecting':
      if (cause === '') {
        return trans.__('The AI connection is being made.');
      }
  }
  return causeSentence(cause, trans);
}

/**
 * Say what happened.
 *
 * @param cause - Why the connection is not there.
 * @param trans - The language.
 */
export function causeSentence(
  cause: ConnectionCause,
  trans: TranslationBundle
): string {
  switch (cause) {
    case 'restarting':
      return trans.__('The Jupyter server is restarting.');
    case 'protocol':
      return trans.__('The AI connection failed and starts afresh.');
    case 'session-lost':
      return trans.__(
        "The Jupyter server no longer holds this page's session. Answers under way were lost."
      );
    case 'version':
    case 'incompatible':
      return trans.__(
        'This page and the Jupyter server have different versions of the AI connection.'
      );
    case 'too-many':
      return trans.__(
        'Too many pages hold an AI connection to this Jupyter server.'
      );
    case 'login':
      return trans.__('Your login has expired.');
    case 'missing':
      return trans.__('The Jupyter server no longer offers the AI connection.');
    case 'stopped':
      return trans.__('The Jupyter server was stopped.');
    case 'down':
      return trans.__('The Jupyter server cannot answer at the moment.');
    case 'unreachable':
      return trans.__('The Jupyter server cannot be reached.');
    case 'busy':
      return trans.__('The Jupyter server takes long to answer.');
    case 'blocked':
      return trans.__(
        'The Jupyter server can be reached, but something on the way blocks the AI connection.'
      );
    default:
      return trans.__('The AI connection was interrupted.');
  }
}
