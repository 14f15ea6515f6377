import { Dialog, Notification } from '@jupyterlab/apputils';
import { waitForDialog } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';

import { loadToasts, notify, tell } from '../toasts';
import { shareNothing, shareToasts } from './shared-toasts';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('toasts', () => {
  const failing = () => Promise.reject(new Error('no chunk'));
  const messages = () =>
    Notification.manager.notifications.map(({ message }) => message);

  afterEach(() => {
    shareNothing();
    document.body.innerHTML = '';
    Notification.dismiss();
    jest.useRealTimers();
  });

  describe('loadToasts()', () => {
    it('loads what JupyterLab shares', async () => {
      const get = jest.fn(async () => () => undefined);
      shareToasts(get);
      expect(await loadToasts()).toBe(true);
      expect(get).toHaveBeenCalledTimes(1);
    });

    it('says when it cannot be loaded, and tries again when asked again', async () => {
      const get = jest.fn(failing);
      shareToasts(get);
      expect(await loadToasts()).toBe(false);
      get.mockResolvedValueOnce(undefined as never);
      expect(await loadToasts()).toBe(true);
    });

    it('says so where nothing is shared', async () => {
      expect(await loadToasts()).toBe(false);
    });

    it('loads nothing once JupyterLab has it', async () => {
      document.body.innerHTML = '<div id="react-toastify-container"></div>';
      shareToasts(failing);
      expect(await loadToasts()).toBe(true);
    });
  });

  describe('notify()', () => {
    it('notifies where notifications can be shown', async () => {
      shareToasts();
      const run = jest.fn();
      const options = {
        autoClose: 500,
        actions: [{ label: trans.__('Do it'), run }]
      };
      const id = await notify('error', 'Something happened.', options);
      const [shown] = Notification.manager.notifications;
      expect(shown).toMatchObject({ id, type: 'error' });
      expect(shown.options.autoClose).toBe(500);
      shown.options.actions![0].callback(new MouseEvent('click'));
      expect(run).toHaveBeenCalledTimes(1);
    });

    it('does not give the first notification of a page while it could not be shown', async () => {
      shareToasts(failing);
      const options = { autoClose: false } as const;
      expect(await notify('warning', 'Lost.', options)).toBeNull();
      expect(messages()).toEqual([]);
    });

    it('notifies late where they are slow to load, as on a page that still loads', async () => {
      jest.useFakeTimers();
      let give = () => undefined as void;
      shareToasts(() => new Promise<void>(resolve => (give = resolve)));
      const said = notify('warning', 'Lost.', { autoClose: false });
      await jest.advanceTimersByTimeAsync(60_000);
      expect(messages()).toEqual([]);
      give();
      expect(await said).not.toBeNull();
      expect(messages()).toEqual(['Lost.']);
    });
  });

  describe('tell()', () => {
    const run = jest.fn();
    const told = () =>
      tell(
        'error',
        'Not done.',
        { autoClose: false, actions: [{ label: trans.__('Do it'), run }] },
        trans
      );
    const press = (name: string) =>
      [...document.querySelectorAll('.jp-Dialog button')]
        .find(({ textContent }) => textContent === name)!
        .dispatchEvent(new MouseEvent('click', { bubbles: true }));

    beforeEach(() => run.mockReset());
    afterEach(() => Dialog.flush());

    it('tells by a notification where one can be shown', async () => {
      jest.useFakeTimers();
      shareToasts();
      const said = await told();
      expect(jest.getTimerCount()).toBe(0);
      expect(messages()).toEqual(['Not done.']);
      said.dispose();
      expect(messages()).toEqual([]);
    });

    it.each([
      ['Do it', 1],
      ['Close', 0]
    ])('tells by a dialog elsewhere: "%s"', async (name, times) => {
      const said = await told();
      await waitForDialog();
      expect(document.querySelector('.jp-Dialog')!.textContent).toContain(
        'Not done.'
      );
      press(name);
      await new Promise(resolve => setTimeout(resolve));
      said.dispose();
      expect(run).toHaveBeenCalledTimes(times);
      expect(messages()).toEqual([]);
    });

    it('waits 3 s for a server that gives nothing', async () => {
      jest.useFakeTimers();
      let give = () => undefined as void;
      shareToasts(() => new Promise<void>(resolve => (give = resolve)));
      const said = told();
      await jest.advanceTimersByTimeAsync(3000);
      await said;
      give();
      await jest.advanceTimersByTimeAsync(0);
      expect(document.querySelector('.jp-Dialog')).not.toBeNull();
      expect(messages()).toEqual([]);
    });

    it('takes the dialog back, too', async () => {
      const said = await told();
      await waitForDialog();
      said.dispose();
      await new Promise(resolve => setTimeout(resolve));
      expect(document.querySelector('.jp-Dialog')).toBeNull();
      expect(run).not.toHaveBeenCalled();
    });
  });
});
