import { nullTranslator } from '@jupyterlab/translation';

import type { ConnectionCause } from '../../tokens';
import type { IPredicament } from '../advice';
import {
  adviceFor,
  canSave,
  isLocalHost,
  outlookOf,
  safetyFor
} from '../advice';
import { status } from './fake-connection';

const trans = nullTranslator.load('jupyter_ai_ws');

/** The predicament of a page far from its server that was connected before. */
const given = (
  cause: ConnectionCause,
  changes: Partial<IPredicament> = {}
): IPredicament => ({ cause, isLocal: false, welcomed: true, ...changes });

describe('isLocalHost()', () => {
  it.each([
    ['localhost', true],
    ['127.0.0.1', true],
    ['[::1]', true],
    ['hub.example.org', false],
    ['127.example.org', false]
  ])('knows of %s: %s', (hostname, isLocal) => {
    expect(isLocalHost(hostname)).toBe(isLocal);
  });
});

describe('adviceFor()', () => {
  const expectOneInstruction = (advice: string, text: RegExp) => {
    expect(advice).toMatch(text);
    expect(advice.match(/\./g)).toHaveLength(1);
    expect(advice).not.toMatch(/socket/i);
  };

  it.each<[ConnectionCause, RegExp]>([
    ['login', /^Log in again; this page goes on by itself\.$/],
    ['incompatible', /^Refresh the page to finish the update\.$/],
    ['version', /^Refresh the page to finish the update\.$/],
    ['missing', /enable the extension jupyter_ai_ws\.$/],
    ['stopped', /^Start the server again/],
    ['blocked', /pass on the header "Upgrade"\.$/],
    ['too-many', /^Close pages/],
    ['busy', /^Wait .*network/],
    ['down', /^Wait .*answers/],
    ['restarting', /^Wait .*runs/],
    ['session-lost', /^Ask again/],
    ['protocol', /^Refresh the page if/],
    ['network', /network connection\.$/],
    ['unreachable', /network connection and that the .*server is running/]
  ])('has a way out of "%s" that is one instruction', (cause, text) => {
    expectOneInstruction(adviceFor(given(cause), trans), text);
  });

  it.each<[ConnectionCause, RegExp]>([
    ['busy', /^Wait until the server has finished what it is doing\.$/],
    ['network', /^Check that the Jupyter server is running\.$/],
    ['unreachable', /^Check that the Jupyter server is running\.$/]
  ])(
    'suspects no network between page and server on one computer: %s',
    (cause, text) => {
      const advice = adviceFor(given(cause, { isLocal: true }), trans);
      expectOneInstruction(advice, text);
    }
  );

  it.each<ConnectionCause>(['incompatible', 'version'])(
    'does not have a page refreshed again that was never connected: %s',
    cause => {
      const advice = adviceFor(given(cause, { welcomed: false }), trans);
      expectOneInstruction(advice, /update jupyter_ai_ws and restart it\.$/);
    }
  );
});

describe('safetyFor()', () => {
  it('promises no answers that are lost', () => {
    const safety = (cause: ConnectionCause) => safetyFor(given(cause), trans);
    expect(safety('network')).toMatch(/Answers under way go on/);
    expect(safety('network')).toMatch(/unless .*refresh the page/);
    expect(safety('session-lost')).not.toMatch(/go on/);
    expect(safety('protocol')).not.toMatch(/go on/);
    expect(safety('stopped')).toMatch(/Answers under way have ended/);
  });

  it.each<ConnectionCause>(['missing', 'incompatible', 'version', 'too-many'])(
    'says that extensions go on by themselves where the server half is gone: %s',
    cause => {
      const safety = safetyFor(given(cause), trans);
      expect(safety).toMatch(/extensions go on without/);
      expect(safety).toMatch(/answers .*may have ended/);
    }
  );

  it.each<ConnectionCause>(['network', 'version', 'stopped', 'login'])(
    'does not speak of answers to a page that was never connected: %s',
    cause => {
      const safety = safetyFor(given(cause, { welcomed: false }), trans);
      expect(safety).toMatch(/^What you typed is safe on this page\./);
      expect(safety).not.toMatch(/answers/i);
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
