import { nullTranslator } from '@jupyterlab/translation';

import { StatusModel } from '../model';
import { FakeConnection } from './fake-connection';

const trans = nullTranslator.load('jupyter_ai_ws');

describe('StatusModel', () => {
  let connection: FakeConnection;
  let model: StatusModel;
  let changes: number;

  beforeEach(() => {
    jest.useFakeTimers();
    connection = new FakeConnection();
    model = new StatusModel({ connection, trans });
    changes = 0;
    model.stateChanged.connect(() => {
      changes++;
    });
  });

  afterEach(() => {
    model.dispose();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  const away = { state: 'reconnecting', cause: 'network' } as const;

  it('has no timer and emits nothing while connected', () => {
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(3_600_000);
    expect(changes).toBe(0);
  });

  it('emits nothing when a change of the status changes no words', () => {
    connection.go({ cutMs: 7 });
    connection.go({ maxAttempts: 9 });
    expect(changes).toBe(0);
  });

  it('follows the connection at once', () => {
    connection.go(away);
    expect(model.words.kind).toBe('reconnecting');
    connection.go();
    expect(model.words.kind).toBe('connected');
    expect(changes).toBe(2);
  });

  it('counts down second by second and then stops', () => {
    connection.go({ ...away, nextTryMs: performance.now() + 3000 });
    const seen = [model.words.countdownS];
    model.stateChanged.connect(() => {
      seen.push(model.words.countdownS);
    });
    jest.advanceTimersByTime(4000);
    expect(seen).toEqual([3, 2, 1, 0]);
  });

  it('counts truly when a timer is late', () => {
    connection.go({ ...away, nextTryMs: performance.now() + 30_000 });
    jest.setSystemTime(Date.now() + 3_600_000);
    const now = jest.spyOn(performance, 'now');
    now.mockReturnValue(performance.now() + 10_000);
    jest.advanceTimersToNextTimer();
    expect(model.words.countdownS).toBe(20);
  });

  it('does not count in a hidden page, and is right when it is shown', () => {
    const hidden = jest.spyOn(document, 'hidden', 'get').mockReturnValue(true);
    connection.go({ ...away, nextTryMs: performance.now() + 9000 });
    changes = 0;
    jest.advanceTimersByTime(4500);
    expect(changes).toBe(0);
    hidden.mockReturnValue(false);
    document.dispatchEvent(new Event('visibilitychange'));
    expect(model.words.countdownS).toBe(5);
  });

  it('looks again when the browser says that the network went or came', () => {
    const onLine = jest.spyOn(navigator, 'onLine', 'get');
    connection.go({ state: 'reconnecting', cause: 'unreachable' });
    onLine.mockReturnValue(false);
    window.dispatchEvent(new Event('offline'));
    expect(model.words.kind).toBe('offline');
    onLine.mockReturnValue(true);
    window.dispatchEvent(new Event('online'));
    expect(model.words.kind).toBe('reconnecting');
  });

  describe('#announcement', () => {
    it('is silent about a cut that heals within 5 s', () => {
      connection.go(away);
      jest.advanceTimersByTime(4900);
      connection.go();
      jest.advanceTimersByTime(60_000);
      expect(model.announcement).toBe('');
    });

    it('tells of trouble once, and of its end', () => {
      connection.go(away);
      jest.advanceTimersByTime(6500);
      expect(model.announcement).toBe('AI connection: reconnecting');
      connection.go({ ...away, attempt: 1 });
      connection.go({ ...away, attempt: 2, cause: 'busy' });
      jest.advanceTimersByTime(10_000);
      expect(model.announcement).toBe('AI connection: reconnecting');
      connection.go();
      expect(model.announcement).toBe('AI connection: reconnecting');
      jest.advanceTimersByTime(1000);
      expect(model.announcement).toBe('AI connection: connected');
    });

    it('does not repeat what the dialog has said', () => {
      connection.go(away);
      jest.advanceTimersByTime(6500);
      document.body.innerHTML = '<div class="jp-AiConnectionQuestion"></div>';
      connection.go({ ...away, question: 'attempts' });
      jest.advanceTimersByTime(10_000);
      document.body.innerHTML = '';
      expect(model.announcement).toBe('AI connection: reconnecting');
      connection.go();
      jest.advanceTimersByTime(1000);
      expect(model.announcement).toBe('AI connection: connected');
    });

    it('is silent about sleep and about a server that never had it', () => {
      connection.go({ state: 'sleeping' });
      jest.advanceTimersByTime(10_000);
      connection.go({ state: 'stopped', cause: 'missing' });
      jest.advanceTimersByTime(10_000);
      expect(model.announcement).toBe('');
    });
  });

  it('is silent after disposal, and may be disposed of twice', () => {
    connection.go({ ...away, nextTryMs: performance.now() + 3000 });
    changes = 0;
    model.dispose();
    model.dispose();
    connection.go();
    window.dispatchEvent(new Event('offline'));
    document.dispatchEvent(new Event('visibilitychange'));
    expect(changes).toBe(0);
  });
});
