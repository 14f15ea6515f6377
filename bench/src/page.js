import { setMaxListeners } from 'events';
import { createRequire } from 'module';

import { WebSocket } from 'ws';

import { TOKEN } from './jupyter.js';

const require = createRequire(import.meta.url);

/** A page without a browser: visible, and online. */
class PageTarget extends EventTarget {
  constructor() {
    super();
    // All connections of the process listen to it.
    setMaxListeners(0, this);
  }

  visibilityState = 'visible';
  hidden = false;
  cookie = '';

  /** An anchor, which is how addresses are read where there is a document. */
  createElement() {
    const anchor = {};
    const set = url => {
      const { protocol, host, hostname, port, pathname, search, hash, href } =
        new URL(url, 'http://127.0.0.1/');
      Object.assign(anchor, { protocol, host, hostname, port, pathname });
      Object.assign(anchor, { search, hash, toString: () => href });
    };
    return Object.defineProperty(anchor, 'href', {
      set,
      get: () => String(anchor)
    });
  }
}

/** The page's half of the connection, in Node. */
export class NodePages {
  constructor(bundle) {
    // Without them `@jupyterlab/services` knows that it is in Node.
    this.#module = require(bundle);
    globalThis.window ??= new PageTarget();
    globalThis.document ??= new PageTarget();
    const kept = new Map();
    globalThis.localStorage ??= {
      getItem: key => kept.get(key) ?? null,
      setItem: (key, value) => kept.set(key, value),
      removeItem: key => kept.delete(key)
    };
  }

  /** Connect to a port; `opened` is called with the time of each socket. */
  connect(port, opened = () => undefined, settings = {}) {
    class Socket extends WebSocket {
      constructor(...args) {
        super(...args);
        opened(performance.now());
      }
    }
    const { AIConnection, DEFAULT_SETTINGS, ServerConnection } = this.#module;
    const connection = new AIConnection({
      serverSettings: ServerConnection.makeSettings({
        baseUrl: `http://127.0.0.1:${port}/`,
        wsUrl: `ws://127.0.0.1:${port}/`,
        token: TOKEN,
        appendToken: true,
        WebSocket: Socket
      }),
      settings: { ...DEFAULT_SETTINGS, ...settings }
    });
    connection.start();
    return connection;
  }

  #module;
}

/** Open a plain WebSocket. */
export function openRaw(port, parameters = {}) {
  const query = new URLSearchParams({ ...parameters, token: TOKEN });
  return new WebSocket(`ws://127.0.0.1:${port}/bench/raw?${query}`, {
    perMessageDeflate: false
  });
}

/** Resolves with the next record of a channel. */
export function nextRecord(channel) {
  return new Promise(resolve => {
    const hear = (_, record) => {
      channel.message.disconnect(hear);
      resolve(record);
    };
    channel.message.connect(hear);
  });
}

/** Resolves when a connection is in a state. */
export function until(connection, state) {
  return new Promise(resolve => {
    const look = () => {
      if (connection.status.state === state) {
        connection.statusChanged.disconnect(look);
        resolve();
      }
    };
    connection.statusChanged.connect(look);
    look();
  });
}
