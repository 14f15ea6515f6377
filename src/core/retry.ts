import { CloseCode } from './limits';

/** Why a socket ended, in plain words. */
export type CloseCause =
  | 'network'
  | 'restarting'
  | 'protocol'
  | 'session-lost'
  | 'version'
  | 'silent'
  | 'taken'
  | 'too-many';

/** What a probe found (R4). */
export type ProbeAnswer =
  | 'ok'
  | 'incompatible'
  | 'login'
  | 'missing'
  | 'stopped'
  | 'down'
  | 'unreachable'
  | 'busy';

/** What the end of a socket means (R1). */
export interface ICloseVerdict {
  /** Whether the session can be resumed. */
  readonly session: 'kept' | 'ended';
  /** Whether many pages were cut together (R2). */
  readonly spread: boolean;
  /** Whether the next try counts as an attempt. */
  readonly spendsAttempt: boolean;
  /** Whether the user is asked at once. */
  readonly ask: boolean;
  readonly cause: CloseCause;
}

/**
 * What to do after a probe (R4); `ask` and `stop`: waiting will not mend it, once
 * it has been said twice (R5).
 */
export type ProbeAction = 'open' | 'retry' | 'ask' | 'stop';

/** The table of R1; what is not in it is "network". */
const CAUSES: Readonly<Record<number, CloseCause>> = {
  1001: 'restarting',
  1002: 'protocol',
  1003: 'protocol',
  1007: 'protocol',
  1009: 'protocol',
  1010: 'protocol',
  1012: 'restarting',
  1013: 'restarting',
  4400: 'protocol',
  4404: 'session-lost',
  4406: 'version',
  4408: 'silent',
  4409: 'taken',
  4410: 'session-lost',
  4429: 'too-many'
};

/** The rows of R4 that the status alone decides. */
const STATUSES: Readonly<Record<number, ProbeAnswer>> = {
  401: 'login',
  403: 'login',
  404: 'missing',
  424: 'stopped'
};

/** The rest of the table of R4; other answers are permanent. */
const ACTIONS: Partial<Record<ProbeAnswer, ProbeAction>> = {
  ok: 'open',
  down: 'retry',
  unreachable: 'retry',
  busy: 'retry'
};

/**
 * Judge the end of a socket (R1).
 *
 * @param code - the close code; `null` for a time-out (S2) or a verdict (L3).
 */
export function classifyClose(code: number | null): ICloseVerdict {
  const cause = CAUSES[code ?? 0] ?? 'network';
  const ended = ['protocol', 'session-lost', 'taken'].includes(cause);
  return {
    session: ended ? 'ended' : 'kept',
    spread: cause === 'restarting',
    spendsAttempt: code !== CloseCode.UNKNOWN,
    ask: cause === 'version' || cause === 'too-many',
    cause
  };
}

/**
 * Name a probe's answer (R4). A probe that timed out is "busy" without this.
 *
 * @param status - the HTTP status in the end; `null` if there was no connection,
 * 0 if a redirect was not followed.
 * @param body - the body, if it could be read.
 * @param redirected - whether a redirect was followed or seen.
 * @param protocols - the subprotocols that the page speaks.
 */
export function classifyProbe(
  status: number | null,
  body: string | null,
  redirected: boolean,
  protocols: readonly string[]
): ProbeAnswer {
  if (status === null) {
    return 'unreachable';
  }
  if (status === 200) {
    const offered = protocolsOf(body);
    return offered
      ? protocols.some(name => offered.includes(name))
        ? 'ok'
        : 'incompatible'
      : 'login';
  }
  // A hub redirects first and then says 404, 424 or 503: the last word counts.
  if ((redirected && !status) || (status >= 300 && status < 400)) {
    return 'login';
  }
  return STATUSES[status] ?? 'down';
}

/**
 * Say what to do after a probe (R4).
 *
 * @param welcomedBefore - whether this page ever had a session.
 */
export function decide(
  answer: ProbeAnswer,
  welcomedBefore: boolean
): ProbeAction {
  return (
    ACTIONS[answer] ??
    (answer === 'missing' && !welcomedBefore ? 'stop' : 'ask')
  );
}

/** The subprotocols that a healthy server offers, if it is one. */
function protocolsOf(body: string | null): string[] | null {
  try {
    const { status, protocols } = JSON.parse(body ?? '');
    return status === 'ok' &&
      Array.isArray(protocols) &&
      protocols.every(name => typeof name === 'string')
      ? protocols
      : null;
  } catch {
    return null;
  }
}
