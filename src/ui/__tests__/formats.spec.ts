import { Gettext, nullTranslator } from '@jupyterlab/translation';

import { clock, count, localeOf } from '../formats';

const trans = nullTranslator.load('jupyter_ai_ws');
const inLanguage = (locale: string) => new Gettext({ locale });

afterEach(() => {
  jest.restoreAllMocks();
  jest.useRealTimers();
});

const speak = (...languages: string[]) =>
  jest.spyOn(navigator, 'languages', 'get').mockReturnValue(languages);

describe('localeOf()', () => {
  it.each([
    ['zh_CN', ['de-DE'], 'zh-CN'],
    ['zh_CN', ['zh-TW'], 'zh-CN'],
    ['fr', ['de-DE', 'fr-CA'], 'fr-CA'],
    ['en', ['de-DE'], 'en'],
    ['not a language', ['de-DE'], 'en']
  ])('of a page in %s and a browser in %j is %s', (name, languages, locale) => {
    speak(...languages);
    expect(localeOf(inLanguage(name))).toBe(locale);
  });

  it('is English where nothing is translated', () => {
    speak('de-DE', 'en-GB');
    expect(localeOf(trans)).toBe('en-GB');
  });
});

describe('count()', () => {
  it('writes numbers as the page does, not as the browser', () => {
    speak('de-DE');
    expect(count(1234567, trans)).toBe('1,234,567');
    expect(count(1234567, inLanguage('fr_FR'))).toMatch(/^1\s234\s567$/);
  });
});

describe('clock()', () => {
  const time = new Date(2026, 2, 1, 17, 48, 17).getTime();

  it('writes a time of today without the date', () => {
    speak('de-DE');
    jest.useFakeTimers({ now: new Date(2026, 2, 1, 23, 59) });
    expect(clock(time, trans)).toMatch(/^5:48:17\sPM$/);
    expect(clock(time, inLanguage('zh_CN'))).toBe('17:48:17');
  });

  it('writes the date, too, after midnight', () => {
    speak('de-DE');
    jest.useFakeTimers({ now: new Date(2026, 2, 2, 0, 1) });
    expect(clock(time, trans)).toMatch(/^3\/1\/2026, 5:48:17\sPM$/);
    expect(clock(time, inLanguage('zh_CN'))).toBe('2026/3/1 17:48:17');
  });
});
