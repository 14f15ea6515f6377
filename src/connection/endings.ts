import type { IFinal } from '../core/channel';
import type { IChannelEnd } from '../tokens';

/** What people are told of the end of a session, by what the core calls it. */
const ENDINGS: Readonly<Record<string, string>> = {
  disposed: 'the connection was closed',
  protocol: 'the connection broke the protocol',
  restarted: 'the server was restarted',
  'session-lost': 'the server no longer holds the session',
  taken: 'the session id was taken'
};

/** Return how a channel ended, in words for people. */
export function endOf(final: IFinal): IChannelEnd {
  const { kind, reason } = final;
  return kind === 'discontinuity'
    ? { ...final, reason: ENDINGS[reason] ?? reason }
    : final;
}
