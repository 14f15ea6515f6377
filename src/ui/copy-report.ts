import { Clipboard } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { IAIConnection } from '../tokens';
import { reportOf } from './report';
import { tell } from './toasts';

/** How long it is said that the report was copied. */
const SHOWN_MS = 3000;

/**
 * Put a report on the clipboard, and say so.
 *
 * @param connection - What it is about.
 * @param trans - The language of what is said; reports are in English.
 */
export async function copyReport(
  connection: IAIConnection,
  trans: TranslationBundle
): Promise<void> {
  const name = PageConfig.getOption('appName');
  const version = PageConfig.getOption('appVersion');
  const report = reportOf(connection.diagnostics(), {
    application: `${name} ${version}`.trim(),
    browser: navigator.userAgent,
    serverVersion: serverVersion()
  });
  try {
    await navigator.clipboard.writeText(report);
  } catch {
    // Not a secure context, or forbidden: the older way may still do.
    Clipboard.copyToSystem(report);
  }
  const message = trans.__('The report is on the clipboard.');
  await tell('success', message, { autoClose: SHOWN_MS }, trans);
}

/** What the server said of its half; empty: nothing. */
function serverVersion(): string {
  try {
    return JSON.parse(PageConfig.getOption('jupyterAiWs')).version ?? '';
  } catch {
    return '';
  }
}
