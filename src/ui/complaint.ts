import type { TranslationBundle } from '@jupyterlab/translation';

import type { ISettingProblem } from '../settings/fields';
import { notify } from './toasts';

/** How long the notice stays; it is kept in the notification center. */
const SHOWN_MS = 15_000;

/**
 * Tell a person that settings were not as they should be.
 *
 * @param problems - What was wrong; empty: the file could not be read.
 * @param trans - The language.
 */
export function complain(
  problems: ReadonlyArray<ISettingProblem>,
  trans: TranslationBundle
): void {
  const keys = problems.map(({ key }) => key).filter(key => key !== '');
  const message = keys.length
    ? trans.__(
        'Some settings of the AI connection are not valid and were corrected or left out: %1.',
        keys.join(', ')
      )
    : trans.__(
        'The settings of the AI connection cannot be read. The defaults are used.'
      );
  void notify('warning', message, { autoClose: SHOWN_MS });
}
