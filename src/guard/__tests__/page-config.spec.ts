import { nameOf, readConfig } from '../page-config';

const LOCATION = 'https://hub.example:8443/user/one/lab?reset';

/** A page of JupyterLab with the server half, but for what is given. */
function page(changes: Record<string, unknown> = {}): string {
  const guard = { paths: { 'ai/chat': 'Chat', 'ai/rooms/': 'Rooms' } };
  return JSON.stringify({
    baseUrl: '/user/one/',
    wsUrl: '',
    jupyterAiWs: JSON.stringify({ protocols: [], guard }),
    ...changes
  });
}

describe('readConfig', () => {
  it('takes the server from the base URL where no other address is given', () => {
    const config = readConfig(page(), LOCATION)!;
    expect(config.server.href).toBe('wss://hub.example:8443/user/one/');
    expect(config.paths).toEqual({ 'ai/chat': 'Chat', 'ai/rooms/': 'Rooms' });
  });

  it('takes the server from the address of its sockets where one is given', () => {
    const wsUrl = 'ws://other.example/base/';
    const config = readConfig(page({ wsUrl }), LOCATION)!;
    expect(config.server.href).toBe(wsUrl);
  });

  it.each([
    ['the server half is absent', { jupyterAiWs: undefined }],
    ['the server half is empty', { jupyterAiWs: '' }],
    ['the server half is too old', { jupyterAiWs: '{"protocols": []}' }],
    ['the guard is switched off', { jupyterAiWs: '{"guard": null}' }],
    ['the list is none', { jupyterAiWs: '{"guard": {"paths": 5}}' }],
    ['the package is disabled', { disabledExtensions: ['jupyter-ai-ws'] }],
    [
      'the plugin is disabled',
      { disabledExtensions: ['other', 'jupyter-ai-ws:guard'] }
    ],
    [
      'the connection is disabled',
      { disabledExtensions: ['jupyter-ai-ws:connection'] }
    ]
  ])('guards nothing where %s', (_, changes) => {
    expect(readConfig(page(changes), LOCATION)).toBeNull();
  });

  it.each([
    ['the page', '<html>'],
    ['what the server half said', page({ jupyterAiWs: 'yes' })]
  ])('throws where %s is not understood', (_, text) => {
    expect(() => readConfig(text, LOCATION)).toThrow(SyntaxError);
  });
});

describe('nameOf', () => {
  const config = readConfig(page(), LOCATION)!;
  const base = 'wss://hub.example:8443/user/one/';

  it.each([
    [`${base}ai/chat`, 'Chat'],
    [`${base}ai/chat?token=1&x=/ai/rooms/1`, 'Chat'],
    [`${base}ai/rooms/one`, 'Rooms'],
    [`${base}ai/rooms/one/two%20three`, 'Rooms'],
    ['WSS://HUB.example:8443/user/one/ai/chat', 'Chat']
  ])('knows %s', (url, name) => {
    expect(nameOf(new URL(url), config)).toBe(name);
  });

  it.each([
    ['another path', `${base}api/kernels/1/channels`],
    ['a longer path than an exact one', `${base}ai/chat/1`],
    ['a prefix with nothing behind it', `${base}ai/rooms/`],
    ['another case', `${base}ai/Chat`],
    ['an encoded path', `${base}ai%2Fchat`],
    ['dots that lead elsewhere', `${base}ai/rooms/../chat/x`],
    ['another scheme', 'ws://hub.example:8443/user/one/ai/chat'],
    ['another host', 'wss://other.example:8443/user/one/ai/chat'],
    ['another port', 'wss://hub.example/user/one/ai/chat'],
    ['another base path', 'wss://hub.example:8443/user/two/ai/chat'],
    ['no base path', 'wss://hub.example:8443/ai/chat'],
    ['credentials in it', 'wss://me:you@hub.example:8443/user/one/ai/chat']
  ])('leaves alone an address with %s', (_, url) => {
    expect(nameOf(new URL(url), config)).toBeNull();
  });

  it('guards nothing below a base path that only begins alike', () => {
    const text = page({ baseUrl: '/user/one' });
    const other = readConfig(text, LOCATION)!;
    const url = new URL('wss://hub.example:8443/user/oneself/ai/chat');
    expect(nameOf(url, other)).toBeNull();
    expect(nameOf(new URL(`${base}ai/chat`), other)).toBe('Chat');
  });
});
