import { FAST_LOG_LIMIT_BYTES } from '../../../core/limits';
import type { Ending, ITear, Side, Way } from './fault-proxy';
import type { Random } from './random';

/** One fault of a line, with everything that was drawn for it. */
export type Fault =
  /** Ends now. */
  | { readonly kind: 'end'; readonly how: Ending }
  /** Torn somewhere in what comes. */
  | { readonly kind: 'tear'; readonly tear: ITear }
  /** The next connection is torn inside the upgrade or the first bytes after it. */
  | { readonly kind: 'tear next'; readonly tear: ITear }
  /** One way is lost for a while, so that much must be replayed, and the replay is torn. */
  | {
      readonly kind: 'tear replay';
      readonly lost: Way;
      readonly lostMs: number;
      readonly tear: ITear;
    }
  /** What comes is delivered, what goes (acks too) is lost; then it ends. */
  | {
      readonly kind: 'lose';
      readonly way: Way;
      readonly lostMs: number;
      readonly how: Ending;
    }
  /** One side learns that it ends, the other is left half open. */
  | { readonly kind: 'half'; readonly side: Side; readonly how: Ending }
  /** A black hole, until the page has found it. */
  | { readonly kind: 'hole'; readonly ways: readonly Way[] }
  /** Nothing moves for a while, and nothing is lost. */
  | {
      readonly kind: 'stall';
      readonly ways: readonly Way[];
      readonly stallMs: number;
    }
  /** What is on its way is handed over when the page is on its next connection. */
  | { readonly kind: 'late'; readonly ways: readonly Way[] }
  /** An upgrade is held up; a later one comes after, before or with it. */
  | { readonly kind: 'overlap'; readonly order: 'first' | 'last' | 'together' }
  /** Nobody listens for a while. */
  | { readonly kind: 'refuse'; readonly refusedMs: number }
  /** Connections are taken and never answered; the page is told to try again. */
  | { readonly kind: 'hang'; readonly times: number; readonly hangMs: number };

/** A fault, and how much happens before it. */
export interface IPlannedFault {
  /** Records that come back before it; 0: right after the last one, connected or not. */
  readonly gap: number;
  readonly fault: Fault;
}

/** The upgrade request has about 350 bytes, its answer 200, the frames after it 150. */
const HANDSHAKE_BYTES = 700;
/** The log of a page on a fast line holds no more than this (W2). */
const REPLAY_BYTES = FAST_LOG_LIMIT_BYTES;
const WAYS: readonly (readonly Way[])[] = [['up', 'down'], ['up'], ['down']];

/** How often each kind comes, of a hundred. Holes take seconds each. */
export const SHARES: Readonly<Record<Fault['kind'], number>> = {
  end: 20,
  tear: 22,
  'tear next': 20,
  'tear replay': 8,
  lose: 8,
  half: 4,
  hole: 2,
  stall: 4,
  late: 3,
  overlap: 5,
  refuse: 2,
  hang: 2
};

/** Draw the faults of one page: the same for the same randomness, whatever happens. */
export function drawPlan(random: Random, count: number): IPlannedFault[] {
  return Array.from({ length: count }, () => ({
    gap: random.choice([0, 1, 10, 60]) && random.below(60),
    fault: drawFault(random)
  }));
}

function drawFault(random: Random): Fault {
  let left = random.below(100);
  const kinds = Object.keys(SHARES) as Fault['kind'][];
  const kind = kinds.find(each => (left -= SHARES[each]) < 0)!;
  const how = random.choice<Ending>(['reset', 'finish']);
  const way = random.choice<Way>(['up', 'down']);
  const tear = (bytes: number): ITear => ({ way, bytes, how });
  switch (kind) {
    case 'end':
      return { kind, how };
    case 'tear':
      return { kind, tear: tear(random.below(random.choice([100, 5_000]))) };
    case 'tear next':
      return { kind, tear: tear(random.below(HANDSHAKE_BYTES)) };
    case 'tear replay':
      return {
        kind,
        lost: random.choice<Way>(['up', 'down']),
        lostMs: random.below(150),
        tear: tear(random.below(random.choice([3_000, REPLAY_BYTES])))
      };
    case 'lose':
      return { kind, way, lostMs: random.below(150), how };
    case 'half':
      return { kind, side: random.choice(['page', 'page', 'server']), how };
    case 'hole':
      return { kind, ways: random.choice(WAYS) };
    case 'stall':
      return {
        kind,
        ways: random.choice(WAYS),
        stallMs: random.below(random.choice([50, 400]))
      };
    case 'late':
      return { kind, ways: random.choice(WAYS) };
    case 'overlap':
      return { kind, order: random.choice(['first', 'last', 'together']) };
    case 'refuse':
      return { kind, refusedMs: random.below(300) };
    case 'hang':
      return { kind, times: 1 + random.below(3), hangMs: random.below(150) };
  }
}
