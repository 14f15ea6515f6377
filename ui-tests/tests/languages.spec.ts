import { galata } from '@jupyterlab/galata';

import { expect, openLab, picture, test } from '../helpers/test';

test.use({
  mockSettings: {
    ...galata.DEFAULT_SETTINGS,
    '@jupyterlab/translation-extension:plugin': { locale: 'zh_CN' }
  }
});

test('speaks Chinese in a Chinese JupyterLab that has no language pack', async ({
  page,
  line
}) => {
  await page.clock.install();
  await openLab(page);
  const item = page.locator('.jp-AiConnectionStatus-item');
  await expect(item).toHaveText('AI 连接：已连接');
  await picture(item, 'item-zh-cn');

  await item.click();
  const popup = page.getByRole('dialog', { name: 'AI 连接' });
  await expect(popup).toContainText('AI 助手可以访问服务器。');
  await expect(popup.getByRole('button')).toHaveText([
    '立即重新连接',
    '自检',
    '复制报告',
    '设置'
  ]);
  await picture(page, 'popup-zh-cn');
  await popup.getByRole('button', { name: '设置' }).click();
  const form = page.getByRole('group', { name: 'AI 连接' });
  await expect(form).toContainText('心跳：可见页面（毫秒）');
  await expect(form).toContainText('更改立即生效。');
  await picture(page, 'settings-zh-cn');

  await line.lose(page, 403);
  await page.clock.runFor(8000);
  const question = page.getByRole('dialog', { name: 'AI 连接已断开' });
  await expect(question).toContainText('您的登录已过期。');
  await expect(question.getByRole('button')).toHaveText([
    '继续等待',
    '刷新页面',
    '登录',
    '立即重新连接'
  ]);
  await picture(page, 'question-zh-cn');
  await question.getByRole('button', { name: '继续等待' }).click();
  await expect(page.locator('.Toastify__toast')).toContainText([
    '您的登录已过期。'
  ]);
});
