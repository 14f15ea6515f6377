import type { IConnectionStatus } from '../tokens';

/** What a person gets to see of trouble, from least to most; never two at once. */
export type Rung = 'item' | 'notification' | 'dialog';

/** A shorter cut is nobody's business. */
export const PATIENCE_MS = 5000;

/** A try that is under way then has so long to prove that there is nothing to tell. */
export const GRACE_MS = 1500;

/** Everything that decides. */
export interface ISituation {
  /** For how long somebody who looks could have seen trouble; null: there is none. */
  readonly troubleMs: number | null;
  /** Whether a try is under way. */
  readonly trying: boolean;
  /** Whether a person is needed, by R5 (permanent, said twice) or R9 (attempts used up, 30 s). */
  readonly question: IConnectionStatus['question'];
  /** Whether a person has answered this question already. */
  readonly answered: boolean;
  /** Whether a person has asked for the dialog. */
  readonly wanted: boolean;
  /** Whether somebody types, or another dialog stands. */
  readonly occupied: boolean;
  /** Whether nobody sees the page. */
  readonly hidden: boolean;
  /** What is shown so far. */
  readonly rung: Rung;
}

/**
 * Decide what a person gets to see: the one place where that is decided.
 *
 * @param situation - Everything that counts.
 *
 * #### Notes
 * The first row that holds:
 *
 * | trouble      | question | moreover                        | rung         |
 * | ------------ | -------- | ------------------------------- | ------------ |
 * | none         |          |                                 | item         |
 * | any          | some     | a person wants the dialog       | dialog       |
 * | under 5 s    |          |                                 | item         |
 * | under 6.5 s  |          | a try is under way, nothing is shown so far | item |
 * | 5 s and more |          | hidden, nothing is shown so far | item         |
 * | 5 s and more | none     |                                 | notification |
 * | 5 s and more | some     | answered                        | notification |
 * | 5 s and more | some     | the dialog stands               | dialog       |
 * | 5 s and more | some     | hidden or occupied              | notification |
 * | 5 s and more | some     |                                 | dialog       |
 */
export function rungOf(situation: ISituation): Rung {
  const { troubleMs, question, hidden, rung } = situation;
  if (troubleMs === null) {
    return 'item';
  }
  if (question !== 'none' && situation.wanted) {
    return 'dialog';
  }
  const patienceMs = PATIENCE_MS + (situation.trying ? GRACE_MS : 0);
  if (troubleMs < PATIENCE_MS) {
    return 'item';
  }
  if (rung === 'item' && (hidden || troubleMs < patienceMs)) {
    return 'item';
  }
  if (question === 'none' || situation.answered) {
    return 'notification';
  }
  return rung === 'dialog' || !(hidden || situation.occupied)
    ? 'dialog'
    : 'notification';
}
