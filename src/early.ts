/**
 * Runs with our `remoteEntry.js`, before JupyterLab: see `webpack.config.js`.
 */
import { intercept } from './guard/intercept';

try {
  intercept(window);
} catch (error) {
  console.warn('AI extensions are not guarded on this page.', error);
}
