import { Clipboard, Notification } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { nullTranslator } from '@jupyterlab/translation';

import { copyReport } from '../copy-report';
import { FakeConnection } from './fake-connection';
import { shareNothing, shareToasts } from './shared-toasts';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('copyReport()', () => {
  const clipboard = (writeText: unknown) =>
    Object.defineProperty(navigator, 'clipboard', {
      configurable: true,
      value: { writeText }
    });

  beforeEach(() => {
    shareToasts();
    PageConfig.setOption('appVersion', '4.6.6');
    PageConfig.setOption('jupyterAiWs', '{"version":"0.1.0"}');
  });

  afterEach(() => {
    Notification.dismiss();
    shareNothing();
    jest.restoreAllMocks();
  });

  it('puts a report with versions on the clipboard, and says so', async () => {
    const writeText = jest.fn(async () => undefined);
    clipboard(writeText);
    await copyReport(new FakeConnection(), trans);
    const [[report]] = writeText.mock.calls as unknown as [[string]];
    expect(report).toContain('4.6.6');
    expect(report).toContain('| server | 0.1.0 |');
    expect(Notification.manager.notifications[0].message).toBe(
      'The report is on the clipboard.'
    );
  });

  it('finds another way where the browser forbids it', async () => {
    clipboard(() => Promise.reject(new Error('forbidden')));
    PageConfig.setOption('jupyterAiWs', 'not JSON');
    const copy = jest.spyOn(Clipboard, 'copyToSystem').mockImplementation();
    await copyReport(new FakeConnection(), trans);
    expect(copy.mock.calls[0][0]).toContain('| server |  |');
  });
});
