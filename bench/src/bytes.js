import { Line } from './line.js';

const PAYLOAD_BYTES = 100;

/** Bytes a record takes on the wire beyond its payload, to the page. */
export async function measureBytes(pages, port, perTurn, turns) {
  const line = await Line.to(port);
  const connection = pages.connect(line.port);
  const records = perTurn * turns;
  const channel = connection.open('bench:stream', {
    records,
    payload_bytes: PAYLOAD_BYTES,
    per_turn: perTurn,
    interval_ms: 3
  });
  const bytes = await frameBytes(channel, line, perTurn, records);
  connection.dispose();
  await line.close();
  return bytes;
}

/** The same of what others use. */
export async function measureRivalBytes(rival, port, records) {
  const line = await Line.to(port);
  const client = await rival.connect(line.port, {
    records,
    payload: PAYLOAD_BYTES,
    perTurn: 1,
    intervalMs: 1
  });
  await client.next();
  const startBytes = line.downBytes;
  for (let count = 1; count < records; count++) {
    await client.next();
  }
  const bytes = (line.downBytes - startBytes) / (records - 1) - PAYLOAD_BYTES;
  client.close();
  await line.close();
  return bytes;
}

/** Count from the end of the first turn to the end of the last. */
function frameBytes(channel, line, perTurn, records) {
  let count = 0;
  let startBytes = 0;
  return new Promise(resolve => {
    channel.message.connect(() => {
      count++;
      if (count === perTurn) {
        startBytes = line.downBytes;
      } else if (count === records) {
        const bytes = line.downBytes - startBytes;
        resolve(bytes / (records - perTurn) - PAYLOAD_BYTES);
      }
    });
  });
}
