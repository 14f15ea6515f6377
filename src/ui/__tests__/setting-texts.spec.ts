import { Gettext, nullTranslator } from '@jupyterlab/translation';

import { settingTexts } from '../setting-texts';
import { FakeConnection } from './fake-connection';

describe('settingTexts()', () => {
  it('puts texts into the language of the page', () => {
    const trans = new Gettext({ domain: 'jupyter_ai_ws', locale: 'xx' });
    const header = { language: 'xx', pluralForms: 'nplurals=1; plural=0;' };
    const texts = { '': { ...header, domain: '' }, Heartbeat: ['Hjarta'] };
    trans.loadJSON(texts as never, 'jupyter_ai_ws');
    const say = settingTexts(new FakeConnection(), trans);
    expect(say('Heartbeat', '')).toBe('Hjarta');
    expect(say('', 'maxAttempts')).toBe('');
  });

  it('adds what was learned to the setting that forgets it, once', () => {
    const connection = new FakeConnection();
    const say = settingTexts(connection, nullTranslator.load('jupyter_ai_ws'));
    expect(say('Adapts.', 'adaptToProxy')).toBe('Adapts.');
    connection.known = { silenceLimitMs: 20_000 };
    const text = say('Adapts.', 'adaptToProxy');
    expect(text).toMatch(/^Adapts\. Something on the way seems .* 20\.0 s/);
    expect(say(text, 'adaptToProxy')).toBe(text);
    expect(say('Other.', 'maxAttempts')).toBe('Other.');
  });
});
