import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { Gettext, nullTranslator } from '@jupyterlab/translation';

import { loadPatiently } from '../load';

/** The domain of all texts. */
export const DOMAIN = 'jupyter_ai_ws';

/** Simplified Chinese, by any of its names. */
const CHINESE = /^zh([-_](hans|cn|sg)\b.*)?$/i;

/** The one catalogue there is. */
const loadChinese = () => import('./catalogues/zh-cn');

/**
 * Get the texts in the language of the page.
 *
 * @param translator - The translator of the application; null: English.
 * @param load - Imports the Chinese catalogue.
 *
 * #### Notes
 * The server hands out catalogues of extensions only where a whole language pack
 * is installed, and language packs do not know this extension. So the catalogue
 * comes with the page, and is taken where the translator has none. Where it
 * cannot be loaded the texts are English until it has come.
 */
export async function loadTexts(
  translator: ITranslator | null,
  load = loadChinese
): Promise<TranslationBundle> {
  const trans = (translator ?? nullTranslator).load(DOMAIN);
  const language = translator?.languageCode ?? '';
  // Every catalogue translates this.
  const known = trans.__('AI Connection') !== 'AI Connection';
  if (known || !CHINESE.test(language)) {
    return trans;
  }
  const bundle =
    trans instanceof Gettext
      ? trans
      : new Gettext({ domain: DOMAIN, locale: language });
  const fill = async () => {
    const { CATALOGUE } = await load();
    bundle.loadJSON(CATALOGUE, DOMAIN);
  };
  try {
    await fill();
  } catch (error) {
    console.warn('The AI connection speaks English for now.', error);
    loadPatiently(fill).catch(() => undefined);
  }
  return bundle;
}
