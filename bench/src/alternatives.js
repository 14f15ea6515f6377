import { createClient } from 'graphql-ws';
import { WebSocket as PartySocket } from 'partysocket';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

/**
 * What would be used instead, with its defaults: a name, the name of its server
 * in `rivals-server.js`, and how to connect and hear records.
 */
export const RIVALS = [
  { name: 'ws', server: 'ws', connect: connectSocket(WebSocket) },
  {
    name: 'partysocket',
    server: 'ws',
    connect: connectSocket(null)
  },
  {
    name: 'socket.io with connection state recovery',
    server: 'socketio',
    connect: connectSocketIo
  },
  { name: 'graphql-ws', server: 'graphql', connect: connectGraphql }
];

/** Keeps what came until it is asked for. */
class Inbox {
  put(record) {
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting(record);
    } else {
      this.#records.push(record);
    }
  }

  next() {
    return this.#records.length
      ? Promise.resolve(this.#records.shift())
      : new Promise(resolve => this.#waiting.push(resolve));
  }

  #records = [];
  #waiting = [];
}

function connectSocket(Kind) {
  return async (port, stream, heard) => {
    const inbox = new Inbox();
    const url = `ws://127.0.0.1:${port}/?${new URLSearchParams(stream)}`;
    const socket = Kind
      ? new Kind(url, { perMessageDeflate: false })
      : new PartySocket(url, [], { WebSocket });
    socket.onmessage = heard ?? (({ data }) => inbox.put(data));
    socket.onerror = () => undefined;
    return { next: () => inbox.next(), close: () => socket.close() };
  };
}

async function connectSocketIo(port, stream, heard) {
  const inbox = new Inbox();
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    query: stream,
    forceNew: true
  });
  socket.on('record', heard ?? (record => inbox.put(record)));
  return { next: () => inbox.next(), close: () => socket.close() };
}

async function connectGraphql(port, stream, heard) {
  const inbox = new Inbox();
  const client = createClient({
    url: `ws://127.0.0.1:${port}/`,
    webSocketImpl: WebSocket,
    lazy: false,
    shouldRetry: () => true
  });
  client.subscribe(
    {
      query: 'subscription($stream: String) { record(stream: $stream) }',
      variables: { stream: JSON.stringify(stream) }
    },
    {
      next: heard ?? (({ data }) => inbox.put(data.record)),
      error: () => undefined,
      complete: () => undefined
    }
  );
  return { next: () => inbox.next(), close: () => void client.dispose() };
}
