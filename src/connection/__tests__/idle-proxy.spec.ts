/**
 * What a page knows of a proxy that cuts silent connections (L7).
 */
import { IdleProxy } from '../idle-proxy';

describe('IdleProxy', () => {
  let proxy: IdleProxy;

  beforeEach(() => {
    proxy = new IdleProxy('host');
  });

  afterEach(() => localStorage.clear());

  /** Two cuts after the same silence name it. */
  function find(silenceMs: number): void {
    proxy.detector.cut(silenceMs);
    proxy.detector.cut(silenceMs);
  }

  it('tells once what was found, and keeps it for later pages', () => {
    expect(proxy.learn()).toBeNull();
    find(6000);
    expect(proxy.learn()).toBe(6000);
    expect(proxy.learn()).toBeNull();
    expect(new IdleProxy('host').detector.silenceLimitMs).toBe(6000);
  });

  it('does not tell what an earlier page has found', () => {
    find(6000);
    proxy.learn();
    expect(new IdleProxy('host').learn()).toBeNull();
  });

  it('keeps nothing in mind where the heartbeat may not be lowered', () => {
    proxy.adapts = false;
    find(6000);
    expect(proxy.learn()).toBeNull();
    expect(proxy.detector.silenceLimitMs).toBeNull();
    expect(new IdleProxy('host').detector.silenceLimitMs).toBeNull();
  });

  it('takes for news what it finds again after it was forgotten', () => {
    find(6000);
    proxy.learn();
    proxy.forget();
    expect(new IdleProxy('host').detector.silenceLimitMs).toBeNull();
    find(6000);
    expect(proxy.learn()).toBe(6000);
  });
});
