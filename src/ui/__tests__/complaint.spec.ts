import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { complain } from '../complaint';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('complain()', () => {
  afterEach(() => Notification.dismiss());

  const message = () => Notification.manager.notifications[0].message;

  it('names the settings that were not valid', () => {
    complain(
      [
        { key: 'maxAttempts', kind: 'range', used: 100 },
        { key: 'colour', kind: 'unknown', used: undefined }
      ],
      trans
    );
    expect(message()).toMatch(/: maxAttempts, colour\.$/);
  });

  it.each([[[]], [[{ key: '', kind: 'type', used: undefined } as const]]])(
    'says that the defaults are used when nothing could be read',
    problems => {
      complain(problems, trans);
      expect(message()).toMatch(/defaults are used/);
    }
  );
});
