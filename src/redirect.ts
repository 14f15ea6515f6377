/** Make a request with these changes. */
export type Ask = (changes: RequestInit) => Promise<Response>;

/**
 * What stands behind a request that failed.
 *
 * - `nothing`: no redirect; nothing answers, or it answers again;
 * - `login`: a redirect to another origin, most likely to a login;
 * - `hub`: a hub on another origin; the server does not run.
 */
export type Behind = 'nothing' | 'login' | 'hub';

/** The method is not known there. */
const METHOD_NOT_ALLOWED = 405;

/**
 * Look what stands behind a request that failed: one that leads to another origin
 * fails as if nothing answered.
 *
 * @param ask - Makes the request that failed.
 *
 * #### Notes
 * A browser does not say where a redirect leads, but that there is one, and
 * whether another method is led there, too. Logins take every method; the
 * `PrefixRedirectHandler` of JupyterHub, which leads from the address of a server
 * that does not run to the hub, only knows GET. What stands at the other end, a
 * server that is stopped or one that starts, cannot be told.
 */
export async function lookBehind(ask: Ask): Promise<Behind> {
  try {
    const { type } = await ask({ redirect: 'manual' });
    if (type !== 'opaqueredirect') {
      return 'nothing';
    }
  } catch {
    return 'nothing';
  }
  try {
    const { status } = await ask({ method: 'HEAD', redirect: 'manual' });
    return status === METHOD_NOT_ALLOWED ? 'hub' : 'login';
  } catch {
    return 'login';
  }
}
