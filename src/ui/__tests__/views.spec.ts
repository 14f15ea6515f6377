import { Dialog } from '@jupyterlab/apputils';
import { waitForDialog } from '@jupyterlab/testing';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';
import { Widget } from '@lumino/widgets';

import { ConnectionViews } from '../views';
import { FakeConnection } from './fake-connection';

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

  const rendered = () => new Promise(resolve => setTimeout(resolve, 100));
  const dialog = () => document.querySelector('.jp-Dialog');
  const popup = () => document.querySelector('.jp-StatusBar-HoverItem');
  const labels = (node: Element) =>
    [...node.querySelectorAll('button')].map(each => each.textContent);

  beforeEach(() => {
    connection = new FakeConnection();
    commands = new CommandRegistry();
    views = new ConnectionViews({ connection, commands, trans });
    anchor = new Widget();
    Widget.attach(anchor, document.body);
  });

  afterEach(() => {
    views.dispose();
    anchor.dispose();
    Dialog.flush();
  });

  it('shows details in a popup over the item, and hides them again', async () => {
    views.anchor = anchor;
    views.show();
    await rendered();
    expect(labels(popup()!)).toEqual(['Reconnect now']);
    views.show();
    expect(popup()).toBeNull();
  });

  it('shows details in a dialog where there is no item', async () => {
    views.show();
    await waitForDialog();
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
    await rendered();
    expect(labels(popup()!)).toEqual([
      'Reconnect now',
      'Run self-test',
      'Settings'
    ]);
    popup()!.querySelectorAll('button')[2].click();
    expect(settings).toHaveBeenCalledWith({ query: 'AI Connection' });
  });

  it('shows the question instead while there is one', async () => {
    views.anchor = anchor;
    connection.go(asking);
    await waitForDialog();
    await rendered();
    expect(labels(dialog()!)).toContain('Refresh page');
    views.show();
    await rendered();
    expect(document.querySelectorAll('.jp-Dialog')).toHaveLength(1);
    expect(popup()).toBeNull();
  });

  it('takes everything down when the connection is back or it is disposed of', async () => {
    connection.go(asking);
    await waitForDialog();
    connection.go();
    await rendered();
    expect(dialog()).toBeNull();
    connection.go(asking);
    await waitForDialog();
    views.dispose();
    views.dispose();
    await rendered();
    expect(dialog()).toBeNull();
    expect(views.isDisposed).toBe(true);
  });
});
