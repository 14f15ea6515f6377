/** What close codes mean, for reports. In English, as reports are. */
const MEANINGS: Readonly<Record<number, string>> = {
  1000: 'closed in order',
  1001: 'the server goes down',
  1002: 'the WebSocket protocol was broken',
  1003: 'data of a kind that is not taken',
  1005: 'closed without a code',
  1006: 'ended without a word: network, proxy, or the server was killed',
  1007: 'text that is not UTF-8',
  1008: 'refused by a policy, by a proxy as a rule',
  1009: 'a message that is too big',
  1010: 'an extension of WebSocket that the server lacks',
  1011: 'a fault inside the server',
  1012: 'the server restarts',
  1013: 'the server is overloaded',
  1014: 'a proxy got a bad answer',
  1015: 'TLS failed',
  4400: 'the protocol of the AI connection was broken',
  4404: 'the server does not know the session',
  4406: 'page and server have no version in common',
  4408: 'no sign of life',
  4409: 'another socket took the session, or the request came late',
  4410: 'the server ended the session',
  4429: 'too many sessions of this user'
};

/**
 * Say what a close code means; empty: nothing is known of it.
 *
 * @param code - The code.
 */
export function closeCodeMeaning(code: number): string {
  return MEANINGS[code] ?? '';
}
