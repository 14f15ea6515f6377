import AxeBuilder from '@axe-core/playwright';

import {
  expect,
  notification,
  picture,
  question,
  statusItem,
  test,
  withSettings
} from '../helpers/test';

test.use({
  mockSettings: withSettings({
    baseDelayMs: 100,
    delayCapMs: 6000,
    maxAttempts: 2
  })
});

test('an outage climbs from item to notification to question, and all go on recovery', async ({
  page,
  line
}) => {
  test.setTimeout(120_000);
  await page.goto();
  const item = statusItem(page);
  await expect(item).toHaveText('AI connection: connected');

  await line.lose(page);
  await expect(item).toContainText('AI connection: reconnecting');
  await expect(item).toHaveAccessibleName(
    /^AI connection: reconnecting, attempt \d/
  );
  await page.waitForTimeout(2000);
  await expect(notification(page)).toBeHidden();

  await expect(notification(page)).toBeVisible({ timeout: 10_000 });
  await expect(notification(page)).toHaveCount(1);
  await expect(item).toContainText(/\d s$/);
  await picture(item, 'item-reconnecting');
  await picture(page, 'notification');
  await expect(question(page)).toBeHidden();

  await expect(question(page)).toBeVisible({ timeout: 40_000 });
  await expect(question(page)).toContainText(
    'The Jupyter server cannot be reached.'
  );
  await expect(question(page).getByRole('button')).toHaveText([
    'Keep waiting',
    'Refresh page',
    'Reconnect now'
  ]);
  await expect(
    question(page).getByRole('button', { name: 'Reconnect now' })
  ).toBeFocused();
  await expect(question(page)).toContainText(/Next attempt in \d+ second/);
  await picture(page, 'question');
  await picture(item, 'item-asking');
  const axe = await new AxeBuilder({ page: page as never })
    .include('.jp-AiConnectionQuestion')
    .analyze();
  expect(axe.violations).toEqual([]);

  await line.restore(page);
  await expect(item).toHaveText('AI connection: connected', {
    timeout: 20_000
  });
  await expect(question(page)).toBeHidden();
  await expect(notification(page)).toBeHidden();
});

test('an expired login is asked about soon, and only once after "Keep waiting"', async ({
  page,
  line
}) => {
  await page.goto();
  const item = statusItem(page);
  await expect(item).toHaveText('AI connection: connected');

  await line.lose(page, 403);
  await expect(item).toContainText('AI connection: login expired');
  await picture(item, 'item-login');
  await expect(question(page)).toContainText('Your login has expired.');
  await expect(question(page)).toContainText(
    'Log in again in another tab, or refresh this page.'
  );
  await picture(page, 'question-login');
  await page.keyboard.press('Escape');
  await expect(question(page)).toBeHidden();
  await page.waitForTimeout(3000);
  await expect(question(page)).toBeHidden();

  await item.click();
  await expect(question(page)).toBeVisible();
  await line.restore(page);
  await question(page).getByRole('button', { name: 'Reconnect now' }).click();
  await expect(item).toHaveText('AI connection: connected');
  await expect(question(page)).toBeHidden();
});

test('"Refresh page" saves what is open, then loads the page anew', async ({
  page,
  line,
  tmpPath
}) => {
  await page.goto(`tree/${tmpPath}`);
  await expect(statusItem(page)).toHaveText('AI connection: connected');
  await page.menu.clickMenuItem('File>New>Text File');
  await page.locator('.jp-FileEditor .cm-content').fill('never to be lost');
  const saved = page.waitForRequest(
    request => request.method() === 'PUT' && /untitled/.test(request.url())
  );
  await line.lose(page, 404);
  await expect(question(page)).toContainText(
    'The Jupyter server no longer offers the AI connection.'
  );
  await line.restore(page);
  const loaded = page.waitForEvent('load');
  await question(page).getByRole('button', { name: 'Refresh page' }).click();
  expect((await saved).postData()).toContain('never to be lost');
  await loaded;
  await expect(statusItem(page)).toHaveText('AI connection: connected');
});
