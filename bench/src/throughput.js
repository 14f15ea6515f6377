import { openRaw } from './page.js';

const RECORDS = 20_000;
const PAYLOAD_BYTES = 100;
const MANY = 64;

/** Records a second through a plain WebSocket of the same server. */
export function rawRate(port, perTurn) {
  const socket = openRaw(port, parameters(perTurn));
  return new Promise((resolve, reject) => {
    const meter = new Meter(rate => {
      socket.close();
      resolve(rate);
    });
    socket.on('message', () => meter.count());
    socket.on('error', reject);
  });
}

/** Records a second through a session. */
export async function sessionRate(connection, perTurn) {
  const channel = connection.open('bench:stream', parameters(perTurn));
  const rate = await new Promise(resolve => {
    const meter = new Meter(resolve);
    channel.message.connect(() => meter.count());
  });
  channel.close();
  await channel.closed;
  return rate;
}

/**
 * Throughput, in rounds of each kind in turn.
 *
 * @returns for one and many a turn: rates of both, and their ratio in each round.
 */
export async function measureThroughput(port, connection, rounds) {
  const result = { one: empty(), many: empty() };
  for (let round = -1; round < rounds; round++) {
    for (const [kind, perTurn] of [
      ['one', 1],
      ['many', MANY]
    ]) {
      // Who goes first changes from round to round.
      const rates = {};
      const both = {
        raw: () => rawRate(port, perTurn),
        session: () => sessionRate(connection, perTurn)
      };
      const order = round % 2 ? ['raw', 'session'] : ['session', 'raw'];
      for (const name of order) {
        rates[name] = await both[name]();
      }
      // The first round only warms up.
      if (round >= 0) {
        result[kind].raw.push(rates.raw);
        result[kind].session.push(rates.session);
        result[kind].ratio.push(rates.session / rates.raw);
      }
    }
  }
  return result;
}

/** Round trips of one record at a time, in milliseconds: plain and through a session. */
export async function measureLatency(port, connection, count) {
  const raw = openRaw(port);
  await new Promise(resolve => raw.once('open', resolve));
  const channel = connection.open('echo');
  const session = { send: record => channel.send(record), hear: null };
  channel.message.connect(() => session.hear());
  const plain = { send: record => raw.send(record), hear: null };
  raw.on('message', () => plain.hear());
  const result = { raw: [], session: [] };
  for (let index = 0; index < count; index++) {
    result.raw.push(await roundTrip(plain));
    result.session.push(await roundTrip(session));
  }
  raw.close();
  channel.close();
  return result;
}

function roundTrip(way) {
  return new Promise(resolve => {
    const startMs = performance.now();
    way.hear = () => resolve(performance.now() - startMs);
    way.send('x'.repeat(PAYLOAD_BYTES));
  });
}

function parameters(perTurn) {
  return {
    records: RECORDS,
    payload_bytes: PAYLOAD_BYTES,
    per_turn: perTurn,
    interval_ms: 0
  };
}

function empty() {
  return { raw: [], session: [], ratio: [] };
}

/** Counts records from the first to the last. */
class Meter {
  constructor(done) {
    this.#done = done;
  }

  count() {
    if (!this.#count++) {
      this.#startMs = performance.now();
    } else if (this.#count === RECORDS) {
      const seconds = (performance.now() - this.#startMs) / 1000;
      this.#done((RECORDS - 1) / seconds);
    }
  }

  #done;
  #count = 0;
  #startMs = 0;
}
