import { CommandRegistry } from '@lumino/commands';

import type { IRefreshOptions } from '../refresh';
import { isPageReachable, refreshPage } from '../refresh';

describe('refreshPage()', () => {
  let commands: CommandRegistry;
  let done: string[];
  let dirty: string[];

  const refresh = (options: Partial<IRefreshOptions> = {}) =>
    refreshPage({
      commands,
      save: true,
      isReachable: async () => true,
      unsaved: () => dirty,
      reload: () => void done.push('reload'),
      ...options
    });

  const addSave = (execute: () => Promise<void>) =>
    commands.addCommand('docmanager:save-all', {
      describedBy: { args: {} },
      execute
    });

  const save = async () => {
    done.push('save');
    dirty = [];
  };

  beforeEach(() => {
    commands = new CommandRegistry();
    done = [];
    dirty = ['a.ipynb'];
  });

  it('saves every document, then loads the page anew', async () => {
    addSave(save);
    expect(await refresh()).toBe('reloading');
    expect(done).toEqual(['save', 'reload']);
  });

  it('saves nothing where nothing is to be saved', async () => {
    addSave(save);
    dirty = [];
    expect(await refresh()).toBe('reloading');
    expect(done).toEqual(['reload']);
  });

  it('does not refresh when saving fails', async () => {
    addSave(() => Promise.reject(new Error('disk full')));
    expect(await refresh()).toBe('unsaved');
    expect(done).toEqual([]);
  });

  it('does not even try to save where that would only fail', async () => {
    addSave(save);
    expect(await refresh({ save: false })).toBe('unsaved');
    expect(done).toEqual([]);
  });

  it('does not refresh when the page would be lost', async () => {
    addSave(save);
    const outcome = await refresh({ isReachable: async () => false });
    expect(outcome).toBe('unreachable');
    expect(done).toEqual([]);
  });

  it('does not need documents', async () => {
    dirty = [];
    expect(await refresh()).toBe('reloading');
  });

  it.each<[string, Partial<IRefreshOptions>]>([
    ['unsaved', {}],
    ['unreachable', { isReachable: () => new Promise(() => undefined) }]
  ])('does not wait for ever: %s', async (outcome, options) => {
    jest.useFakeTimers();
    addSave(() => new Promise(() => undefined));
    const refreshed = refresh(options);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(await refreshed).toBe(outcome);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });
});

describe('isPageReachable()', () => {
  afterEach(() => jest.restoreAllMocks());

  it.each([
    [200, true],
    [403, true],
    [424, true],
    [502, false],
    [504, false]
  ])('takes status %d for %s', async (status, reachable) => {
    jest.spyOn(window, 'fetch').mockResolvedValue({ status } as Response);
    expect(await isPageReachable('/lab')).toBe(reachable);
  });

  it('is true where it leads to a login on another origin, which may not be read', async () => {
    const fetch = jest.spyOn(window, 'fetch');
    fetch.mockImplementation(async (_, init) => {
      if (init?.redirect === 'manual') {
        return { status: 0, type: 'opaqueredirect' } as Response;
      }
      throw new TypeError('Failed to fetch');
    });
    expect(await isPageReachable('/lab')).toBe(true);
  });

  it('is false where nothing answers', async () => {
    jest.spyOn(window, 'fetch').mockRejectedValue(new TypeError('failed'));
    expect(await isPageReachable('/lab')).toBe(false);
  });
});
