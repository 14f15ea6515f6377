const { join } = require('path');
const { name } = require('./package.json');

// A second entry of the container's own name is merged into `remoteEntry.js` and
// so runs before JupyterLab has read the page's `WebSocket`. Under any other name
// it would become a file that nobody loads.
module.exports = { entry: { [name]: join(__dirname, 'lib', 'early.js') } };
