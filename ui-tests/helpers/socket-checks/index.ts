import type { Page } from '@playwright/test';

import { closing } from './closing';
import { events } from './events';
import { messages } from './messages';
import { opening } from './opening';
import { shape } from './shape';
import { type Kind, makeTools } from './tools';

const GROUPS = [shape, opening, messages, closing, events];

/**
 * Use sockets of the test peer in every way, also as extensions and libraries do that
 * have never heard of the guard, and note what is seen.
 *
 * @param page - A page of JupyterLab.
 * @param kind - Which of the peer's endpoints.
 * @returns what was seen, as text, by check.
 */
export async function checkSockets(
  page: Page,
  kind: Kind
): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const group of GROUPS) {
    // In the page there is nothing but these three.
    Object.assign(
      seen,
      await page.evaluate(
        `(${runChecks})('${kind}', (${group})((${makeTools})('${kind}')))`
      )
    );
  }
  return seen;
}

/** Run checks one after the other. Runs in the page. */
async function runChecks(
  kind: Kind,
  checks: Record<string, () => unknown>
): Promise<Record<string, string>> {
  const seen: Record<string, string> = {};
  for (const [name, check] of Object.entries(checks)) {
    const late = new Promise(resolve => setTimeout(resolve, 30_000, 'no end'));
    const result = await Promise.race([
      Promise.resolve()
        .then(check)
        .catch(error => `threw ${error}`),
      late
    ]);
    seen[name] = JSON.stringify(result, (_, value) =>
      value === undefined ? 'undefined' : value
    ).replaceAll(`/peer/${kind}/`, '/peer/');
  }
  document.querySelectorAll('iframe').forEach(frame => frame.remove());
  return seen;
}
