/**
 * What other extensions import from `jupyter-ai-ws`.
 *
 * #### Notes
 * Importing it does nothing: an extension may bundle a copy. The plugins are in
 * `index.ts`, which JupyterLab loads by the member `jupyterlab.extension` of
 * `package.json`.
 */
export * from './connection/errors';
export * from './tokens';
