import type { ServerConnection } from '@jupyterlab/services';

import { intercept } from '../intercept';
import { guardPage } from '../page';
import type { GuardWindow } from '../page-guard';
import { KEY } from '../page-guard';

const GUARDED = 'ws://localhost/ai/chat';

/** Stands for the browser's own. */
class Native extends EventTarget {
  constructor(readonly url: string) {
    super();
  }

  close(): void {}
}

describe('guardPage', () => {
  let page: GuardWindow;
  const services = (settings: object) =>
    ({
      makeSettings: jest.fn(options => ({ ...settings, ...options }))
    }) as unknown as typeof ServerConnection;

  beforeEach(() => {
    jest.useFakeTimers();
    const guard = { paths: { 'ai/chat': 'Chat' } };
    const jupyterAiWs = JSON.stringify({ guard });
    const textContent = JSON.stringify({ baseUrl: '/', jupyterAiWs });
    page = {
      document: { getElementById: () => ({ textContent }) },
      location: { href: 'http://localhost/lab' },
      WebSocket: Native
    } as unknown as GuardWindow;
  });

  afterEach(() => {
    page[KEY]?.restore();
    jest.useRealTimers();
  });

  it('makes guarded sockets from then on', () => {
    intercept(page);
    const guard = guardPage(page, services({ WebSocket: page.WebSocket }));
    const socket = new page.WebSocket(GUARDED);
    expect(socket).toBeInstanceOf(Native);
    expect(socket.constructor).toBe(page.WebSocket);
    expect(guard.extensions).toEqual([
      {
        name: 'Chat',
        guarded: true,
        switchedOn: true,
        guardedNextTime: true,
        openSockets: 1
      }
    ]);
    expect(guard.WebSocket).toBe(page.WebSocket);
  });

  it('leaves server settings alone that have our constructor already', () => {
    intercept(page);
    const connections = services({ WebSocket: page.WebSocket });
    const { makeSettings } = connections;
    guardPage(page, connections);
    expect(connections.makeSettings).toBe(makeSettings);
  });

  it("gives server settings our constructor that have the browser's own, but not those with another", () => {
    intercept(page);
    const connections = services({ WebSocket: Native, token: 'x' });
    guardPage(page, connections);
    expect(connections.makeSettings().WebSocket).toBe(page.WebSocket);
    const settings = connections.makeSettings({ baseUrl: '/b' });
    expect(settings).toMatchObject({ baseUrl: '/b', token: 'x' });
    const other = class {} as unknown as typeof WebSocket;
    expect(connections.makeSettings({ WebSocket: other }).WebSocket).toBe(
      other
    );
  });

  it('touches nothing where the early part has not run', () => {
    const connections = services({ WebSocket: Native });
    const { makeSettings } = connections;
    const guard = guardPage(page, connections);
    expect(connections.makeSettings).toBe(makeSettings);
    expect(new page.WebSocket(GUARDED)).not.toHaveProperty('binaryType');
    expect(guard.extensions).toEqual([]);
  });

  it('leaves alone what a copy of another version has prepared', () => {
    intercept(page);
    page[KEY] = { ...page[KEY]!, version: 2 as 1 };
    guardPage(page, services({ WebSocket: Native }));
    expect(page[KEY]!.make).toBeNull();
  });

  it('is silent where the page is not understood', () => {
    page = {
      ...page,
      document: { getElementById: () => null }
    } as unknown as GuardWindow;
    expect(guardPage(page, services({})).extensions).toEqual([]);
  });

  it('gives the connection a native socket', () => {
    intercept(page);
    const guard = guardPage(page, services({ WebSocket: page.WebSocket }));
    const settings = { WebSocket: page.WebSocket, token: 'x' };
    expect(guard.unguarded(settings as never)).toEqual({
      WebSocket: Native,
      token: 'x'
    });
    const other = { WebSocket: class {} };
    expect(guard.unguarded(other as never)).toBe(other);
  });
});
