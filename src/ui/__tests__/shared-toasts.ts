/** Where webpack keeps the packages that a page shares. */
const SCOPES = '__webpack_share_scopes__';

/**
 * Let the page share what JupyterLab shows notifications with.
 *
 * @param get - What loads it.
 */
export function shareToasts(get: () => unknown = () => () => undefined): void {
  const versions = { '9.1.1': { get } };
  const scopes = { default: { 'react-toastify': versions } };
  Object.assign(globalThis, { [SCOPES]: scopes });
}

/** Let the page share nothing. */
export function shareNothing(): void {
  Object.assign(globalThis, { [SCOPES]: undefined });
}
