import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { ConnectionNotification } from '../notification';
import { FakeConnection } from './fake-connection';

const trans = nullTranslator.load('jupyter_ai_ws');
const away = { state: 'reconnecting', cause: 'network' } as const;

describe('ConnectionNotification', () => {
  let connection: FakeConnection;
  let show: jest.Mock<void, []>;
  let notification: ConnectionNotification;

  const all = () => Notification.manager.notifications;
  const messages = () => all().map(each => each.message);
  const press = (index: number) => {
    const event = new MouseEvent('click', { cancelable: true });
    all()[0].options.actions![index].callback(event);
    return event;
  };

  beforeEach(() => {
    jest.useFakeTimers();
    connection = new FakeConnection();
    show = jest.fn();
    notification = new ConnectionNotification({ connection, trans, show });
  });

  afterEach(() => {
    notification.dispose();
    expect(all()).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  it('says nothing of 200 cuts under 5 s', () => {
    for (let cut = 0; cut < 200; cut++) {
      connection.go(away);
      jest.advanceTimersByTime(4900);
      connection.go();
      jest.advanceTimersByTime(100);
    }
    expect(messages()).toEqual([]);
  });

  it('says after 5 s what happened, and that it is tried again', () => {
    connection.go(away);
    jest.advanceTimersByTime(5000);
    expect(messages()).toEqual([
      'The AI connection was interrupted. It is tried again by itself.'
    ]);
    expect(all()[0].options.autoClose).toBe(false);
  });

  it('stays one, and says what is true now', () => {
    connection.go(away);
    jest.advanceTimersByTime(5000);
    connection.go({ ...away, cause: 'unreachable', attempt: 3 });
    connection.go({ ...away, cause: 'login', question: 'permanent' });
    expect(messages()).toEqual(['Your login has expired.']);
  });

  it('is not touched when nothing new is to be said', () => {
    connection.go(away);
    jest.advanceTimersByTime(5000);
    const { modifiedAt } = all()[0];
    jest.advanceTimersByTime(1000);
    connection.go({ ...away, attempt: 4 });
    expect(all()[0].modifiedAt).toBe(modifiedAt);
  });

  it('goes when the connection is back', () => {
    connection.go(away);
    jest.advanceTimersByTime(5000);
    connection.go();
    expect(messages()).toEqual([]);
  });

  it('does not come back after a person has dismissed it, until the next cut', () => {
    connection.go(away);
    jest.advanceTimersByTime(5000);
    Notification.dismiss(all()[0].id);
    connection.go({ ...away, cause: 'busy' });
    jest.advanceTimersByTime(60_000);
    expect(messages()).toEqual([]);
    connection.go();
    connection.go(away);
    jest.advanceTimersByTime(5000);
    expect(messages()).toHaveLength(1);
  });

  it('does not speak up right after the machine slept', () => {
    connection.go(away);
    const now = jest.spyOn(performance, 'now');
    now.mockReturnValue(performance.now() + 3_600_000);
    jest.advanceTimersByTime(5000);
    expect(messages()).toEqual([]);
    now.mockRestore();
    connection.go();
  });

  it('is silent about sleep, the first connection and a server that never had it', () => {
    connection.go({ state: 'sleeping' });
    jest.advanceTimersByTime(6000);
    connection.go({ state: 'connecting' });
    jest.advanceTimersByTime(6000);
    connection.go({
      state: 'stopped',
      cause: 'missing',
      question: 'permanent'
    });
    jest.advanceTimersByTime(6000);
    expect(messages()).toEqual([]);
  });

  it('reconnects and shows more when told to, and stays meanwhile', () => {
    connection.go(away);
    jest.advanceTimersByTime(5000);
    expect(press(0).defaultPrevented).toBe(true);
    expect(connection.reconnect).toHaveBeenCalledTimes(1);
    expect(press(1).defaultPrevented).toBe(true);
    expect(show).toHaveBeenCalledTimes(1);
  });

  it('says no more than a notification holds', () => {
    for (const cause of ['blocked', 'unreachable', 'session-lost'] as const) {
      connection.go({ ...away, cause });
      jest.advanceTimersByTime(5000);
      expect(messages()[0].length).toBeLessThanOrEqual(140);
    }
  });

  it('may be disposed of twice', () => {
    connection.go(away);
    jest.advanceTimersByTime(5000);
    notification.dispose();
    notification.dispose();
    expect(notification.isDisposed).toBe(true);
  });
});
