import { nullTranslator } from '@jupyterlab/translation';

import type { ConnectionCause } from '../../tokens';
import { adviceFor, canSave, outlookOf, safetyFor } from '../advice';
import { status } from './fake-connection';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('adviceFor()', () => {
  it.each<[ConnectionCause, RegExp]>([
    ['login', /^Log in again; this page goes on by itself\.$/],
    ['incompatible', /^Refresh the page to finish the update\.$/],
    ['version', /^Refresh the page to finish the update\.$/],
    ['missing', /enable the extension jupyter_ai_ws\.$/],
    ['stopped', /^Start the server again/],
    ['blocked', /pass on the header "Upgrade"\.$/],
    ['too-many', /^Close pages/],
    ['busy', /^Wait .*network/],
    ['down', /^Wait/],
    ['restarting', /^Wait/],
    ['network', /network/],
    ['unreachable', /network/]
  ])('has a way out of "%s" that is one instruction', (cause, text) => {
    const advice = adviceFor(cause, trans);
    expect(advice).toMatch(text);
    expect(advice.match(/\./g)).toHaveLength(1);
    expect(advice).not.toMatch(/socket/i);
  });
});

describe('safetyFor()', () => {
  it('promises no answers that are lost', () => {
    expect(safetyFor('network', trans)).toMatch(/Answers under way go on/);
    expect(safetyFor('network', trans)).toMatch(/unless .*refresh the page/);
    expect(safetyFor('session-lost', trans)).not.toMatch(/go on/);
    expect(safetyFor('protocol', trans)).not.toMatch(/go on/);
  });

  it.each<ConnectionCause>(['missing', 'incompatible', 'version', 'too-many'])(
    'says that extensions go on by themselves where the server half is gone: %s',
    cause => {
      expect(safetyFor(cause, trans)).toMatch(/extensions go on without/);
      expect(safetyFor(cause, trans)).toMatch(/answers .*may have ended/);
    }
  );
});

describe('outlookOf()', () => {
  const away = status({ state: 'reconnecting' });

  it.each([
    [8, 'Next attempt in 8 seconds.'],
    [1, 'Next attempt in 1 second.'],
    [0, 'Trying to reconnect now…'],
    [null, 'It is not tried again by itself.']
  ])('says for %j seconds: %s', (countdownS, text) => {
    expect(outlookOf(away, countdownS, trans)).toBe(text);
  });

  it('says that a try is under way', () => {
    const trying = { ...away, trying: true };
    expect(outlookOf(trying, null, trans)).toBe('Trying to reconnect now…');
  });
});

describe('canSave()', () => {
  it('is false only where the server would not answer', () => {
    expect(canSave('blocked')).toBe(true);
    expect(canSave('network')).toBe(true);
    expect(canSave('unreachable')).toBe(false);
    expect(canSave('login')).toBe(false);
  });
});
