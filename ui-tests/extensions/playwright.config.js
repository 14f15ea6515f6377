const base = require('../playwright.config.js');

// The servers of these tests are their own.
module.exports = {
  ...base,
  testDir: '.',
  outputDir: 'test-results',
  webServer: undefined,
  workers: 1,
  use: { ...base.use, trace: 'off' }
};
