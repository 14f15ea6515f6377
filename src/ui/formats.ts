import type { TranslationBundle } from '@jupyterlab/translation';
import { Gettext } from '@jupyterlab/translation';

/**
 * Write a number as the language of the page does.
 *
 * @param value - The number.
 * @param trans - The language.
 */
export function count(value: number, trans: TranslationBundle): string {
  return value.toLocaleString(localeOf(trans));
}

/**
 * Write a time as the language of the page does, with the date unless it is today.
 *
 * @param time - The time, as by `Date.now()`.
 * @param trans - The language.
 */
export function clock(time: number, trans: TranslationBundle): string {
  const date = new Date(time);
  const locale = localeOf(trans);
  return date.toDateString() === new Date().toDateString()
    ? date.toLocaleTimeString(locale)
    : date.toLocaleString(locale);
}

/**
 * Name the language of the page, as `Intl` wants it.
 *
 * @param trans - The language.
 *
 * #### Notes
 * The browser may speak another one. Where it speaks the same it knows the country.
 */
export function localeOf(trans: TranslationBundle): string {
  const name = trans instanceof Gettext ? trans.getLocale() : 'en';
  try {
    const { language, region, baseName } = new Intl.Locale(
      name.replace(/_/g, '-')
    );
    const own = navigator.languages.find(
      each => each.split('-')[0] === language
    );
    return region ? baseName : (own ?? baseName);
  } catch {
    return 'en';
  }
}
