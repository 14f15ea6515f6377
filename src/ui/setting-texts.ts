import type { TranslationBundle } from '@jupyterlab/translation';

import type { SettingText } from '../settings/fields';
import type { IAIConnection } from '../tokens';
import { proxyHint } from './proxies';

/**
 * Make what puts the texts of the settings into the language of the page, and
 * adds what was learned of this host to the setting that forgets it.
 *
 * @param connection - What has learned; not owned.
 * @param trans - The language.
 */
export function settingTexts(
  connection: IAIConnection,
  trans: TranslationBundle
): SettingText {
  return (text, key) => {
    // The schema has them as literals; a test compares them with the catalogue.
    // eslint-disable-next-line jupyter/no-dynamic-translation
    const translated = text && trans.__(text);
    if (key !== 'adaptToProxy') {
      return translated;
    }
    const hint = proxyHint(connection.diagnostics(), trans);
    // The registry may hand in what was handed out.
    return translated.endsWith(hint) ? translated : `${translated} ${hint}`;
  };
}
