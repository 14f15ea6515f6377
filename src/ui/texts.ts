import type { ITranslator, TranslationBundle } from '@jupyterlab/translation';
import { Gettext, nullTranslator } from '@jupyterlab/translation';

/** The domain of all texts. */
export const DOMAIN = 'jupyter_ai_ws';

/** Simplified Chinese, by any of its names. */
const CHINESE = /^zh([-_](hans|cn|sg)\b.*)?$/i;

/**
 * Get the texts in the language of the page.
 *
 * @param translator - The translator of the application; null: English.
 *
 * #### Notes
 * The server hands out catalogues of extensions only where a whole language pack
 * is installed, and language packs do not know this extension. So the catalogue
 * comes with the page, and is taken where the translator has none.
 */
export async function loadTexts(
  translator: ITranslator | null
): Promise<TranslationBundle> {
  const trans = (translator ?? nullTranslator).load(DOMAIN);
  const language = translator?.languageCode ?? '';
  // Every catalogue translates this.
  const known = trans.__('AI Connection') !== 'AI Connection';
  if (known || !CHINESE.test(language)) {
    return trans;
  }
  try {
    const { CATALOGUE } = await import('./catalogues/zh-cn');
    const bundle =
      trans instanceof Gettext
        ? trans
        : new Gettext({ domain: DOMAIN, locale: language });
    bundle.loadJSON(CATALOGUE, DOMAIN);
    return bundle;
  } catch (error) {
    console.warn('The AI connection speaks English.', error);
    return trans;
  }
}
