import {
  expect,
  openConnected,
  openLab,
  picture,
  question,
  statusItem,
  test
} from '../helpers/test';

test('says that it connects for the first time, and what blocks it', async ({
  page,
  line
}) => {
  await page.clock.install();
  line.sockets = 'hole';
  const loaded = openLab(page);
  const item = statusItem(page);
  await expect(item).toHaveText('AI connection: connecting');
  await picture(item, 'item-connecting');
  await loaded;

  // A proxy that strips the header `Upgrade`: requests pass, WebSockets do not.
  line.sockets = 'strip';
  line.cut();
  await expect(async () => {
    await page.clock.runFor(4000);
    await expect(question(page)).toBeVisible({ timeout: 500 });
  }).toPass();
  await expect(question(page)).toContainText(
    'something on the way blocks the AI connection'
  );
  await expect(question(page)).toContainText(
    'Ask whoever runs the proxy to pass on the header "Upgrade".'
  );
  await expect(item).toContainText('AI connection: blocked');
  await picture(item, 'item-blocked');
  await picture(page, 'question-blocked');
});

test('says what blocks a page that was connected before, too, and goes on trying', async ({
  page,
  line
}) => {
  await page.clock.install();
  const item = await openConnected(page);
  line.sockets = 'strip';
  line.cut();
  await expect(async () => {
    await page.clock.runFor(4000);
    await expect(item).toContainText('AI connection: blocked', {
      timeout: 500
    });
  }).toPass();
  await expect(question(page)).toContainText(
    'Ask whoever runs the proxy to pass on the header "Upgrade".'
  );
  await expect(question(page)).toContainText(/Next attempt in|Trying/);
  line.sockets = 'through';
  await expect(async () => {
    await page.clock.runFor(4000);
    await expect(item).toHaveText('AI connection: connected', { timeout: 500 });
  }).toPass();
  await expect(question(page)).toHaveCount(0);
});

test('finds a proxy that cuts silent connections, and says so', async ({
  page,
  line
}) => {
  line.idleMs = 3000;
  const item = await openConnected(page);
  await expect.poll(() => line.opened).toBeGreaterThan(2);
  await expect(item).toHaveText('AI connection: connected');
  await item.click();
  const popup = page.getByRole('dialog', { name: 'AI connection' });
  await expect(popup).toContainText(
    /seems to close this connection after [2-4]\.\d s of silence\. The heartbeat is 2\.\d s\./
  );
  await expect(popup.getByRole('img')).toHaveAccessibleName(/Round trip/);
  await picture(page, 'popup-proxy');
  await popup.getByRole('button', { name: 'Forget' }).click();
  await expect(popup).not.toContainText('of silence');
});
