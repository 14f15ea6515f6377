import { Notification } from '@jupyterlab/apputils';
import { nullTranslator } from '@jupyterlab/translation';

import { ConnectionNotification } from '../notification';
import { FakeConnection } from './fake-connection';
import { shareNothing, shareToasts } from './shared-toasts';

const trans = nullTranslator.load('jupyter_ai_ws');
const away = { state: 'reconnecting', cause: 'network' } as const;
const login = { ...away, cause: 'login', question: 'permanent' } as const;

describe('ConnectionNotification', () => {
  let connection: FakeConnection;
  let show: jest.Mock<void, []>;
  let logIn: jest.Mock<void, []>;
  let notification: ConnectionNotification;

  const all = () => Notification.manager.notifications;
  const messages = () => all().map(each => each.message);
  const labels = () => all()[0].options.actions!.map(({ label }) => label);
  const press = (index: number) => {
    const event = new MouseEvent('click', { cancelable: true });
    all()[0].options.actions![index].callback(event);
    return event;
  };

  beforeEach(async () => {
    shareToasts();
    connection = new FakeConnection();
    connection.go(away);
    show = jest.fn();
    logIn = jest.fn();
    notification = new ConnectionNotification({
      connection,
      trans,
      show,
      logIn
    });
    await notification.prepare();
  });

  afterEach(() => {
    notification.dispose();
    shareNothing();
    expect(all()).toEqual([]);
  });

  it('says what happened and that it is tried again, and stays', () => {
    notification.show();
    expect(messages()).toEqual([
      'The AI connection was interrupted. It is tried again by itself.'
    ]);
    expect(all()[0].options.autoClose).toBe(false);
  });

  it('stays one, and says what is true now and what to do about it', () => {
    notification.show();
    expect(labels()).toEqual(['Reconnect now', 'Details']);
    connection.go({ ...away, cause: 'unreachable', attempt: 3 });
    notification.show();
    connection.go(login);
    notification.show();
    expect(messages()).toEqual(['Your login has expired.']);
    expect(labels()).toEqual(['Log in', 'Details']);
  });

  it('is not touched when nothing new is to be said', () => {
    notification.show();
    const changed = jest.fn();
    Notification.manager.changed.connect(changed);
    connection.go({ ...away, attempt: 4 });
    notification.show();
    expect(changed).not.toHaveBeenCalled();
    Notification.manager.changed.disconnect(changed);
  });

  it('goes when it is hidden, and comes back', () => {
    notification.show();
    notification.hide();
    expect(messages()).toEqual([]);
    notification.show();
    expect(messages()).toHaveLength(1);
  });

  it('does not come back after a person has dismissed it, until it is reset', () => {
    notification.show();
    Notification.dismiss(all()[0].id);
    connection.go({ ...away, cause: 'busy' });
    notification.show();
    notification.hide();
    notification.show();
    expect(messages()).toEqual([]);
    notification.reset();
    notification.show();
    expect(messages()).toHaveLength(1);
  });

  it('reconnects, logs in and shows more when told to, and stays meanwhile', () => {
    notification.show();
    expect(press(0).defaultPrevented).toBe(true);
    expect(connection.reconnect).toHaveBeenCalledTimes(1);
    expect(press(1).defaultPrevented).toBe(true);
    expect(show).toHaveBeenCalledTimes(1);
    connection.go(login);
    notification.show();
    expect(press(0).defaultPrevented).toBe(true);
    expect(logIn).toHaveBeenCalledTimes(1);
  });

  it.each(['blocked', 'unreachable', 'session-lost', 'incompatible'] as const)(
    'says no more of "%s" than a notification holds',
    cause => {
      connection.go({ ...away, cause });
      notification.show();
      expect(messages()[0].length).toBeLessThanOrEqual(140);
    }
  );

  it('comes when what shows it is there, and is not given before', async () => {
    jest.useFakeTimers();
    const get = jest.fn(() => Promise.reject(new Error('no chunk')));
    shareToasts(get);
    notification = new ConnectionNotification({
      connection,
      trans,
      show,
      logIn
    });
    notification.show();
    await jest.advanceTimersByTimeAsync(9000);
    notification.show();
    expect(messages()).toEqual([]);
    expect(get).toHaveBeenCalledTimes(1);
    get.mockResolvedValueOnce(undefined as never);
    await jest.advanceTimersByTimeAsync(1000);
    notification.show();
    await jest.advanceTimersByTimeAsync(0);
    expect(messages()).toHaveLength(1);
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
  });

  it('does not come when it is hidden before what shows it is there', async () => {
    notification = new ConnectionNotification({
      connection,
      trans,
      show,
      logIn
    });
    notification.show();
    notification.hide();
    expect(await notification.prepare()).toBe(false);
    await Promise.resolve();
    expect(messages()).toEqual([]);
  });

  it('may be disposed of twice, and is told no more', () => {
    notification.show();
    notification.dispose();
    notification.dispose();
    notification.show();
    expect(notification.isDisposed).toBe(true);
    expect(messages()).toEqual([]);
  });
});
