import { Dialog } from '@jupyterlab/apputils';
import type { Popup } from '@jupyterlab/statusbar';
import { waitForDialog } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';

import { showDetailsDialog, showDetailsPopup } from '../details';
import { stopClock } from './clock';
import { FakeConnection } from './fake-connection';
import { rendered } from './rendered';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('details', () => {
  let connection: FakeConnection;
  let anchor: Widget;
  let run: jest.Mock<void, []>;

  const options = () => ({
    connection,
    trans,
    actions: [{ label: trans.__('Do it'), run }]
  });

  beforeEach(() => {
    connection = new FakeConnection();
    run = jest.fn();
    anchor = new Widget();
    anchor.node.innerHTML = '<div role="button" tabindex="0"></div>';
    Widget.attach(anchor, document.body);
  });

  afterEach(() => {
    anchor.dispose();
    Dialog.flush();
    jest.restoreAllMocks();
  });

  describe('showDetailsPopup()', () => {
    let popup: Popup;

    const open = async () => {
      popup = showDetailsPopup(options(), anchor);
      await rendered();
    };
    const body = () => popup.node.querySelector('[role="dialog"]')!;

    afterEach(() => popup.dispose());

    it('says state and facts, and is named', async () => {
      await open();
      expect(body().getAttribute('aria-label')).toBe('AI connection');
      expect(body().textContent).toContain('AI connection: connected');
      expect(body().textContent).toContain(
        'AI assistants can reach the server.'
      );
      expect(body().textContent).toContain('Interruptions survived0');
    });

    it('follows the connection', async () => {
      await open();
      const nextTryMs = stopClock() + 4000;
      connection.go({ state: 'reconnecting', cause: 'network', nextTryMs });
      await rendered();
      expect(body().textContent).toContain('AI connection: reconnecting');
      expect(body().textContent).toContain('Next attempt in 4 seconds.');
    });

    it.each([
      [
        { state: 'stopped', cause: 'missing' },
        'Ask whoever runs the server to enable the extension jupyter_ai_ws.'
      ],
      [
        { state: 'reconnecting', cause: 'login', question: 'permanent' },
        'Log in again; this page goes on by itself.'
      ],
      [
        { state: 'reconnecting', cause: 'network', question: 'attempts' },
        'Check that the Jupyter server is running.'
      ]
    ] as const)(
      'says what to do about what does not go by itself',
      async (state, advice) => {
        await open();
        expect(body().textContent).not.toContain(advice);
        connection.go(state);
        await rendered();
        expect(body().textContent).toContain(advice);
      }
    );

    it('renews its numbers each second while it is open, and no longer', async () => {
      jest.useFakeTimers();
      popup = showDetailsPopup(options(), anchor);
      const diagnostics = jest.spyOn(connection, 'diagnostics');
      await jest.advanceTimersByTimeAsync(3100);
      expect(diagnostics.mock.calls.length).toBeGreaterThanOrEqual(3);
      popup.dispose();
      await jest.advanceTimersByTimeAsync(100);
      diagnostics.mockClear();
      await jest.advanceTimersByTimeAsync(5000);
      expect(diagnostics).not.toHaveBeenCalled();
      jest.useRealTimers();
    });

    it('keeps the focus inside when it forgets a proxy', async () => {
      connection.known = { silenceLimitMs: 20_000 };
      connection.forgetSilence.mockImplementation(() => {
        connection.known = {};
      });
      await open();
      const forget = body().querySelector('button')!;
      forget.focus();
      forget.click();
      await rendered();
      expect(forget.isConnected).toBe(false);
      expect(document.activeElement!.textContent).toBe('Do it');
    });

    it('tells of an idle proxy, and forgets it when told to', async () => {
      connection.known = {
        silenceLimitMs: 20_000,
        heartbeatIntervalMs: 13_300
      };
      await open();
      expect(body().textContent).toContain(
        'seems to close this connection after 20.0 s of silence. The heartbeat is 13.3 s.'
      );
      body().querySelector('button')!.click();
      expect(connection.forgetSilence).toHaveBeenCalledTimes(1);
      expect(popup.isDisposed).toBe(false);
    });

    it('draws the round trips', async () => {
      connection.known = { roundTrips: [{ time: Date.now(), ms: 4 }] };
      await open();
      expect(body().querySelector('svg')!.getAttribute('aria-label')).toBe(
        'Round trip in the last 5 minutes: 4 ms to 4 ms'
      );
    });

    it.each([
      ['beside the left edge', { right: 300, top: 600 }, ['0px', '500px']],
      ['beside the right edge', { right: 9999, top: 600 }, ['624px', '500px']],
      ['in the middle', { right: 700, top: 600 }, ['300px', '500px']],
      ['at the top', { right: 700, top: 50 }, ['300px', '0px']]
    ])('is within the window: %s', async (_, item, [left, top]) => {
      const rect = (of: HTMLElement, value: object) =>
        jest
          .spyOn(of, 'getBoundingClientRect')
          .mockReturnValue(value as DOMRect);
      rect(anchor.node, { left: 0, width: item.right, bottom: 620, ...item });
      await open();
      const details = body() as HTMLElement;
      rect(details, { left: -90, right: 310, width: 400, height: 100 });
      popup.update();
      await rendered();
      expect([details.style.left, details.style.top]).toEqual([left, top]);
      expect(details.style.visibility).toBe('');
    });

    it('takes the focus, and gives it back with Escape', async () => {
      await open();
      expect(document.activeElement!.textContent).toBe('Do it');
      const key = { key: 'Escape', bubbles: true };
      body().dispatchEvent(new KeyboardEvent('keydown', key));
      expect(popup.isDisposed).toBe(true);
      expect(document.activeElement).toBe(anchor.node.firstElementChild);
    });

    describe('and the focus', () => {
      let elsewhere: HTMLElement;

      /** Press Tab, which leads to where the test says. */
      const tab = (next: HTMLElement) => {
        const key = { key: 'Tab', bubbles: true };
        document.activeElement!.dispatchEvent(
          new KeyboardEvent('keydown', key)
        );
        next.focus();
      };

      beforeEach(async () => {
        elsewhere = document.createElement('button');
        document.body.append(elsewhere);
        await open();
      });

      afterEach(() => elsewhere.remove());

      it('goes when Tab leads out of it', () => {
        tab(elsewhere);
        expect(popup.isDisposed).toBe(true);
        expect(document.activeElement).toBe(elsewhere);
      });

      it('goes when Tab leads out of the page', () => {
        const key = { key: 'Tab', bubbles: true };
        const button = document.activeElement as HTMLElement;
        button.dispatchEvent(new KeyboardEvent('keydown', key));
        button.blur();
        expect(popup.isDisposed).toBe(true);
      });

      it('stays while Tab leads to the item', () => {
        tab(anchor.node.firstElementChild as HTMLElement);
        expect(popup.isDisposed).toBe(false);
      });

      it('stays when something else takes the focus, or a click loses it', () => {
        const button = document.activeElement as HTMLElement;
        elsewhere.focus();
        tab(button);
        elsewhere.focus();
        button.focus();
        button.blur();
        expect(popup.isDisposed).toBe(false);
      });
    });

    it('closes and does what is pressed', async () => {
      await open();
      body().querySelector('button')!.click();
      expect(run).toHaveBeenCalledTimes(1);
      expect(popup.isDisposed).toBe(true);
    });

    it('lets go of the connection when it is closed', async () => {
      await open();
      const disconnect = jest.spyOn(connection.statusChanged, 'disconnect');
      popup.dispose();
      expect(disconnect).toHaveBeenCalledTimes(1);
    });
  });

  describe('showDetailsDialog()', () => {
    const dialog = () => document.querySelector('.jp-Dialog')!;
    const press = (name: string) =>
      [...dialog().querySelectorAll('button')]
        .find(each => each.textContent === name)!
        .click();

    it('says the same where there is no status bar', async () => {
      const shown = showDetailsDialog(options());
      await waitForDialog();
      await rendered();
      expect(dialog().getAttribute('aria-label')).toBe('AI connection');
      expect(dialog().textContent).toContain('AI connection: connected');
      press('Do it');
      await shown;
      expect(run).toHaveBeenCalledTimes(1);
    });

    it('keeps the focus inside when it forgets a proxy', async () => {
      connection.known = { silenceLimitMs: 20_000 };
      connection.forgetSilence.mockImplementation(() => {
        connection.known = {};
      });
      const shown = showDetailsDialog(options());
      await waitForDialog();
      await rendered();
      const forget = dialog().querySelector<HTMLElement>(
        '.jp-AiConnectionDetails-forget'
      )!;
      forget.focus();
      forget.click();
      await rendered();
      expect(forget.isConnected).toBe(false);
      expect(document.activeElement!.textContent).toBe('Close');
      press('Close');
      await shown;
    });

    it('does nothing when it is closed', async () => {
      const shown = showDetailsDialog(options());
      await waitForDialog();
      press('Close');
      await shown;
      expect(run).not.toHaveBeenCalled();
    });
  });
});
