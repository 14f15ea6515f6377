import { createClient } from 'graphql-ws';
import { WebSocket as PartySocket } from 'partysocket';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

/**
 * What would be used instead, with its defaults: a name, that of the plain
 * WebSocket it stands on, its server in `alternatives-server.js`, and how to
 * connect and hear records.
 */
export const ALTERNATIVES = [
  { name: 'ws', plain: 'ws', server: 'ws', connect: connectWs },
  {
    name: 'partysocket',
    plain: 'ws',
    server: 'ws',
    connect: connectPartySocket
  },
  {
    name: 'socket.io with connection state recovery',
    plain: 'ws',
    server: 'socketio',
    connect: connectSocketIo
  },
  {
    name: 'graphql-ws',
    plain: 'ws',
    server: 'graphql',
    connect: connectGraphql
  }
];

function connectWs(port, stream, heard) {
  return listen(new WebSocket(address(port, stream), noDeflate), heard);
}

function connectPartySocket(port, stream, heard) {
  class Socket extends WebSocket {
    constructor(url, protocols) {
      super(url, protocols, noDeflate);
    }
  }
  const options = { WebSocket: Socket };
  return listen(new PartySocket(address(port, stream), [], options), heard);
}

const noDeflate = { perMessageDeflate: false };

function address(port, stream) {
  return `ws://127.0.0.1:${port}/?${new URLSearchParams(stream)}`;
}

async function listen(socket, heard) {
  socket.onmessage = ({ data }) => heard(data);
  socket.onerror = () => undefined;
  return { close: () => socket.close() };
}

async function connectSocketIo(port, stream, heard) {
  const socket = io(`http://127.0.0.1:${port}`, {
    transports: ['websocket'],
    query: stream,
    forceNew: true
  });
  socket.on('record', heard);
  return { close: () => socket.close() };
}

async function connectGraphql(port, stream, heard) {
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
      next: ({ data }) => heard(data.record),
      error: () => undefined,
      complete: () => undefined
    }
  );
  return { close: () => void client.dispose() };
}
