/** Endpoints below the base URL by path, with the names of their extensions. */
export type Paths = Readonly<Record<string, string>>;

/** What the page says of the guard. */
export interface IGuardConfig {
  /** Where the server is: scheme `ws:` or `wss:`, host, and base path. */
  readonly server: URL;
  /** What is guarded; a path that ends in `/` stands for all below it. */
  readonly paths: Paths;
}

/** Without these the guard has nothing to run on. */
const NEEDED = [
  'jupyter-ai-ws',
  'jupyter-ai-ws:connection',
  'jupyter-ai-ws:guard'
];

/**
 * Read what the server said of the guard.
 *
 * @param text - The page's configuration, JSON.
 * @param location - The address of the page.
 * @returns null when nothing is to be guarded: the server half is absent, too
 * old or has it switched off, or one of our plugins is disabled.
 *
 * @throws what `JSON.parse` and `URL` throw, for a page that is not understood.
 */
export function readConfig(
  text: string,
  location: string
): IGuardConfig | null {
  const page = JSON.parse(text);
  const disabled: unknown = page.disabledExtensions;
  if (
    !page.jupyterAiWs ||
    (Array.isArray(disabled) && NEEDED.some(id => disabled.includes(id)))
  ) {
    return null;
  }
  const paths = JSON.parse(page.jupyterAiWs).guard?.paths;
  if (typeof paths !== 'object' || paths === null) {
    return null;
  }
  const server = new URL(page.wsUrl || page.baseUrl || '/', location);
  server.protocol = server.protocol.replace('http', 'ws');
  return { server, paths };
}

/**
 * Tell which extension an address belongs to.
 *
 * @param url - Where a socket is to go.
 * @returns null unless it goes to a guarded endpoint of this very server.
 */
export function nameOf(
  url: URL,
  { server, paths }: IGuardConfig
): string | null {
  const base = server.pathname.replace(/\/?$/, '/');
  if (
    url.protocol !== server.protocol ||
    url.host !== server.host ||
    url.username + url.password ||
    !url.pathname.startsWith(base)
  ) {
    return null;
  }
  const path = url.pathname.slice(base.length);
  for (const [guarded, name] of Object.entries(paths)) {
    const below = path !== guarded && path.startsWith(guarded);
    if (guarded.endsWith('/') ? below : path === guarded) {
      return name;
    }
  }
  return null;
}
