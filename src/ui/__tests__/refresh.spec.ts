import { CommandRegistry } from '@lumino/commands';

import { refreshPage } from '../refresh';

describe('refreshPage()', () => {
  let commands: CommandRegistry;
  let done: string[];

  const reload = () => void done.push('reload');
  const addSave = (execute: () => Promise<void>) =>
    commands.addCommand('docmanager:save-all', {
      describedBy: { args: {} },
      execute
    });

  beforeEach(() => {
    commands = new CommandRegistry();
    done = [];
  });

  it('saves every document, then loads the page anew', async () => {
    addSave(async () => void done.push('save'));
    await refreshPage({ commands, save: true, reload });
    expect(done).toEqual(['save', 'reload']);
  });

  it('does not try to save where that would only fail', async () => {
    addSave(async () => void done.push('save'));
    await refreshPage({ commands, save: false, reload });
    expect(done).toEqual(['reload']);
  });

  it('leaves it to the browser to ask when saving fails', async () => {
    addSave(() => Promise.reject(new Error('disk full')));
    await refreshPage({ commands, save: true, reload });
    expect(done).toEqual(['reload']);
  });

  it('does not need documents', async () => {
    await refreshPage({ commands, save: true, reload });
    expect(done).toEqual(['reload']);
  });

  it('does not wait for ever', async () => {
    jest.useFakeTimers();
    addSave(() => new Promise(() => undefined));
    const refreshed = refreshPage({ commands, save: true, reload });
    await jest.advanceTimersByTimeAsync(10_000);
    await refreshed;
    expect(done).toEqual(['reload']);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });
});
