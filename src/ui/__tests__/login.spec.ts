import { logIn } from '../login';
import { FakeConnection } from './fake-connection';

describe('logIn()', () => {
  const away = { state: 'reconnecting', cause: 'login' } as const;

  let connection: FakeConnection;
  let tab: { closed: boolean };
  let open: jest.SpyInstance;

  beforeEach(() => {
    jest.useFakeTimers();
    connection = new FakeConnection();
    connection.go(away);
    tab = { closed: false };
    open = jest.spyOn(window, 'open').mockReturnValue(tab as Window);
  });

  afterEach(() => {
    expect(jest.getTimerCount()).toBe(0);
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('opens the login in a tab of its own', () => {
    logIn({ connection, url: '/login' }).dispose();
    expect(open).toHaveBeenCalledWith('/login', '_blank');
  });

  it('resumes when the tab has gone', () => {
    const wait = logIn({ connection, url: '/login' });
    jest.advanceTimersByTime(60_000);
    expect(connection.reconnect).not.toHaveBeenCalled();
    tab.closed = true;
    jest.advanceTimersByTime(1000);
    expect(connection.reconnect).toHaveBeenCalledTimes(1);
    expect(wait.isDisposed).toBe(true);
  });

  it('waits no more when the connection has found the login itself', () => {
    logIn({ connection, url: '/login' });
    connection.go({});
    jest.advanceTimersByTime(1000);
    tab.closed = true;
    jest.advanceTimersByTime(1000);
    expect(connection.reconnect).not.toHaveBeenCalled();
  });

  it('leaves it to the connection where the browser opens no tab', () => {
    open.mockReturnValue(null);
    expect(logIn({ connection, url: '/login' }).isDisposed).toBe(true);
  });
});
