import type { TranslationBundle } from '@jupyterlab/translation';

import type { ConnectionCause, IChannelDiagnostics } from '../tokens';
import { canSave } from './advice';

/** A channel that was used within this time may be in the middle of an answer. */
const RECENT_MS = 60_000;

/**
 * Say what a refresh of the page would cost, one sentence each.
 *
 * @param cause - Why the connection is not there.
 * @param channels - What uses the connection.
 * @param unsaved - Names of the documents with unsaved changes.
 * @param trans - The language.
 */
export function costsOfRefresh(
  cause: ConnectionCause,
  channels: ReadonlyArray<IChannelDiagnostics>,
  unsaved: ReadonlyArray<string>,
  trans: TranslationBundle
): string[] {
  const costs: string[] = [];
  // Whoever closes a channel waits for nothing on it.
  const recent = channels.filter(
    ({ idleMs, state }) => idleMs < RECENT_MS && state !== 'closing'
  );
  const names = [...new Set(recent.map(({ name }) => name))];
  if (names.length) {
    costs.push(
      trans.__(
        'A refresh would throw away what is under way in: %1.',
        names.join(', ')
      )
    );
  }
  if (unsaved.length && !canSave(cause)) {
    costs.push(
      trans.__(
        'These documents have changes that cannot be saved now: %1.',
        unsaved.join(', ')
      )
    );
  }
  return costs;
}
