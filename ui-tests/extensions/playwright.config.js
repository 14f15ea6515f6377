const base = require('../playwright.config.js');

// The servers of these tests are their own.
module.exports = {
  ...base,
  testDir: '.',
  outputDir: 'test-results',
  reporter: [['list'], [require.resolve('./table.ts')]],
  webServer: undefined,
  use: { ...base.use, trace: 'off' }
};
