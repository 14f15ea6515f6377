import type { TranslationBundle } from '@jupyterlab/translation';

import type { IConnectionDiagnostics } from '../tokens';
import { clock, count } from './formats';

/** One thing that is known of the connection. */
export interface IFact {
  readonly term: string;
  readonly value: string;
}

/**
 * Put what is known of the connection into words.
 *
 * @param known - What is known.
 * @param trans - The language.
 */
export function factsOf(
  known: IConnectionDiagnostics,
  trans: TranslationBundle
): ReadonlyArray<IFact> {
  const facts: IFact[] = [];
  const add = (term: string, value: string) => facts.push({ term, value });
  if (known.connectedSince !== null) {
    add(trans.__('Up since'), clock(known.connectedSince, trans));
  }
  add(trans.__('Interruptions survived'), count(known.resumes, trans));
  if (known.longestCutMs > 0) {
    add(trans.__('Longest interruption'), duration(known.longestCutMs, trans));
  }
  if (known.discontinuities > 0) {
    add(trans.__('Fresh starts'), count(known.discontinuities, trans));
  }
  // Not records: a large one is many units, and the connection has its own.
  add(trans.__('Sent, not confirmed yet'), count(known.unitsInFlight, trans));
  add(trans.__('Records lost'), count(known.recordsLost, trans));
  if (known.roundTripMs !== null) {
    const { roundTripMs } = known;
    add(trans.__('Round trip'), milliseconds(roundTripMs, trans));
  }
  add(trans.__('Heartbeat'), duration(known.heartbeatIntervalMs, trans));
  const names = new Set(known.channels.map(({ name }) => name));
  if (names.size) {
    add(trans.__('In use by'), [...names].join(', '));
  }
  return facts;
}

/**
 * Say how long something took.
 *
 * @param ms - The time in milliseconds.
 * @param trans - The language.
 */
export function duration(ms: number, trans: TranslationBundle): string {
  if (ms < 9950) {
    return trans.__('%1 s', Math.round(ms / 100) / 10);
  }
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) {
    return trans.__('%1 s', seconds);
  }
  const minutes = Math.round(seconds / 60);
  return minutes < 120
    ? trans.__('%1 min', minutes)
    : trans.__('%1 h', Math.round(minutes / 60));
}

/**
 * Say how long a round trip took.
 *
 * @param ms - The time in milliseconds.
 * @param trans - The language.
 */
export function milliseconds(ms: number, trans: TranslationBundle): string {
  return ms < 1 ? trans.__('under 1 ms') : trans.__('%1 ms', Math.round(ms));
}
