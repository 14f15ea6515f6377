import type { IStatusBar } from '@jupyterlab/statusbar';
import { nullTranslator } from '@jupyterlab/translation';
import { DisposableDelegate } from '@lumino/disposable';
import { Widget } from '@lumino/widgets';

import { addStatusItem } from '../status-item';
import type { IConnectionViews } from '../tokens';
import { FakeConnection } from './fake-connection';
import { rendered } from './rendered';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('addStatusItem()', () => {
  let connection: FakeConnection;
  let views: IConnectionViews;
  let registered: [string, IStatusBar.IItem][];

  const add = async (views: IConnectionViews | null) => {
    const statusBar: IStatusBar = {
      registerStatusItem: (id, item) => {
        registered.push([id, item]);
        return new DisposableDelegate(() => item.item.dispose());
      }
    };
    const id = 'jupyter-ai-ws:status';
    const place = addStatusItem({ connection, id, statusBar, trans, views });
    const { item } = registered[0][1];
    Widget.attach(item, document.body);
    await rendered();
    item.node.querySelector<HTMLElement>('[role="button"]')!.click();
    place.dispose();
    return item;
  };

  beforeEach(() => {
    connection = new FakeConnection();
    views = { anchor: null, show: jest.fn() };
    registered = [];
  });

  it('stays visible where the window is narrow', async () => {
    await add(views);
    const [id, options] = registered[0];
    expect(id).toBe('jupyter-ai-ws:status');
    expect(options).toMatchObject({ align: 'right', priority: 1 });
  });

  it('shows more on a click, over the item', async () => {
    const item = await add(views);
    expect(views.anchor).toBe(item);
    expect(views.show).toHaveBeenCalledTimes(1);
    expect(item.isDisposed).toBe(true);
  });

  it('reconnects on a click where there is nothing to show more', async () => {
    await add(null);
    expect(connection.reconnect).toHaveBeenCalledTimes(1);
  });
});
