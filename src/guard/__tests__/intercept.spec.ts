import { intercept } from '../intercept';
import type { GuardWindow, Make } from '../page-guard';
import { KEY } from '../page-guard';

/** Stands for the browser's own; notes how it was made. */
class Native {
  static readonly OPEN = 1;
  static readonly made: unknown[][] = [];

  constructor(...given: unknown[]) {
    if (`${given[0]}` === 'wrong') {
      throw new SyntaxError('wrong address');
    }
    Native.made.push(given);
  }

  send(): void {}
}

const GUARDED = 'ws://localhost:8888/base/ai/chat';

function pageOf(config: unknown): GuardWindow {
  const textContent =
    typeof config === 'string' ? config : JSON.stringify(config);
  return {
    document: {
      baseURI: 'http://localhost:8888/base/lab',
      getElementById: () => ({ textContent })
    },
    location: { href: 'http://localhost:8888/base/lab' },
    WebSocket: Native
  } as unknown as GuardWindow;
}

function guardedPage(): GuardWindow {
  const guard = { paths: { 'ai/chat': 'Chat', 'ai/other': 'Other' } };
  const jupyterAiWs = JSON.stringify({ guard });
  return pageOf({ baseUrl: '/base/', jupyterAiWs });
}

describe('intercept', () => {
  let page: GuardWindow;
  const make = jest.fn<WebSocket, Parameters<Make>>();

  beforeEach(() => {
    Native.made.length = 0;
    make.mockReset().mockReturnValue({} as WebSocket);
    window.localStorage.clear();
    page = guardedPage();
    intercept(page);
    page[KEY]!.make = make;
  });

  afterEach(() => {
    page[KEY]?.restore();
    jest.restoreAllMocks();
  });

  it('hands a guarded address to the guard', () => {
    new page.WebSocket(GUARDED, ['a', 'b']);
    expect(make).toHaveBeenCalledWith(new URL(GUARDED), ['a', 'b'], 'Chat');
    expect(Native.made).toEqual([]);
  });

  it.each([
    ['nothing', undefined, []],
    ['one', 'a', ['a']],
    ['a set', new Set(['a', 'b']), ['a', 'b']],
    ['what is no string', [1, { toString: () => 'x' }], ['1', 'x']],
    ['null, as the browser does,', null, ['null']],
    [
      'an object that is no sequence',
      { [Symbol.iterator]: null, toString: (): string => 'x' },
      ['x']
    ]
  ])('takes %s for the subprotocols', (_, given, protocols) => {
    new page.WebSocket(GUARDED, given as string[]);
    expect(make.mock.calls[0][1]).toEqual(protocols);
  });

  it.each([
    ['is no string', new URL(GUARDED)],
    ['begins with a slash', '/base/ai/chat'],
    ['is relative to the page', 'ai/chat'],
    ['names HTTP', GUARDED.replace('ws', 'http')],
    ['has spaces around it', ` ${GUARDED}\n`]
  ])('takes an address that %s', (_, address) => {
    new page.WebSocket(address);
    expect(make).toHaveBeenCalledWith(new URL(GUARDED), [], 'Chat');
  });

  it.each([
    ['an address elsewhere', ['ws://localhost:8888/base/api/kernels/1']],
    ['an address that leads elsewhere from the page', ['/ai/chat']],
    ['an address of HTTPS', [GUARDED.replace('ws', 'https')]],
    ['an address of another kind', ['data:ai/chat']],
    ['an empty address', ['']],
    ['a fragment', [`${GUARDED}#part`]],
    ['an empty fragment', [`${GUARDED}#`]],
    ['a subprotocol twice', [GUARDED, ['a', 'A']]],
    ['a subprotocol that is no token', [GUARDED, ['a b']]],
    ['an empty subprotocol', [GUARDED, '']],
    ['no argument', []]
  ])('leaves %s to the browser', (_, given) => {
    Reflect.construct(page.WebSocket, given);
    expect(make).not.toHaveBeenCalled();
    expect(Native.made).toHaveLength(1);
    expect(Native.made[0]).toHaveLength(given.length);
  });

  it('lets the browser judge what cannot be converted', () => {
    expect(() => Reflect.construct(page.WebSocket, [Symbol('x')])).toThrow(
      TypeError
    );
    expect(() => new page.WebSocket('wrong')).toThrow(SyntaxError);
    expect(page.WebSocket).toBe(page[KEY]!.guarded);
  });

  it('converts an address once', () => {
    const toString = jest.fn(() => 'ws://localhost:8888/base/else');
    Reflect.construct(page.WebSocket, [{ toString }]);
    expect(toString).toHaveBeenCalledTimes(1);
    expect(Native.made).toEqual([['ws://localhost:8888/base/else']]);
  });

  it('throws what foreign code throws, and runs it once', () => {
    const wrong = jest.fn(() => {
      throw new RangeError('foreign');
    });
    const sequence = function* (): Generator<string> {
      yield 'a';
      wrong();
    };
    for (const given of [
      [{ toString: wrong }],
      [GUARDED, sequence()],
      [GUARDED, [{ toString: wrong }]],
      [GUARDED, { [Symbol.iterator]: wrong }]
    ]) {
      wrong.mockClear();
      expect(() => Reflect.construct(page.WebSocket, given)).toThrow(
        RangeError
      );
      expect(wrong).toHaveBeenCalledTimes(1);
    }
    expect(Native.made).toEqual([]);
    expect(make).not.toHaveBeenCalled();
  });

  it('leaves a subprotocol that is a symbol to the browser', () => {
    const protocols = ['a', Symbol('b')];
    Reflect.construct(page.WebSocket, [GUARDED, protocols]);
    expect(make).not.toHaveBeenCalled();
    expect(Native.made).toEqual([[GUARDED, protocols]]);
  });

  it('asks a sequence of subprotocols for no more than the browser does', () => {
    const asked: string[] = [];
    const sequence = {
      get [Symbol.iterator]() {
        asked.push('iterator');
        return function* () {
          for (;;) {
            if (asked.length > 9) {
              throw new Error('it never ends');
            }
            asked.push('next');
            yield Symbol('a');
          }
        };
      }
    };
    Reflect.construct(page.WebSocket, [GUARDED, sequence]);
    expect(asked).toEqual(['iterator', 'next']);
    expect(Native.made).toEqual([[GUARDED, [expect.any(Symbol)]]]);
  });

  it('makes native sockets of a subclass', () => {
    class Mine extends page.WebSocket {}
    expect(new Mine(GUARDED)).toBeInstanceOf(Mine);
    expect(make).not.toHaveBeenCalled();
    expect(Native.made).toEqual([[GUARDED]]);
  });

  it('looks like the class it stands for', () => {
    const socket = new page.WebSocket('ws://elsewhere/');
    expect(page.WebSocket.name).toBe('Native');
    expect(page.WebSocket.OPEN).toBe(1);
    expect(page.WebSocket.prototype).toBe(Native.prototype);
    expect(socket).toBeInstanceOf(page.WebSocket);
    expect(socket.constructor).toBe(page.WebSocket);
    expect(() => Reflect.apply(page.WebSocket, undefined, [])).toThrow(
      TypeError
    );
  });

  it('makes native sockets until the rest of the guard is there', () => {
    page[KEY]!.make = null;
    new page.WebSocket(GUARDED);
    expect(Native.made).toEqual([[GUARDED, []]]);
  });

  it("puts the browser's own back when the guard fails", () => {
    const error = jest.spyOn(console, 'error').mockReturnValue();
    make.mockImplementation(() => {
      throw new Error('broken');
    });
    const kept = page.WebSocket;
    new page.WebSocket(GUARDED);
    new kept(GUARDED);
    expect(Native.made).toHaveLength(2);
    expect(make).toHaveBeenCalledTimes(1);
    expect(error).toHaveBeenCalledTimes(1);
    expect(page.WebSocket).toBe(Native);
    expect(Native.prototype.constructor).toBe(Native);
  });

  it('never stacks two copies', () => {
    const { WebSocket } = page;
    intercept(page);
    expect(page.WebSocket).toBe(WebSocket);
  });

  it('makes native sockets for an extension that the user has switched off', () => {
    window.localStorage.setItem('jupyter-ai-ws:guard-off:/base/', '["Chat"]');
    const other = guardedPage();
    intercept(other);
    other[KEY]!.make = make;
    new other.WebSocket(GUARDED);
    expect(Native.made).toHaveLength(1);
    new other.WebSocket(GUARDED.replace('chat', 'other'));
    expect(make).toHaveBeenCalledTimes(1);
    other[KEY]!.restore();
  });

  it('does nothing where the user has switched all off', () => {
    window.localStorage.setItem('jupyter-ai-ws:guard-off:/base/', '["*"]');
    const other = guardedPage();
    intercept(other);
    expect(other[KEY]).toBeUndefined();
    expect(other.WebSocket).toBe(Native);
  });

  it('guards where the browser keeps nothing', () => {
    jest.spyOn(Storage.prototype, 'getItem').mockImplementation(() => {
      throw new DOMException('no', 'SecurityError');
    });
    const other = guardedPage();
    intercept(other);
    expect(other.WebSocket).not.toBe(Native);
    other[KEY]!.restore();
  });

  it.each([
    ['there is nothing to guard', { baseUrl: '/' }],
    ['the page has no configuration', '']
  ])('does nothing where %s', (_, config) => {
    const other = pageOf(config);
    intercept(other);
    expect(other[KEY]).toBeUndefined();
    expect(other.WebSocket).toBe(Native);
  });

  it('leaves a page as it was where the constructor cannot be replaced', () => {
    const other = guardedPage();
    Object.defineProperty(other, 'WebSocket', {
      value: Native,
      writable: false
    });
    expect(() => intercept(other)).toThrow(TypeError);
    expect(KEY in other).toBe(false);
    expect(other.WebSocket).toBe(Native);
    expect(Native.prototype.constructor).toBe(Native);
  });
});
