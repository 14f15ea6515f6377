import type { ICommandPalette, IPaletteItem } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';
import { CommandRegistry } from '@lumino/commands';

import { CommandIDs } from '../../command-ids';
import { addCommands } from '../commands';
import { FakeConnection } from './fake-connection';
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

  it('needs neither palette nor views', async () => {
    add(null, false);
    expect(commands.isVisible(CommandIDs.showStatus)).toBe(false);
    await commands.execute(CommandIDs.showStatus);
    expect(items).toEqual([]);
  });
});
