import { nullTranslator } from '@jupyterlab/translation';

import type {
  ConnectionCause,
  ConnectionState,
  IConnectionStatus
} from '../../tokens';
import type { StatusKind } from '../words';
import { causeSentence, describe as describeStatus, sameWords } from '../words';
import { status } from './fake-connection';

const trans = nullTranslator.load('jupyter_ai_ws');

const CAUSES: ConnectionCause[] = [
  '',
  'network',
  'restarting',
  'protocol',
  'session-lost',
  'version',
  'incompatible',
  'silent',
  'taken',
  'too-many',
  'login',
  'missing',
  'stopped',
  'down',
  'unreachable',
  'busy',
  'blocked'
];

const STATES: ConnectionState[] = [
  'connecting',
  'connected',
  'reconnecting',
  'sleeping',
  'stopped',
  'disposed'
];

function words(changes: Partial<IConnectionStatus>, onLine = true, nowMs = 0) {
  return describeStatus(status(changes), { nowMs, onLine }, trans);
}

describe('describe()', () => {
  it.each<[Partial<IConnectionStatus>, StatusKind, string]>([
    [{ state: 'connected' }, 'connected', 'AI connection: connected'],
    [{ state: 'connecting' }, 'connecting', 'AI connection: connecting'],
    [
      { state: 'reconnecting', cause: 'network' },
      'reconnecting',
      'AI connection: reconnecting'
    ],
    [
      { state: 'reconnecting', cause: 'busy' },
      'busy',
      'AI connection: not answering'
    ],
    [{ state: 'sleeping' }, 'sleeping', 'AI connection: sleeping'],
    [
      { state: 'reconnecting', cause: 'network', question: 'attempts' },
      'asking',
      'AI connection: lost'
    ],
    [
      { state: 'stopped', cause: 'missing', question: 'permanent' },
      'absent',
      'AI connection: not available'
    ],
    [
      { state: 'reconnecting', cause: 'login', question: 'permanent' },
      'failed',
      'AI connection: login expired'
    ],
    [
      { state: 'reconnecting', cause: 'missing', question: 'permanent' },
      'failed',
      'AI connection: switched off'
    ],
    [
      { state: 'reconnecting', cause: 'incompatible', question: 'permanent' },
      'failed',
      'AI connection: update needed'
    ],
    [
      { state: 'stopped', cause: 'version', question: 'permanent' },
      'failed',
      'AI connection: update needed'
    ],
    [
      { state: 'reconnecting', cause: 'stopped', question: 'permanent' },
      'failed',
      'AI connection: server stopped'
    ],
    [
      { state: 'connecting', cause: 'blocked', question: 'attempts' },
      'failed',
      'AI connection: blocked'
    ],
    [
      { state: 'reconnecting', cause: 'too-many', question: 'permanent' },
      'failed',
      'AI connection: too many pages'
    ],
    [{ state: 'stopped', cause: 'network' }, 'asking', 'AI connection: lost'],
    [{ state: 'disposed' }, 'asking', 'AI connection: lost']
  ])('calls %j %s: "%s"', (changes, kind, label) => {
    expect(words(changes)).toMatchObject({ kind, label });
  });

  it('says offline only when nothing answers and the browser says so too', () => {
    const unreachable = {
      state: 'reconnecting',
      cause: 'unreachable'
    } as const;
    expect(words(unreachable, false).kind).toBe('offline');
    expect(words(unreachable, true).kind).toBe('reconnecting');
    const localhost = { state: 'reconnecting', cause: 'network' } as const;
    expect(words(localhost, false).kind).toBe('reconnecting');
    expect(words({ state: 'connected' }, false).kind).toBe('connected');
  });

  it('believes a permanent cause only when the question is asked', () => {
    const once = { state: 'reconnecting', cause: 'login' } as const;
    expect(words(once).kind).toBe('reconnecting');
  });

  it('never calls anything but a connected state connected', () => {
    for (const state of STATES.filter(each => each !== 'connected')) {
      for (const cause of CAUSES) {
        for (const question of ['none', 'attempts', 'permanent'] as const) {
          for (const onLine of [true, false]) {
            const said = words({ state, cause, question }, onLine);
            expect(said.kind).not.toBe('connected');
            expect(said.label).not.toContain(': connected');
            expect(said.sentence).toMatch(/^[A-Z].*\.$/);
            expect(said.label + said.sentence).not.toMatch(
              /socket|probe|\d{3}/i
            );
          }
        }
      }
    }
  });

  it('counts attempts while it comes back', () => {
    const away = { state: 'reconnecting', cause: 'network' } as const;
    expect(words({ ...away, attempt: 2 })).toMatchObject({
      attempt: '2/5',
      spokenAttempt: 'attempt 2 of 5'
    });
    expect(words({ ...away, attempt: 0 }).attempt).toBe('');
    expect(words({ ...away, attempt: 2, trying: true }).attempt).toBe('2/5');
    expect(words({ ...away, attempt: 2, nextTryMs: 9 }).attempt).toBe('3/5');
    expect(words({ state: 'connected', attempt: 2 }).attempt).toBe('');
    expect(words({ ...away, attempt: 2, question: 'attempts' }).attempt).toBe(
      ''
    );
  });

  it('does not say "7 of 5" and not "2 of 0"', () => {
    const away = { state: 'reconnecting', cause: 'network' } as const;
    expect(words({ ...away, attempt: 7 })).toMatchObject({
      attempt: '#7',
      spokenAttempt: 'attempt 7'
    });
    expect(words({ ...away, attempt: 2, maxAttempts: 0 }).attempt).toBe('#2');
  });

  it.each([
    [4000, 0, 4],
    [4000, 1, 4],
    [4000, 999, 4],
    [4000, 1000, 3],
    [4000, 3999, 1],
    [4000, 4000, 0],
    [4000, 9000, 0]
  ])('counts down to %d at %d: %d s', (nextTryMs, nowMs, seconds) => {
    const said = words({ state: 'reconnecting', nextTryMs }, true, nowMs);
    expect(said.countdownS).toBe(seconds);
  });

  it('counts down to nothing while a try is under way or none waits', () => {
    const away = { state: 'reconnecting', cause: 'network' } as const;
    expect(
      words({ ...away, nextTryMs: 9, trying: true }).countdownS
    ).toBeNull();
    expect(words(away).countdownS).toBeNull();
  });

  it('keeps the place of the numbers from one try to the next, and only then', () => {
    const lost = { state: 'reconnecting', cause: 'network' } as const;
    const asking = { ...lost, question: 'attempts' } as const;
    for (const away of [lost, asking]) {
      expect(words({ ...away, trying: true }).counts).toBe(true);
      expect(words({ ...away, nextTryMs: 9 }).counts).toBe(true);
    }
    expect(words({ state: 'stopped', cause: 'login' }).counts).toBe(false);
    expect(words({ state: 'connecting', trying: true }).counts).toBe(false);
    expect(words({ state: 'connected' }).counts).toBe(false);
  });

  it('goes on counting down behind the question', () => {
    const asking = { state: 'reconnecting', question: 'attempts' } as const;
    expect(words({ ...asking, nextTryMs: 30000 }).countdownS).toBe(30);
  });
});

describe('causeSentence()', () => {
  it('has its own words for each cause that has its own way out', () => {
    const own = CAUSES.filter(
      cause => !['', 'network', 'silent', 'taken', 'version'].includes(cause)
    );
    const sentences = new Set(own.map(cause => causeSentence(cause, trans)));
    expect(sentences.size).toBe(own.length);
  });

  it('does not take a session that is gone for a restart, as it may have expired', () => {
    expect(causeSentence('session-lost', trans)).not.toMatch(/restart/);
  });
});

describe('sameWords()', () => {
  it('tells whether anything that is shown differs', () => {
    const away = { state: 'reconnecting', nextTryMs: 4000 } as const;
    expect(sameWords(words(away), words(away, true, 500))).toBe(true);
    expect(sameWords(words(away), words(away, true, 1500))).toBe(false);
    expect(sameWords(words(away), words({ ...away, attempt: 1 }))).toBe(false);
  });
});
