const { existsSync } = require('fs');
const { resolve } = require('path');

const base = require('@jupyterlab/galata/lib/playwright-config');

const port = process.env.GALATA_PORT ?? '23888';
const url = `http://127.0.0.1:${port}`;
process.env.TARGET_URL = url;

module.exports = {
  ...base,
  testDir: 'tests',
  reporter: 'list',
  retries: 0,
  // Most tests wait for an outage to go on: two at a time fit two cores.
  workers: 2,
  fullyParallel: true,
  // Long enough for a machine that does much else; only a failure takes so long.
  timeout: 180_000,
  expect: { timeout: 60_000 },
  use: {
    ...base.use,
    baseURL: url,
    // Pictures of every frame would take a third of the time of all tests.
    trace: {
      mode: 'retain-on-failure',
      screenshots: false,
      snapshots: false
    },
    screenshot: 'only-on-failure',
    // Recording needs Playwright's own ffmpeg, which Debian's Chromium lacks.
    video: 'off',
    launchOptions: {
      // Undefined means the browser that Playwright downloaded.
      executablePath:
        process.env.CHROMIUM ?? ['/usr/bin/chromium'].find(existsSync),
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        // A name of this machine that no rule for local servers knows.
        '--host-resolver-rules=MAP remote.test 127.0.0.1'
      ]
    }
  },
  webServer: {
    command: 'jupyter lab --config jupyter_server_test_config.py',
    url: `${url}/lab`,
    // Pictures for the documentation are of a whole JupyterLab.
    env: process.env.IMAGES
      ? {}
      : { JUPYTER_CONFIG_PATH: resolve(__dirname, 'small-lab') },
    timeout: 120_000,
    // A server left over from another tree would be tested in this one's place.
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGINT', timeout: 5000 }
  }
};
