/**
 * Sockets and probes: addresses, frames, and silence about what was dropped.
 */
import type { ServerConnection } from '@jupyterlab/services';

import { Transport } from '../transport';
import { FakeSocket } from './support/fake-socket';

const REQUEST = { sid: 'a'.repeat(32), received: 0, serial: 7 };
const ANSWER = { status: 'ok', protocols: ['v1.jupyter-ai-ws'] };

describe('Transport', () => {
  const listener = {
    socketOpened: jest.fn(),
    socketMessage: jest.fn(),
    socketClosed: jest.fn(),
    probeAnswered: jest.fn()
  };

  beforeEach(() => {
    jest.resetAllMocks();
  });

  function make(changes: Partial<ServerConnection.ISettings> = {}): Transport {
    return new Transport(FakeSocket.settings(changes), listener);
  }

  /** Resolves with what the probe is told to be. */
  function probe(fetch: ServerConnection.ISettings['fetch']): Promise<string> {
    return new Promise(resolve => {
      listener.probeAnswered.mockImplementation((id, answer) =>
        resolve(answer)
      );
      make({ fetch }).openProbe(1);
    });
  }

  describe('local', () => {
    it.each([
      ['http://localhost:8888/', true],
      ['http://127.0.0.1/', true],
      ['http://127.8.9.10:80/base/', true],
      ['https://[::1]:8888/', true],
      ['https://hub.example.org/user/a/', false],
      ['http://localhost.example.org/', false],
      ['http://10.0.0.1/', false],
      ['http://[::2]/', false]
    ])('%s: %s', (baseUrl, local) => {
      expect(make({ baseUrl }).local).toBe(local);
    });
  });

  it('tells host and port', () => {
    expect(make().host).toBe('localhost:8888');
  });

  describe('openSocket', () => {
    it('asks below the base URL, with subprotocol and token', () => {
      make().openSocket(1, { ...REQUEST, epoch: 'b'.repeat(16), received: 3 });
      const { protocols, url } = FakeSocket.last;
      expect(url).toBe(
        `ws://localhost:8888/base/url/jupyter-ai-ws/ws?sid=${REQUEST.sid}` +
          `&epoch=${'b'.repeat(16)}&received=3&serial=7&token=sec%20ret`
      );
      expect(protocols).toEqual(['v1.jupyter-ai-ws']);
    });

    it.each([{ appendToken: false }, { token: '' }])(
      'puts no token into the address with %p',
      changes => {
        make(changes).openSocket(1, REQUEST);
        expect(FakeSocket.last.url).not.toContain('token');
      }
    );

    it('takes text as text and binary as bytes', () => {
      make().openSocket(1, REQUEST);
      const { last } = FakeSocket;
      expect(last.binaryType).toBe('arraybuffer');
      last.onmessage?.({ data: 'text' });
      last.onmessage?.({ data: new Uint8Array([1, 2]).buffer });
      expect(listener.socketMessage.mock.calls).toEqual([
        [1, 'text'],
        [1, new Uint8Array([1, 2])]
      ]);
    });

    it('tells the subprotocol and the close code', () => {
      make().openSocket(1, REQUEST);
      FakeSocket.last.welcome();
      FakeSocket.last.cut(1001);
      expect(listener.socketOpened).toHaveBeenCalledWith(1, 'v1.jupyter-ai-ws');
      expect(listener.socketClosed).toHaveBeenCalledWith(1, 1001);
    });

    it('takes a constructor that throws for a socket that failed', async () => {
      const forbidden = jest.fn(() => {
        throw new Error('Refused by the policy');
      });
      const transport = make({
        WebSocket: forbidden as unknown as typeof WebSocket
      });
      transport.openSocket(1, REQUEST);
      expect(listener.socketClosed).not.toHaveBeenCalled();
      await Promise.resolve();
      expect(listener.socketClosed).toHaveBeenCalledWith(1, 1006);
    });

    it('says nothing of a socket that could not be made and was dropped', async () => {
      const transport = make({
        WebSocket: (() => {
          throw new Error('Refused by the policy');
        }) as unknown as typeof WebSocket
      });
      transport.openSocket(1, REQUEST);
      transport.closeSocket(1, 4408, 'too late');
      await Promise.resolve();
      expect(listener.socketClosed).not.toHaveBeenCalled();
    });
  });

  describe('closeSocket', () => {
    it('drops the handlers first and waits for nothing', () => {
      const transport = make();
      transport.openSocket(1, REQUEST);
      const { last } = FakeSocket;
      last.close.mockImplementation(() => {
        expect([last.onopen, last.onmessage, last.onclose]).toEqual([
          null,
          null,
          null
        ]);
      });
      transport.closeSocket(1, 4408, 'no answer in time');
      expect(last.close).toHaveBeenCalledWith(4408, 'no answer in time');
      transport.closeSocket(1, 4408, 'again');
      expect(last.close).toHaveBeenCalledTimes(1);
    });
  });

  describe('write', () => {
    it('swallows frames for a socket that is not open', () => {
      const transport = make();
      transport.openSocket(1, REQUEST);
      transport.write(1, ['early']);
      FakeSocket.last.readyState = 2;
      transport.write(1, ['late']);
      transport.write(2, ['to nobody']);
      expect(FakeSocket.last.send).not.toHaveBeenCalled();
    });

    it('takes a socket whose send throws for one that was lost', async () => {
      const transport = make();
      transport.openSocket(1, REQUEST);
      const { last } = FakeSocket;
      last.readyState = last.OPEN;
      last.send.mockImplementationOnce(() => {
        throw new Error('of the page');
      });
      transport.write(1, ['one', 'two']);
      transport.write(1, ['three']);
      expect(last.send).toHaveBeenCalledTimes(1);
      expect(last.close).toHaveBeenCalled();
      expect(listener.socketClosed).not.toHaveBeenCalled();
      await Promise.resolve();
      expect(listener.socketClosed).toHaveBeenCalledWith(1, 1006);
    });

    type Send = (frame: unknown) => void;

    it.each([
      ['copies bytes for a socket that may keep them', (send: Send) => send, 1],
      // The source of what is bound is told as that of the browser's functions.
      ["leaves that to a browser's socket", (send: Send) => send.bind(null), 0]
    ])('%s', (_, disguise, octet) => {
      const given: unknown[] = [];
      const transport = make();
      transport.openSocket(1, REQUEST);
      const send = disguise(frame => given.push(frame));
      Object.assign(FakeSocket.last, { send, readyState: 1 });
      const frame = Uint8Array.of(1);
      transport.write(1, ['text', frame]);
      frame.fill(0);
      expect(given).toEqual(['text', Uint8Array.of(octet)]);
    });
  });

  describe('openProbe', () => {
    it('asks below the base URL and names what answers', async () => {
      const fetch = jest.fn(async () => new Response(JSON.stringify(ANSWER)));
      expect(await probe(fetch)).toBe('ok');
      const [[request]] = fetch.mock.calls as unknown as [[Request]];
      expect(request.url).toMatch(
        /^http:\/\/localhost:8888\/base\/url\/jupyter-ai-ws\/health\?/
      );
      expect(request.headers.get('Authorization')).toBe('token sec ret');
    });

    it('names a login page', async () => {
      expect(await probe(async () => new Response('<html></html>'))).toBe(
        'login'
      );
    });

    it.each([
      [
        'login',
        'a login takes HEAD, too',
        { status: 0, type: 'opaqueredirect' }
      ],
      ['down', 'a hub on a host of its own does not', { status: 405 }]
    ])(
      'names what is on another origin and may not be read %s: %s',
      async (answer, _, head) => {
        const fetch = jest.fn(async (request: RequestInfo) => {
          const { method, redirect } = request as Request;
          if (redirect === 'follow') {
            throw new TypeError('Failed to fetch');
          }
          return (
            method === 'HEAD' ? head : { status: 0, type: 'opaqueredirect' }
          ) as Response;
        });
        expect(await probe(fetch)).toBe(answer);
        expect(fetch).toHaveBeenCalledTimes(3);
      }
    );

    it('asks no second time when it was dropped', async () => {
      const asked = jest.fn();
      const transport = make({
        fetch: request =>
          new Promise((_, reject) => {
            asked();
            const { signal } = request as Request;
            signal.addEventListener('abort', () => reject(signal.reason));
          })
      });
      transport.openProbe(1);
      transport.dropProbe(1);
      await new Promise(resolve => setTimeout(resolve));
      expect(asked).toHaveBeenCalledTimes(1);
      expect(listener.probeAnswered).not.toHaveBeenCalled();
    });

    it('names a network that fails', async () => {
      expect(await probe(() => Promise.reject(new TypeError('no')))).toBe(
        'unreachable'
      );
    });

    it('names a body that breaks off', async () => {
      const text = () => Promise.reject(new TypeError('broken off'));
      const answer = { status: 200, redirected: false, text };
      expect(await probe(async () => answer as unknown as Response)).toBe(
        'unreachable'
      );
    });

    it('says nothing of a probe that was dropped, and aborts it', async () => {
      let signal!: AbortSignal;
      let answer!: (response: Response) => void;
      const asked = new Promise<Response>(resolve => (answer = resolve));
      const transport = make({
        fetch: request => {
          ({ signal } = request as Request);
          return asked;
        }
      });
      transport.openProbe(1);
      transport.dropProbe(1);
      answer(new Response(JSON.stringify(ANSWER)));
      await asked;
      // As many turns as the answer takes to be read.
      await new Response('').text();
      await new Promise(resolve => setTimeout(resolve));
      expect(signal.aborted).toBe(true);
      expect(listener.probeAnswered).not.toHaveBeenCalled();
    });
  });

  describe('sayBye', () => {
    const send = jest.fn<boolean, [string, URLSearchParams]>();

    beforeEach(() => {
      Object.assign(navigator, { sendBeacon: send });
      document.cookie = '_xsrf=2|abc';
    });

    afterEach(() => {
      document.cookie = '_xsrf=; expires=Thu, 01 Jan 1970 00:00:00 GMT';
      Object.assign(navigator, { sendBeacon: undefined });
    });

    it('posts what names the session, and what lets it in, to the address of the probe', () => {
      make().sayBye({ ...REQUEST, epoch: 'b'.repeat(16) });
      const [[url, form]] = send.mock.calls;
      expect(url).toBe('http://localhost:8888/base/url/jupyter-ai-ws/health');
      expect(Object.fromEntries(form)).toEqual({
        sid: REQUEST.sid,
        epoch: 'b'.repeat(16),
        serial: '7',
        _xsrf: '2|abc',
        token: 'sec ret'
      });
    });

    it('posts no token where there is none', () => {
      make({ token: '' }).sayBye({ ...REQUEST, epoch: 'b'.repeat(16) });
      expect(send.mock.calls[0][1].has('token')).toBe(false);
    });

    it('does without where beacons are not to be had', () => {
      Object.assign(navigator, { sendBeacon: undefined });
      expect(() => make().sayBye(REQUEST)).not.toThrow();
    });
  });
});
