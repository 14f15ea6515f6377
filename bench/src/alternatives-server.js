/** The servers of what is compared, in a process of their own; prints their ports. */
import { createServer } from 'http';

import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { Server } from 'socket.io';
import { WebSocketServer } from 'ws';

const local = { host: '127.0.0.1', port: 0 };

/** Records as asked for: so many a turn of the event loop. */
async function* records({
  records,
  payload = 20,
  perTurn = 1,
  intervalMs = 0
}) {
  for (let number = 0; number < Number(records); number++) {
    yield `${number} `.padEnd(Number(payload), 'x');
    if (number % perTurn === perTurn - 1) {
      await new Promise(resolve =>
        Number(intervalMs)
          ? setTimeout(resolve, Number(intervalMs))
          : setImmediate(resolve)
      );
    }
  }
}

async function send(stream, write, alive) {
  for await (const record of records(stream)) {
    if (!alive()) {
      return;
    }
    write(record);
  }
}

function serveWs() {
  const server = new WebSocketServer({ ...local, perMessageDeflate: false });
  server.on('connection', (socket, request) => {
    const { searchParams } = new URL(request.url, 'http://localhost');
    const alive = () => socket.readyState === socket.OPEN;
    const stream = Object.fromEntries(searchParams);
    socket.on('error', () => undefined);
    void send(stream, record => socket.send(record), alive);
  });
  return new Promise(resolve =>
    server.on('listening', () => resolve(server.address().port))
  );
}

function serveSocketIo() {
  const http = createServer();
  const server = new Server(http, { connectionStateRecovery: {} });
  server.on('connection', socket => {
    const { query } = socket.handshake;
    void send(
      query,
      record => socket.emit('record', record),
      () => socket.connected
    );
  });
  return new Promise(resolve =>
    http.listen(0, local.host, () => resolve(http.address().port))
  );
}

function serveGraphql() {
  const text = { type: GraphQLString };
  const schema = new GraphQLSchema({
    query: new GraphQLObjectType({ name: 'Query', fields: { nothing: text } }),
    subscription: new GraphQLObjectType({
      name: 'Subscription',
      fields: {
        record: {
          ...text,
          args: { stream: text },
          async *subscribe(_, { stream }) {
            for await (const record of records(JSON.parse(stream))) {
              yield { record };
            }
          }
        }
      }
    })
  });
  const server = new WebSocketServer(local);
  useServer({ schema }, server);
  return new Promise(resolve =>
    server.on('listening', () => resolve(server.address().port))
  );
}

const [ws, socketio, graphql] = await Promise.all([
  serveWs(),
  serveSocketIo(),
  serveGraphql()
]);
process.stdout.write(`${JSON.stringify({ ws, socketio, graphql })}\n`);
// Whoever measures is gone.
process.stdin.on('end', () => process.exit()).resume();
