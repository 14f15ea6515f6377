/**
 * What is remembered of idle proxies.
 */
import { SilenceMemory } from '../silence-memory';

describe('SilenceMemory', () => {
  afterEach(() => localStorage.clear());

  it('knows nothing at first', () => {
    expect(new SilenceMemory('host').limitMs).toBeNull();
  });

  it('remembers over page loads, for each host alone', () => {
    new SilenceMemory('host:1').limitMs = 5000.4;
    expect(new SilenceMemory('host:1').limitMs).toBe(5000);
    expect(new SilenceMemory('host:2').limitMs).toBeNull();
  });

  it.each(['', 'nonsense', '-5000', '999', 'Infinity', '1e400', '{}'])(
    'takes %p in the storage for nothing',
    value => {
      localStorage.setItem('jupyter-ai-ws:silence-limit-ms:host', value);
      expect(new SilenceMemory('host').limitMs).toBeNull();
    }
  );

  it('leaves alone what another page has found', () => {
    const mine = new SilenceMemory('host');
    new SilenceMemory('host').limitMs = 5000;
    mine.limitMs = null;
    expect(new SilenceMemory('host').limitMs).toBe(5000);
  });

  it('forgets when told to', () => {
    const memory = new SilenceMemory('host');
    memory.limitMs = 5000;
    memory.forget();
    expect(new SilenceMemory('host').limitMs).toBeNull();
  });

  it('does without where storage is forbidden', () => {
    const storage = jest
      .spyOn(window, 'localStorage', 'get')
      .mockImplementation(() => {
        throw new DOMException('Forbidden', 'SecurityError');
      });
    const memory = new SilenceMemory('host');
    expect(() => (memory.limitMs = 5000)).not.toThrow();
    expect(() => memory.forget()).not.toThrow();
    expect(memory.limitMs).toBeNull();
    storage.mockRestore();
  });
});
