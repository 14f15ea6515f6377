import { FrameCounter } from './frames.js';
import { Line } from './line.js';

const PAYLOAD_BYTES = 100;
const TURNS = 200;
const INTERVAL_MS = 3;

/**
 * Bytes a record takes on the wire beyond its payload.
 *
 * @returns those of the frames with data; of the heads of the WebSocket before them;
 * of the acknowledgements that go back; and of whatever else goes to the page meanwhile.
 */
export async function measureBytes(pages, port, perTurn) {
  const line = await Line.to(port);
  const frames = new FrameCounter();
  line.heard = bytes => frames.take(bytes);
  const connection = pages.connect(line.port);
  const records = perTurn * TURNS;
  const channel = connection.open('bench:stream', {
    records,
    payload_bytes: PAYLOAD_BYTES,
    per_turn: perTurn,
    interval_ms: INTERVAL_MS
  });
  const read = () => ({
    data: frames.dataBytes,
    heads: frames.headBytes,
    back: line.upBytes,
    control: frames.controlBytes
  });
  const { done, count } = byteCounter(read, perTurn, records);
  channel.message.connect(count);
  const found = await done;
  connection.dispose();
  await line.close();
  return { ...found, data: found.data - PAYLOAD_BYTES };
}

/** The same of a client to be compared, one record a turn. */
export async function measureBytesOf({ connect }, port) {
  const line = await Line.to(port);
  const read = () => ({ data: line.downBytes });
  const { done, count } = byteCounter(read, 1, TURNS);
  const stream = {
    records: TURNS,
    payload: PAYLOAD_BYTES,
    perTurn: 1,
    intervalMs: INTERVAL_MS
  };
  const client = await connect(line.port, stream, count);
  const { data } = await done;
  client.close();
  await line.close();
  return data - PAYLOAD_BYTES;
}

/** By how much what is read has grown with each record after the first turn. */
function byteCounter(read, perTurn, records) {
  let count = 0;
  let start;
  let finish;
  return {
    done: new Promise(resolve => (finish = resolve)),
    count: () => {
      if (++count === perTurn) {
        start = read();
      } else if (count === records) {
        const grown = Object.entries(read()).map(([name, bytes]) => [
          name,
          (bytes - start[name]) / (records - perTurn)
        ]);
        finish(Object.fromEntries(grown));
      }
    }
  };
}
