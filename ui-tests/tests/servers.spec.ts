import { expect, test as base } from '@playwright/test';

import { LabServer } from '../helpers/lab-server';
import { GUARDED, exchange, followSockets } from '../helpers/peer';
import {
  followComplaints,
  notification,
  picture,
  question,
  statusItem
} from '../helpers/test';

/** Starts servers and ends them after the test. */
const test = base.extend<{
  start: (options?: LabServer.IOptions) => Promise<LabServer>;
}>({
  start: async ({}, use) => {
    const servers: LabServer[] = [];
    await use(async options => {
      servers.push(await LabServer.start(options));
      return servers[servers.length - 1];
    });
    for (const server of servers) {
      await server.stop();
    }
  }
});

/** Nothing of JupyterLab's own is notified of. */
const quiet = {
  '@jupyterlab/apputils-extension/notification.jupyterlab-settings':
    '{ "fetchNews": "false", "checkForUpdates": false }'
};

const settingsFile = 'jupyter-ai-ws/plugin.jupyterlab-settings';

test('without the server half the item says so once, sockets are native, and nothing else happens', async ({
  page,
  start
}) => {
  const server = await start({
    config: `c.ServerApp.jpserver_extensions['jupyter_ai_ws'] = False`
  });
  await page.clock.install();
  const complaints = followComplaints(page);
  const sockets = followSockets(page);
  const asked: string[] = [];
  page.on('request', request => {
    if (request.url().includes('/jupyter-ai-ws/')) {
      asked.push(request.url());
    }
  });
  await page.goto(`${server.url}/lab`);
  const item = statusItem(page);
  await expect(item).toHaveText('AI connection: not available');
  await picture(item, 'item-absent');
  expect(await exchange(page)).toEqual(['hello', 4000]);
  expect(sockets).toContain(GUARDED);
  await page.clock.runFor(7000);
  await expect(item).toHaveText('AI connection: not available');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  await expect(notification(page)).toHaveCount(0);
  expect(asked.filter(url => !/\/(api|extensions)\//.test(url))).toEqual([]);
  expect(complaints).toEqual([]);
  await item.click();
  await expect(page.getByRole('dialog')).toContainText(
    'Ask whoever runs the server to enable the extension jupyter_ai_ws.'
  );
  await picture(page, 'popup-absent');
});

test("a file's values count over a deployment's, and what is wrong in either costs nothing else", async ({
  page,
  start
}) => {
  const server = await start({
    config:
      "c.LabApp.app_settings_dir = str(Path(__file__).parent / 'application')",
    files: {
      'application/overrides.json': JSON.stringify({
        'jupyter-ai-ws:plugin': { maxAttempts: 9, heartbeatIntervalMs: 'often' }
      }),
      [settingsFile]: `{
        // by hand
        "heartbeatIntervalMs": "often",
        "maxAttempts": 7,
        "answerTimeoutMs": 99999,
        "colour": "blue"
      }`
    }
  });
  const item = statusItem(page);
  const value = (id: string) => page.locator(`input[id$="_${id}"]`);

  await test.step('one bad value costs no other, and is reported', async () => {
    await page.goto(`${server.url}/lab`);
    const toast = page.locator('.Toastify__toast', {
      hasText: 'Some settings'
    });
    await expect(toast).toContainText(
      'colour, heartbeatIntervalMs, answerTimeoutMs'
    );
    await picture(toast, 'settings-complaint');
    await expect(item).toHaveText('AI connection: connected');
    await item.click();
    await page.getByRole('button', { name: 'Settings', exact: true }).click();
    await expect(value('maxAttempts')).toHaveValue('7');
    await expect(value('heartbeatIntervalMs')).toHaveValue('5000');
    await expect(value('answerTimeoutMs')).toHaveValue('30000');
  });

  await test.step("a reset brings a deployment's overrides back", async () => {
    await page.getByRole('button', { name: 'Restore to Defaults' }).click();
    await expect(value('maxAttempts')).toHaveValue('9');
    await expect(value('heartbeatIntervalMs')).toHaveValue('5000');
  });

  await test.step('a file that is no object is reported, too', async () => {
    server.write(settingsFile, '[1, 2]');
    await page.goto(`${server.url}/lab`);
    await expect(
      page.getByText('The settings of the AI connection cannot be read.')
    ).toBeVisible();
    await expect(item).toHaveText('AI connection: connected');
  });

  await test.step('a file that is not JSON leaves the connection with its defaults', async () => {
    // JupyterLab itself does not start properly then, whoever's file it is.
    server.write(settingsFile, '{"maxAtt');
    const welcome = page
      .waitForEvent('websocket', socket =>
        socket.url().includes('/jupyter-ai-ws/ws')
      )
      .then(socket => socket.waitForEvent('framereceived'));
    await page.goto(`${server.url}/lab`);
    expect(String((await welcome).payload)).toContain('"type":"welcome"');
  });
});

test('without a status bar notification, question and palette still speak', async ({
  page,
  start
}) => {
  const server = await start({
    files: {
      'labconfig/page_config.json': JSON.stringify({
        disabledExtensions: { '@jupyterlab/statusbar-extension': true }
      })
    }
  });
  await page.goto(`${server.url}/lab`);
  await expect(page.locator('.jp-Launcher')).toBeVisible();
  await expect(statusItem(page)).toHaveCount(0);

  await page.keyboard.press('Control+Shift+C');
  await page.keyboard.type('ai connection');
  await page.getByText('Show Status').first().click();
  const details = page.getByRole('dialog', { name: 'AI connection' });
  await expect(details).toContainText('AI connection: connected');
  await picture(page, 'details-dialog');
  await details.getByRole('button', { name: 'Close' }).click();

  await server.signal('SIGSTOP');
  await expect(notification(page)).toBeVisible({ timeout: 30_000 });
  await server.signal('SIGCONT');
  await expect(notification(page)).toHaveCount(0);
});

test("a killed server is told by the ladder instead of JupyterLab's dialog, unless a setting says otherwise", async ({
  page,
  start
}) => {
  const server = await start();
  const serverError = page.getByText('Server Connection Error');
  const item = statusItem(page);
  const lose = async () => {
    await page.goto(`${server.url}/lab`);
    await expect(item).toHaveText('AI connection: connected');
    // JupyterLab loads the code of its notifications late.
    await page.waitForLoadState('networkidle');
    await server.signal('SIGKILL');
    await expect(item).toContainText('AI connection: reconnecting');
    // JupyterLab asks for its kernels every 10 s.
    const failed = page.waitForEvent('requestfailed', request =>
      /\/api\/(kernels|sessions)/.test(request.url())
    );
    await page.clock.runFor(11_000);
    await failed;
    await expect(notification(page).or(question(page))).toHaveCount(1);
  };

  await page.clock.install();
  await lose();
  await expect(item).toHaveAttribute(
    'title',
    'The Jupyter server cannot be reached.'
  );
  await expect(serverError).toHaveCount(0);
  await server.run();
  await page.clock.fastForward(8000);
  await expect(item).toHaveText('AI connection: connected');
  await expect(notification(page)).toHaveCount(0);
  await expect(question(page)).toHaveCount(0);

  server.write(settingsFile, '{ "replaceServerErrorDialog": false }');
  await lose();
  await expect(serverError).toHaveCount(1);
  await page.clock.runFor(40_000);
  await expect(notification(page)).toHaveCount(1);
  await expect(question(page)).toHaveCount(0);
});

test('a server that is killed before anything was notified of is told, and so is what others notify of afterwards', async ({
  page,
  start
}) => {
  const server = await start({ files: quiet });
  const complaints: string[] = [];
  page.on('pageerror', error => complaints.push(String(error)));
  const item = statusItem(page);
  await page.clock.install();
  await page.goto(`${server.url}/lab`);
  await expect(item).toHaveText('AI connection: connected');
  await page.clock.runFor(3000);
  await page.waitForLoadState('networkidle');
  await expect(page.locator('#react-toastify-container')).toHaveCount(0);

  await server.signal('SIGKILL');
  await expect(item).toContainText('AI connection: reconnecting');
  await page.clock.runFor(8000);
  await expect(notification(page)).toBeVisible();

  await server.run();
  await page.clock.fastForward(10_000);
  await expect(item).toHaveText('AI connection: connected');
  await expect(notification(page)).toHaveCount(0);
  await page.evaluate(() =>
    window.jupyterapp.commands.execute('apputils:notify', {
      message: 'Of somebody else',
      options: { autoClose: false }
    })
  );
  await expect(page.getByText('Of somebody else')).toBeVisible();
  expect(complaints).toEqual([]);
});

test('in Notebook 7 a killed server is told in the same steps, without a status bar', async ({
  page,
  start
}) => {
  const server = await start({ files: quiet });
  await page.clock.install();
  const welcome = page
    .waitForEvent('websocket', socket =>
      socket.url().includes('/jupyter-ai-ws/ws')
    )
    .then(socket => socket.waitForEvent('framereceived'));
  await page.goto(`${server.url}/tree`);
  await expect(page.locator('.jp-FileBrowser').first()).toBeVisible();
  await welcome;
  await page.clock.runFor(3000);
  await page.waitForLoadState('networkidle');

  await server.signal('SIGKILL');
  await page.clock.runFor(8000);
  await expect(notification(page)).toBeVisible();
  await page.clock.fastForward(30_000);
  await expect(question(page)).toContainText('cannot be reached');
  await expect(notification(page)).toHaveCount(0);

  await server.run();
  await page.clock.fastForward(30_000);
  await expect(question(page)).toHaveCount(0);
  await expect(notification(page)).toHaveCount(0);
});
