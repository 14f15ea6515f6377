/**
 * What other extensions import.
 */
import * as api from '../api';
import { IConnectionViews } from '../ui/tokens';

describe('the package for other extensions', () => {
  it('has the tokens and the errors', () => {
    expect(Object.keys(api).sort()).toEqual([
      'AiWsError',
      'ChannelClosedError',
      'ChannelRefusedError',
      'DiscontinuityError',
      'IAIConnection',
      'IGuard',
      'QueueFullError',
      'RecordTooLargeError',
      'SessionEndedError'
    ]);
  });

  it('is what package.json names, and its plugins are not', () => {
    const { jupyterlab, main, types } = jest.requireActual(
      '../../package.json'
    ) as Record<string, unknown>;
    expect([main, types]).toEqual(['lib/api.js', 'lib/api.d.ts']);
    expect(jupyterlab).toMatchObject({ extension: 'lib/index.js' });
  });

  it('has the same tokens in every copy on the page', () => {
    jest.isolateModules(() => {
      const copy = jest.requireActual('../api') as typeof api;
      const ui = jest.requireActual('../ui/tokens');
      expect(copy.ChannelClosedError).not.toBe(api.ChannelClosedError);
      expect(copy.IAIConnection).toBe(api.IAIConnection);
      expect(copy.IGuard).toBe(api.IGuard);
      expect(ui.IConnectionViews).toBe(IConnectionViews);
    });
  });

  it('does nothing when it is imported', () => {
    jest.isolateModules(() => {
      const { WebSocket } = window;
      const before = Object.getOwnPropertyNames(window);
      jest.requireActual('../api');
      expect(window.WebSocket).toBe(WebSocket);
      expect(Object.getOwnPropertyNames(window)).toEqual(before);
    });
  });
});
