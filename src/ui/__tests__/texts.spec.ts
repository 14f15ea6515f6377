import type { ITranslator } from '@jupyterlab/translation';
import {
  Gettext,
  nullTranslator,
  TranslationManager
} from '@jupyterlab/translation';

import { CATALOGUE } from '../catalogues/zh-cn';
import { DOMAIN, loadTexts } from '../texts';
import { textsOfSource } from './texts-of-source';

/** JupyterLab's own translator, with what the server has for a language. */
async function translatorFor(
  language: string,
  data = {}
): Promise<ITranslator> {
  const connector = { fetch: async () => ({ data, message: '' }) };
  const manager = new TranslationManager('', '', undefined, connector as never);
  await manager.fetch(language);
  return manager;
}

describe('loadTexts()', () => {
  it('gives English where there is no translator', async () => {
    expect((await loadTexts(null)).__('Log in')).toBe('Log in');
    expect(await loadTexts(nullTranslator)).toBe(nullTranslator.load(DOMAIN));
  });

  it.each(['zh_CN', 'zh-CN', 'zh-Hans-CN', 'zh'])(
    'gives Chinese in %s though no language pack has it',
    async language => {
      const trans = await loadTexts(await translatorFor(language));
      expect(trans.__('Log in')).toBe('登录');
      expect(
        trans._n('Next attempt in %1 second.', 'Next attempt in %1 seconds.', 1)
      ).toBe('1 秒后再次尝试。');
    }
  );

  it.each(['en', 'de_DE', 'zh_TW'])('leaves %s alone', async language => {
    const trans = await loadTexts(await translatorFor(language));
    expect(trans.__('Log in')).toBe('Log in');
  });

  it('gives whoever asks the translator the same, as the settings editor does', async () => {
    const translator = await translatorFor('zh_CN');
    await loadTexts(translator);
    const trans = translator.load(DOMAIN);
    expect(trans.__('Log in')).toBe('登录');
  });

  it('takes the texts of a language pack where one has them', async () => {
    const texts = {
      '': {
        domain: DOMAIN,
        language: 'zh-CN',
        plural_forms: 'nplurals=1; plural=0;'
      },
      'AI Connection': ['智能连接']
    };
    const translator = await translatorFor('zh_CN', { [DOMAIN]: texts });
    expect((await loadTexts(translator)).__('AI Connection')).toBe('智能连接');
  });

  it('speaks English while the catalogue cannot be loaded, and Chinese once it has come', async () => {
    jest.useFakeTimers();
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const load = jest.fn(async () => ({ CATALOGUE }));
    const failure = new Error('no chunk');
    load.mockRejectedValueOnce(failure).mockRejectedValueOnce(failure);
    const trans = await loadTexts(await translatorFor('zh_CN'), load);
    expect(trans.__('Log in')).toBe('Log in');
    await jest.advanceTimersByTimeAsync(1000);
    expect(trans.__('Log in')).toBe('登录');
    expect(load).toHaveBeenCalledTimes(3);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
    jest.useRealTimers();
  });

  it('speaks Chinese with a translator of another make', async () => {
    const other: ITranslator = {
      languageCode: 'zh-CN',
      load: () => nullTranslator.load(DOMAIN)
    };
    expect((await loadTexts(other)).__('Log in')).toBe('登录');
  });
});

describe('the Chinese catalogue', () => {
  const catalogue: Record<string, unknown> = { ...CATALOGUE };
  delete catalogue[''];
  const sources = textsOfSource();

  it('has every text of the source and of the settings, and no other', () => {
    const texts = sources.map(({ text }) => text);
    expect(texts.length).toBeGreaterThan(100);
    expect(Object.keys(catalogue).sort()).toEqual(texts.sort());
  });

  it.each(sources)('keeps the placeholders of: $text', ({ text, plural }) => {
    const translated = catalogue[text] as string[];
    const places = (from: string) => from.match(/%\d/g)?.sort() ?? [];
    expect(translated).toHaveLength(plural ? 2 : 1);
    for (const each of translated) {
      expect(places(each)).toEqual(places(text));
      expect(each).not.toBe('');
    }
  });

  it('can be loaded by gettext', () => {
    const bundle = new Gettext({ domain: DOMAIN, locale: 'zh-CN' });
    bundle.loadJSON(CATALOGUE as never, DOMAIN);
    expect(bundle.__('%1 s', 5)).toBe('5 秒');
  });
});
