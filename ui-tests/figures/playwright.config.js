const base = require('../playwright.config');

// Figures by hand, on a quiet machine: playwright test --config figures
module.exports = {
  ...base,
  testDir: __dirname,
  timeout: 900_000,
  workers: 1,
  webServer: undefined
};
