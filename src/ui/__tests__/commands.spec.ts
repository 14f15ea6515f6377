import type { ICommandPalette, IPaletteItem } from '@jupyterlab/apputils';
import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../../command-ids';
import { addCommands } from '../commands';
import { FakeConnection } from './fake-connection';
import { shareNothing, shareToasts } from './shared-toasts';
import type { IConnectionViews } from '../tokens';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('addCommands()', () => {
  let commands: CommandRegistry;
  let connection: FakeConnection;
  let items: IPaletteItem[];
  let views: IConnectionViews;

  const add = (views: IConnectionViews | null, listed = true) => {
    const palette = {
      addItem: (item: IPaletteItem) => items.push(item)
    } as unknown as ICommandPalette;
    addCommands({
      commands,
      connection,
      palette: listed ? palette : null,
      trans,
      views
    });
  };

  beforeEach(() => {
    commands = new CommandRegistry();
    connection = new FakeConnection();
    items = [];
    views = { anchor: null, show: jest.fn() };
  });

  it('names its category in the palette, which shows none', () => {
    add(views);
    expect(items.every(({ category }) => category === 'AI Connection')).toBe(
      true
    );
    expect(commands.label(CommandIDs.runSelfTest)).toBe('Run Self-Test');
    expect(
      items.map(({ command, args }) => commands.label(command, args))
    ).toEqual([
      'AI Connection: Copy Report',
      'AI Connection: Reconnect',
      'AI Connection: Run Self-Test',
      'AI Connection: Show Status'
    ]);
  });

  it('describes every command', async () => {
    add(views);
    for (const id of Object.values(CommandIDs)) {
      expect(commands.caption(id)).toMatch(/\.$/);
      expect(await commands.describedBy(id)).toMatchObject({
        args: { type: 'object' }
      });
    }
  });

  it('reconnects and shows on command', async () => {
    add(views);
    await commands.execute(CommandIDs.reconnect);
    expect(connection.reconnect).toHaveBeenCalledTimes(1);
    await commands.execute(CommandIDs.showStatus);
    expect(views.show).toHaveBeenCalledTimes(1);
  });

  it('says so when the code of the self-test cannot be loaded', async () => {
    jest.doMock('../../self-test/dialog', () => {
      throw new Error('no chunk');
    });
    shareToasts();
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    const error = jest.spyOn(Notification, 'error').mockReturnValue('id');
    add(views);
    await commands.execute(CommandIDs.runSelfTest);
    expect(error.mock.calls[0][0]).toMatch(/cannot be loaded/);
    expect(warn).toHaveBeenCalledTimes(1);
    shareNothing();
    jest.dontMock('../../self-test/dialog');
    jest.restoreAllMocks();
  });

  it('runs one self-test at a time', async () => {
    const showSelfTest = jest.fn(async () => undefined);
    jest.doMock('../../self-test/dialog', () => ({ showSelfTest }));
    add(views);
    const run = () => commands.execute(CommandIDs.runSelfTest);
    await Promise.all([run(), run()]);
    expect(showSelfTest).toHaveBeenCalledTimes(1);
    await run();
    expect(showSelfTest).toHaveBeenCalledTimes(2);
    jest.dontMock('../../self-test/dialog');
  });

  it('needs neither palette nor views', async () => {
    add(null, false);
    expect(commands.isVisible(CommandIDs.showStatus)).toBe(false);
    await commands.execute(CommandIDs.showStatus);
    expect(items).toEqual([]);
  });
});
