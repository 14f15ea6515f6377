import { PromiseDelegate } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';

import { LazyViews } from '../lazy-views';
import type { IConnectionViews } from '../tokens';

describe('LazyViews', () => {
  let inner: { anchor: Widget | null; show: jest.Mock<void, []> };
  let loaded: PromiseDelegate<IConnectionViews>;
  let load: jest.Mock<Promise<IConnectionViews>, []>;

  const settle = () => new Promise(resolve => setTimeout(resolve));

  beforeEach(() => {
    inner = { anchor: null, show: jest.fn() };
    loaded = new PromiseDelegate();
    load = jest.fn(() => loaded.promise);
  });

  it('loads the views at once, and only once', async () => {
    const views = new LazyViews(load);
    loaded.resolve(inner);
    await settle();
    views.show();
    views.show();
    await settle();
    expect(load).toHaveBeenCalledTimes(1);
    expect(inner.show).toHaveBeenCalledTimes(2);
  });

  it('shows what was asked for while it was loading', async () => {
    const views = new LazyViews(load);
    views.show();
    expect(inner.show).not.toHaveBeenCalled();
    loaded.resolve(inner);
    await settle();
    expect(inner.show).toHaveBeenCalledTimes(1);
  });

  it('passes the anchor on, whenever it comes', async () => {
    const early = new Widget();
    const late = new Widget();
    const views = new LazyViews(load);
    views.anchor = early;
    expect(views.anchor).toBe(early);
    loaded.resolve(inner);
    await settle();
    expect(inner.anchor).toBe(early);
    views.anchor = late;
    expect(inner.anchor).toBe(late);
    early.dispose();
    late.dispose();
  });

  it('tries again when asked after loading has failed', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    load.mockRejectedValueOnce(new Error('no chunk'));
    load.mockRejectedValueOnce(new Error('no chunk'));
    const views = new LazyViews(load);
    await settle();
    expect(warn).not.toHaveBeenCalled();
    views.show();
    await settle();
    expect(warn).toHaveBeenCalledTimes(1);
    views.show();
    loaded.resolve(inner);
    await settle();
    expect(inner.show).toHaveBeenCalledTimes(1);
    warn.mockRestore();
  });
});
