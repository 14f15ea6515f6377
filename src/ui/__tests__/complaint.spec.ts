import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { complain } from '../complaint';
import { shareNothing, shareToasts } from './shared-toasts';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('complain()', () => {
  beforeEach(() => shareToasts());

  afterEach(() => {
    Notification.dismiss();
    shareNothing();
  });

  /** What shows it is looked for first. */
  const turn = () => new Promise(resolve => setTimeout(resolve));
  const message = () => Notification.manager.notifications[0].message;

  it('names the settings that were not valid', async () => {
    complain(
      [
        { key: 'maxAttempts', kind: 'range', used: 100 },
        { key: 'colour', kind: 'unknown', used: undefined }
      ],
      trans
    );
    await turn();
    expect(message()).toMatch(/: maxAttempts, colour\.$/);
  });

  it.each([[[]], [[{ key: '', kind: 'type', used: undefined } as const]]])(
    'says that the defaults are used when nothing could be read',
    async problems => {
      complain(problems, trans);
      await turn();
      expect(message()).toMatch(/defaults are used/);
    }
  );
});
