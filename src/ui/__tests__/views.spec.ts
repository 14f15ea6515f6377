import { Dialog, Notification } from '@jupyterlab/apputils';
import type { JupyterFrontEnd } from '@jupyterlab/application';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { reasonToAsk } from '../escalation';
import { ConnectionViews } from '../views';
import { FakeConnection } from './fake-connection';
import { rendered } from './rendered';
import { shareNothing, shareToasts } from './shared-toasts';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('ConnectionViews', () => {
  const asking = {
    state: 'reconnecting',
    cause: 'network',
    question: 'attempts'
  } as const;

  let connection: FakeConnection;
  let commands: CommandRegistry;
  let views: ConnectionViews;
  let anchor: Widget;
  let dirty: Widget[];
  let reload: jest.Mock<void, []>;

  /** Code is loaded when it is needed, and views are drawn some time later. */
  const until = async (holds: () => unknown) => {
    while (!holds()) {
      await rendered();
    }
  };
  const opened = (what: () => Element | null) =>
    until(() => what()?.querySelector('button'));
  const dialog = () => document.querySelector('.jp-Dialog');
  const popup = () => document.querySelector('.jp-StatusBar-HoverItem');
  const labels = (node: Element) =>
    [...node.querySelectorAll('button')].map(each => each.textContent);

  /** Answer the question. */
  const press = async (label: string) => {
    if (!reasonToAsk(connection.status)) {
      connection.go(asking);
    }
    views.show();
    await opened(dialog);
    const buttons = [...dialog()!.querySelectorAll('button')];
    buttons.find(({ textContent }) => textContent === label)!.click();
    await rendered();
  };

  beforeEach(() => {
    const answer = { status: 200 } as Response;
    jest.spyOn(window, 'fetch').mockResolvedValue(answer);
    shareToasts();
    // JSDOM is never idle.
    Object.assign(window, {
      requestIdleCallback: (run: () => void) => setTimeout(run),
      cancelIdleCallback: clearTimeout
    });
    connection = new FakeConnection();
    commands = new CommandRegistry();
    dirty = [];
    reload = jest.fn();
    const shell = { widgets: () => dirty.values() };
    views = new ConnectionViews({
      app: { commands, shell: shell as JupyterFrontEnd.IShell },
      baseUrl: 'http://server/user/',
      connection,
      reload,
      trans
    });
    anchor = new Widget();
    Widget.attach(anchor, document.body);
  });

  afterEach(() => {
    views.dispose();
    anchor.dispose();
    Dialog.flush();
    Notification.dismiss();
    shareNothing();
    jest.restoreAllMocks();
  });

  it('shows details in a popup over the item, and hides them again', async () => {
    views.anchor = anchor;
    views.show();
    await opened(popup);
    expect(labels(popup()!)).toEqual(['Reconnect now']);
    views.show();
    expect(popup()).toBeNull();
  });

  it('shows details in a dialog where there is no item', async () => {
    views.show();
    await opened(dialog);
    expect(labels(dialog()!)).toEqual(['Close', 'Reconnect now']);
  });

  it('offers what the application can do', async () => {
    const add = (id: string) => {
      const execute = jest.fn();
      commands.addCommand(id, { describedBy: { args: {} }, execute });
      return execute;
    };
    const settings = add('settingeditor:open');
    add('jupyter-ai-ws:run-self-test');
    views.anchor = anchor;
    views.show();
    await opened(popup);
    expect(labels(popup()!)).toEqual([
      'Reconnect now',
      'Self-test',
      'Settings'
    ]);
    popup()!.querySelectorAll('button')[2].click();
    expect(settings).toHaveBeenCalledWith({ query: 'AI Connection' });
  });

  it('shows the question instead while there is one', async () => {
    views.anchor = anchor;
    connection.go(asking);
    views.show();
    await opened(dialog);
    expect(labels(dialog()!)).toContain('Refresh page');
    views.show();
    await rendered();
    expect(document.querySelectorAll('.jp-Dialog')).toHaveLength(1);
    expect(popup()).toBeNull();
  });

  it('refreshes when told to', async () => {
    await press('Refresh page');
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('says which documents keep it from refreshing', async () => {
    const context = { path: 'a.ipynb', model: { dirty: true } };
    dirty = [Object.assign(new Widget(), { context })];
    await press('Refresh page');
    expect(reload).not.toHaveBeenCalled();
    const [notice] = Notification.manager.notifications;
    expect(notice.message).toBe(
      'Not refreshed, as these could not be saved: a.ipynb.'
    );
    notice.options.actions![0].callback(new MouseEvent('click'));
    expect(reload).toHaveBeenCalledTimes(1);
  });

  it('does not refresh a page that would be lost', async () => {
    jest.spyOn(window, 'fetch').mockRejectedValue(new TypeError('failed'));
    await press('Refresh page');
    expect(reload).not.toHaveBeenCalled();
    expect(Notification.manager.notifications[0].message).toContain(
      'does not answer'
    );
  });

  it('says no longer that it did not refresh when the connection is back, or when told to again', async () => {
    const notices = () => Notification.manager.notifications.length;
    const refuse = jest.spyOn(window, 'fetch');
    refuse.mockRejectedValue(new TypeError('failed'));
    await press('Refresh page');
    await until(notices);
    await press('Refresh page');
    await until(notices);
    expect(notices()).toBe(1);
    connection.go();
    expect(notices()).toBe(0);
  });

  it('loads what shows notifications while the connection is up, until it is there', async () => {
    const get = jest.fn(() => Promise.reject(new Error('no chunk')));
    shareToasts(get);
    const clock = jest.spyOn(performance, 'now');
    connection.go();
    await until(() => get.mock.calls.length === 1);
    await rendered();
    get.mockResolvedValueOnce(undefined as never);
    clock.mockReturnValue(performance.now() + 10_000);
    connection.go();
    await until(() => get.mock.calls.length === 2);
    connection.go();
    await rendered();
    expect(get).toHaveBeenCalledTimes(2);
  });

  it('opens the login in a new tab', async () => {
    const open = jest.spyOn(window, 'open').mockReturnValue(null);
    connection.go({ ...asking, cause: 'login', question: 'permanent' });
    await press('Log in');
    expect(open).toHaveBeenCalledWith(
      'http://server/user/jupyter-ai-ws/login',
      '_blank'
    );
  });

  it('takes everything down when the connection is back or it is disposed of', async () => {
    connection.go(asking);
    views.show();
    await opened(dialog);
    connection.go();
    await until(() => !dialog());
    connection.go(asking);
    views.show();
    await opened(dialog);
    views.dispose();
    views.dispose();
    await until(() => !dialog());
    expect(views.isDisposed).toBe(true);
  });
});
