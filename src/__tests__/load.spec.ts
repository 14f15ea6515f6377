import { loadPatiently } from '../load';

describe('loadPatiently()', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('tries again after a pause that grows, until the code is there', async () => {
    const load = jest.fn(() => Promise.reject(new Error('no chunk')));
    const loaded = loadPatiently<unknown>(load);
    const tries: number[] = [];
    for (const pauseMs of [0, 999, 1, 1999, 1, 3999, 1]) {
      await jest.advanceTimersByTimeAsync(pauseMs);
      tries.push(load.mock.calls.length);
    }
    expect(tries).toEqual([1, 1, 2, 2, 3, 3, 4]);
    load.mockResolvedValue('code' as never);
    await jest.advanceTimersByTimeAsync(8000);
    expect(await loaded).toBe('code');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not try for ever, and says what the last try said', async () => {
    const load = jest.fn(async () => {
      throw new Error(`try ${load.mock.calls.length}`);
    });
    const failed = expect(loadPatiently(load)).rejects.toThrow('try 11');
    await jest.advanceTimersByTimeAsync(17.1 * 60_000);
    await failed;
    expect(jest.getTimerCount()).toBe(0);
  });
});
