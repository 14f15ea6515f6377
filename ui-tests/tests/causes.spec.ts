import { createHash } from 'crypto';
import { createServer } from 'http';
import type { Page } from '@playwright/test';
import { expect, test as base } from '@playwright/test';

import { LabServer } from '../helpers/lab-server';
import { Line } from '../helpers/line';
import { exchange, heard, listen, send } from '../helpers/peer';
import { notification, picture, question, statusItem } from '../helpers/test';

const test = base.extend<{ server: LabServer; line: Line }>({
  line: async ({ server }, use) => {
    const line = await Line.to(server.url);
    await use(line);
    await line.close();
  },
  server: async ({}, use) => {
    const server = await LabServer.start(WITH_PASSWORD);
    await use(server);
    await server.stop();
  }
});

const PASSWORD = 'a secret of this test';

/** The login stays good over restarts as long as this is the same. */
const HASH = createHash('sha1').update(`${PASSWORD}salt`).digest('hex');

/** A server that wants to be logged in to. */
const WITH_PASSWORD: LabServer.IOptions = {
  config: `c.PasswordIdentityProvider.hashed_password = 'sha1:salt:${HASH}'`
};

/** A server whose half of this extension is one version ahead. */
const NEXT_VERSION: LabServer.IOptions = {
  config: `
${WITH_PASSWORD.config}
from jupyter_ai_ws import handlers
handlers.SUBPROTOCOL = 'v2.jupyter-ai-ws'
`
};

async function logIn(page: Page): Promise<void> {
  await page.getByRole('textbox').fill(PASSWORD);
  await page.getByRole('button', { name: /log in/i }).click();
}

/** What a hub says of a server that it has stopped, and a proxy of one that is not there. */
async function answerInstead(
  server: LabServer,
  status: number
): Promise<() => Promise<void>> {
  const stand = createServer((_, response) => {
    response.writeHead(status).end();
  });
  const { port } = new URL(server.url);
  await new Promise<void>(done => stand.listen(+port, '127.0.0.1', done));
  return () =>
    new Promise(done => {
      stand.closeAllConnections();
      stand.close(() => done());
    });
}

test('each cause has its own words and its own way out', async ({
  page,
  context,
  line,
  server
}) => {
  test.setTimeout(300_000);
  const item = statusItem(page);
  const connected = 'AI connection: connected';
  const restart = async (options?: LabServer.IOptions) => {
    await server.signal('SIGKILL');
    await server.run(options);
  };
  /** The item, the dialog, and the way out that it offers. */
  const expectCause = async (
    label: string,
    cause: string,
    advice: string,
    image: string,
    on: Page = page
  ) => {
    await expect(async () => {
      await on.clock.runFor(2500);
      await expect(question(on)).toContainText(cause, { timeout: 500 });
    }).toPass({ timeout: 60_000 });
    await expect(question(on)).toContainText(advice);
    await expect(statusItem(on)).toContainText(`AI connection: ${label}`);
    await expect(notification(on)).toHaveCount(0);
    await picture(statusItem(on), `item-${image}`);
    await picture(on, `question-${image}`);
  };
  const recover = async () => {
    await expect(async () => {
      await page.clock.fastForward(30_000);
      await expect(item).toHaveText(connected, { timeout: 1000 });
    }).toPass({ timeout: 60_000 });
    await expect(question(page)).toHaveCount(0);
    await expect(notification(page)).toHaveCount(0);
  };

  await page.clock.install();
  await page.goto(`${line.url}/lab`);
  await logIn(page);
  await expect(item).toHaveText(connected);

  await test.step('login expired: log in elsewhere, and it goes on by itself', async () => {
    await context.clearCookies();
    line.cut();
    await expectCause(
      'login expired',
      'Your login has expired.',
      'Log in again; this page goes on by itself.',
      'login'
    );
    const [tab] = await Promise.all([
      context.waitForEvent('page'),
      question(page).getByRole('button', { name: 'Log in' }).click()
    ]);
    const closed = tab.waitForEvent('close');
    await logIn(tab);
    await closed;
    await page.clock.runFor(1000);
    await expect(item).toHaveText(connected);
    await expect(notification(page)).toHaveCount(0);
  });

  await test.step('server restarted: what ended is said, and nothing is asked', async () => {
    await listen(page);
    await server.signal('SIGKILL');
    await expect(item).toContainText('AI connection: reconnecting');
    await send(page, 'lost with the server');
    expect(await heard(page)).toEqual(['open']);
    await server.run();
    await page.clock.fastForward(4000);
    await expect(item).toHaveText(connected);
    await expect(question(page)).toHaveCount(0);
    const notice = (hasText: string) =>
      page.locator('.Toastify__toast', { hasText });
    await expect(notice('ended')).toContainText(
      'What was under way has ended: Test peer. This page is kept.'
    );
    await expect(notice('not sent')).toContainText(
      'A message to Test peer was not sent. If no answer comes, send it again.'
    );
    await expect.poll(() => heard(page)).toEqual(['open', 1006]);
    expect(await exchange(page)).toEqual(['hello', 4000]);
  });

  await test.step('extension disabled on the server', async () => {
    await restart({
      ...WITH_PASSWORD,
      args: ['--ServerApp.jpserver_extensions', 'jupyter_ai_ws=False']
    });
    await expectCause(
      'switched off',
      'The Jupyter server no longer offers the AI connection.',
      'Ask whoever runs the server to enable the extension jupyter_ai_ws.',
      'missing'
    );
  });

  await test.step('version mismatch after an upgrade', async () => {
    await restart(NEXT_VERSION);
    await expectCause(
      'update needed',
      'This page and the Jupyter server have different versions of the AI connection.',
      'Refresh the page to finish the update.',
      'version'
    );
  });

  await test.step('hub stopped the server', async () => {
    await server.signal('SIGKILL');
    const stop = await answerInstead(server, 424);
    await expectCause(
      'server stopped',
      'The Jupyter server was stopped.',
      'Start the server again where you started it before.',
      'stopped'
    );
    await stop();
  });

  await test.step('the server is down behind its proxy', async () => {
    const stop = await answerInstead(server, 503);
    await question(page).getByRole('button', { name: 'Reconnect now' }).click();
    await expect(item).toHaveAttribute(
      'title',
      'The Jupyter server cannot answer at the moment.'
    );
    await stop();
  });

  await test.step('too many sessions', async () => {
    await server.run({
      ...WITH_PASSWORD,
      args: ['--AiWsApp.max_sessions_per_principal', '1']
    });
    await recover();
    const other = await context.newPage();
    await other.goto(`${line.url}/lab/workspaces/other`);
    await expectCause(
      'too many pages',
      'Too many pages hold an AI connection to this Jupyter server.',
      'Close pages of this server that you no longer need.',
      'too-many',
      other
    );
    await other.close();
  });

  await test.step('login expired: another token, and a cookie that is no good', async () => {
    await restart({ config: "c.IdentityProvider.token = 'another'" });
    await expectCause(
      'login expired',
      'Your login has expired.',
      'Log in again; this page goes on by itself.',
      'login-token'
    );
  });
});
