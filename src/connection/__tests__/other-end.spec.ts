/**
 * The connection over real sockets, against the core's server end.
 */
import { AIConnection } from '..';
import { DEFAULT_SETTINGS } from '../../settings/__tests__/defaults';
import { AcceptorServer } from './support/acceptor-server';
import { records, roundTrip, until } from './support/wait';

describe('AIConnection against the other end', () => {
  let connection: AIConnection;
  let server: AcceptorServer;

  beforeEach(async () => {
    server = await AcceptorServer.start();
    connection = new AIConnection({
      serverSettings: server.settings(),
      settings: { ...DEFAULT_SETTINGS, baseDelayMs: 10, delayCapMs: 50 }
    });
    connection.start();
  });

  afterEach(async () => {
    connection.dispose();
    await server.stop();
  });

  it('resumes the session after a cut and loses nothing', async () => {
    const channel = connection.open('echo');
    await roundTrip(channel);
    const back = records(channel, 2);
    channel.send('before');
    server.cut();
    channel.send('after');
    expect(await back).toEqual(['before', 'after']);
    await until(connection, 'connected');
    const { resumes, discontinuities, connectedSince } =
      connection.diagnostics();
    expect({ resumes, discontinuities }).toEqual({
      resumes: 1,
      discontinuities: 0
    });
    expect(connectedSince).not.toBeNull();
  });

  it('comes back by the probe when the server was away', async () => {
    await until(connection, 'connected');
    server.up = false;
    server.cut();
    await server.until(() => server.requests.slice(-1)[0].includes('health'));
    server.up = true;
    await until(connection, 'connected');
    expect(connection.diagnostics().resumes).toBe(1);
  });

  it('lists channels from open to end, and tells each change', async () => {
    const changed = jest.fn();
    connection.channelsChanged.connect(changed);
    const first = connection.open('plain');
    const second = connection.open('plain');
    expect(connection.channels).toEqual([first, second]);
    first.close();
    await first.closed;
    expect(connection.channels).toEqual([second]);
    expect(changed).toHaveBeenCalledTimes(3);
  });

  it('says bye, so that the server lets the session go', async () => {
    await until(connection, 'connected');
    connection.dispose();
    await server.until(() => server.closes.length === 1);
    expect(server.frames.slice(-1)).toEqual(['{"type":"bye"}']);
    expect(server.closes).toEqual([1000]);
  });
});
