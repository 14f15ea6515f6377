import type { TranslationBundle } from '@jupyterlab/translation';

import { count } from '../ui/formats';
import type { IProgress, IResult } from './runner';

/** Whether a test has shown what it is to show. */
export function passed(result: IResult): boolean {
  return (
    result.outcome === 'complete' &&
    result.cuts === result.cutsWanted &&
    Object.values(faultsOf(result)).every(fault => fault === 0)
  );
}

/**
 * Say in one sentence what came out.
 *
 * @param result - How the test ended.
 * @param trans - The language.
 */
export function resultSentence(
  result: IResult,
  trans: TranslationBundle
): string {
  const { lost, doubled, outOfOrder, damaged } = faultsOf(result);
  const counted = trans.__(
    '%1 records each way, %2 cuts: %3 lost, %4 doubled, %5 out of order.',
    count(result.toPage.expected, trans),
    result.cuts,
    count(lost, trans),
    count(doubled, trans),
    count(outOfOrder, trans)
  );
  return damaged
    ? trans.__('%1 %2 damaged.', counted, count(damaged, trans))
    : counted;
}

/**
 * Say what the result means.
 *
 * @param result - How the test ended.
 * @param trans - The language.
 */
export function verdict(result: IResult, trans: TranslationBundle): string {
  switch (result.outcome) {
    case 'complete':
      return passed(result)
        ? trans.__('Passed. Every record arrived once and in order.')
        : trans.__('Failed. Not every record arrived once and in order.');
    case 'refused':
      return trans.__(
        'Not run. The server refused the test: %1',
        result.reason
      );
    case 'session-lost':
      return trans.__(
        "Broken off. The server no longer holds this page's session."
      );
    case 'closed':
      return trans.__('Broken off. The server ended the test.');
    case 'unconnected':
      return trans.__('Not run. There is no AI connection at the moment.');
    case 'lost':
      return trans.__('Broken off. The AI connection was lost.');
    case 'timeout':
      return trans.__('Broken off. The test took too long.');
    case 'cancelled':
      return trans.__('Cancelled.');
  }
}

/**
 * Say how many records have arrived when the test was broken off.
 *
 * @param result - How the test ended.
 * @param trans - The language.
 */
export function arrivedSentence(
  result: IProgress,
  trans: TranslationBundle
): string {
  return trans.__(
    '%1 of %2 records to the page, %3 to the server, %4 of %5 cuts.',
    count(result.toPage, trans),
    count(result.records, trans),
    count(result.toServer, trans),
    result.cuts,
    result.cutsWanted
  );
}

function faultsOf({ toPage, toServer }: IResult) {
  return {
    lost: toPage.lost + toServer.lost,
    doubled: toPage.doubled + toServer.doubled,
    outOfOrder: toPage.outOfOrder + toServer.outOfOrder,
    damaged: toPage.damaged + toServer.damaged
  };
}
