import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

/**
 * Ask the probe whether the server half is there.
 *
 * @param settings - The server to ask.
 * @returns Whether it answered as the server half does.
 *
 * #### Notes
 * Never rejects. A login page arrives as HTML with status 200, so the shape of
 * the answer counts, not the status alone.
 */
export async function probe(
  settings: ServerConnection.ISettings
): Promise<boolean> {
  const url = URLExt.join(settings.baseUrl, 'jupyter-ai-ws', 'health');
  try {
    const response = await ServerConnection.makeRequest(url, {}, settings);
    const answer: unknown = await response.json();
    return response.ok && (answer as { status?: unknown })?.status === 'ok';
  } catch {
    return false;
  }
}
