/** What the measurements need of the page, in one bundle. */
export { AIConnection } from '../../src/connection';
export { DEFAULT_SETTINGS } from '../../src/settings/__tests__/defaults';
export { ServerConnection } from '@jupyterlab/services';
