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

/** What a probe's answer means (R4). */
export interface IProbeVerdict {
  readonly action: 'open' | 'retry' | 'ask' | 'stop';
  /** Whether waiting will not mend it, once it has been said twice (R5). */
  readonly permanent: boolean;
  readonly cause: ProbeAnswer;
}

const NETWORK: ICloseVerdict = {
  session: 'kept',
  spread: false,
  spendsAttempt: true,
  ask: false,
  cause: 'network'
};
const RESTARTING: ICloseVerdict = {
  ...NETWORK,
  spread: true,
  cause: 'restarting'
};
const PROTOCOL: ICloseVerdict = {
  ...NETWORK,
  session: 'ended',
  cause: 'protocol'
};
const LOST: ICloseVerdict = { ...PROTOCOL, cause: 'session-lost' };

/** The table of R1; codes that are not in it count as 1006. */
const CLOSES: Readonly<Record<number, ICloseVerdict>> = {
  1001: RESTARTING,
  1002: PROTOCOL,
  1003: PROTOCOL,
  1007: PROTOCOL,
  1009: PROTOCOL,
  1010: PROTOCOL,
  1012: RESTARTING,
  1013: RESTARTING,
  4400: PROTOCOL,
  4404: { ...LOST, spendsAttempt: false },
  4406: { ...NETWORK, ask: true, cause: 'version' },
  4408: { ...NETWORK, cause: 'silent' },
  4409: { ...PROTOCOL, cause: 'taken' },
  4410: LOST,
  4429: { ...NETWORK, ask: true, cause: 'too-many' }
};

/** The rows of R4 that the status alone decides. */
const STATUSES: Readonly<Record<number, ProbeAnswer>> = {
  401: 'login',
  403: 'login',
  404: 'missing',
  424: 'stopped'
};

/** The rest of the table of R4; other answers are permanent. */
const ACTIONS: Partial<Record<ProbeAnswer, 'open' | 'retry'>> = {
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
  return CLOSES[code ?? 0] ?? NETWORK;
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
): IProbeVerdict {
  const action =
    ACTIONS[answer] ??
    (answer === 'missing' && !welcomedBefore ? 'stop' : 'ask');
  return { action, permanent: !(answer in ACTIONS), cause: answer };
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
