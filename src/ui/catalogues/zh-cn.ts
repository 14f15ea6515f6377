/** Simplified Chinese. */
export const CATALOGUE = {
  '': {
    domain: 'jupyter_ai_ws',
    language: 'zh',
    pluralForms: 'nplurals=1; plural=0;'
  }
};
