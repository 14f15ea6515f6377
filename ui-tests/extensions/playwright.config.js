const base = require('../playwright.config.js');

// The servers of these tests are their own.
module.exports = { ...base, testDir: '.', webServer: undefined, workers: 1 };
