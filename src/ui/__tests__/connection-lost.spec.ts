import type { ISettingRegistry } from '@jupyterlab/settingregistry';

import type { IConnectionStatus } from '../../tokens';
import type { ILossOptions } from '../connection-lost';
import { handlerOfLoss } from '../connection-lost';
import { FakeConnection } from './fake-connection';

describe('handlerOfLoss()', () => {
  let connection: FakeConnection;
  let otherwise: jest.Mock<Promise<void>, unknown[]>;
  let now: jest.SpyInstance;

  const failure = [{}, new TypeError('failed')] as unknown as Parameters<
    ILossOptions['otherwise']
  >;
  const handler = (changes: Partial<ILossOptions> = {}) =>
    handlerOfLoss({
      connection,
      otherwise,
      registry: null,
      id: 'jupyter-ai-ws:plugin',
      ...changes
    });
  const registryWith = (load: () => Promise<unknown>) =>
    ({ load }) as unknown as ISettingRegistry;

  beforeEach(() => {
    connection = new FakeConnection();
    connection.known = { connectedSince: 5 };
    otherwise = jest.fn(async () => undefined);
    now = jest.spyOn(performance, 'now').mockReturnValue(1000);
  });

  afterEach(() => jest.restoreAllMocks());

  it.each<Partial<IConnectionStatus>>([
    { state: 'reconnecting', cause: 'unreachable' },
    { state: 'connecting' },
    { state: 'sleeping' },
    { state: 'stopped', cause: 'unreachable', question: 'attempts' },
    { state: 'connected' }
  ])('leaves it to the ladder while %j', async changes => {
    connection.go(changes);
    await handler()(...failure);
    expect(otherwise).not.toHaveBeenCalled();
  });

  it.each<Partial<IConnectionStatus>>([
    { state: 'stopped', cause: 'missing' },
    { state: 'stopped', cause: 'missing', question: 'permanent' },
    { state: 'disposed' }
  ])('leaves it to JupyterLab while %j', async changes => {
    connection.go(changes);
    await handler()(...failure);
    expect(otherwise.mock.calls).toEqual([failure]);
  });

  it('leaves it to JupyterLab where there is no connection', async () => {
    await handler({ connection: null })(...failure);
    expect(otherwise).toHaveBeenCalledTimes(1);
  });

  it('leaves it to JupyterLab when requests fail again while the connection is up', async () => {
    const handle = handler();
    await handle(...failure);
    now.mockReturnValue(6000);
    await handle(...failure);
    expect(otherwise).not.toHaveBeenCalled();
    now.mockReturnValue(6001);
    await handle(...failure);
    expect(otherwise).toHaveBeenCalledTimes(1);
    connection.known = { connectedSince: 7 };
    await handle(...failure);
    expect(otherwise).toHaveBeenCalledTimes(1);
  });

  it('leaves it to JupyterLab where the settings say so', async () => {
    connection.go({ state: 'reconnecting' });
    const composite = { replaceServerErrorDialog: false };
    const registry = registryWith(async () => ({ composite }));
    await handler({ registry })(...failure);
    expect(otherwise).toHaveBeenCalledTimes(1);
  });

  it('takes the default where the settings cannot be had', async () => {
    connection.go({ state: 'reconnecting' });
    const registry = registryWith(() => Promise.reject(new Error('no server')));
    await handler({ registry })(...failure);
    expect(otherwise).not.toHaveBeenCalled();
  });
});
