import { openRaw, until } from './page.js';

const ROUNDS = 15;
const LATENCIES = 1_000;
const RECORDS = 20_000;
const PAYLOAD_BYTES = 100;
const MANY = 64;

/** Records a second through a plain WebSocket of the same server. */
function rawRate(port, perTurn) {
  const socket = openRaw(port, streamOf(perTurn));
  return new Promise((resolve, reject) => {
    const meter = new Meter(RECORDS, rate => {
      socket.close();
      resolve(rate);
    });
    socket.on('message', () => meter.count());
    socket.on('error', reject);
  });
}

/** Records a second through a session. */
async function sessionRate(connection, perTurn) {
  const channel = connection.open('bench:stream', streamOf(perTurn));
  const rate = await new Promise(resolve => {
    const meter = new Meter(RECORDS, resolve);
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
export async function measureThroughput(port, pages) {
  const connection = pages.connect(port);
  await until(connection, 'connected');
  const result = { one: empty(), many: empty() };
  for (let round = -1; round < ROUNDS; round++) {
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
  connection.dispose();
  return result;
}

/** Round trips of one record at a time, in milliseconds: plain and through a session. */
export async function measureLatency(port, pages) {
  const connection = pages.connect(port);
  const raw = openRaw(port);
  await new Promise(resolve => raw.once('open', resolve));
  const channel = connection.open('echo');
  const session = { send: record => channel.send(record), hear: null };
  channel.message.connect(() => session.hear());
  const plain = { send: record => raw.send(record), hear: null };
  raw.on('message', () => plain.hear());
  const result = { raw: [], session: [] };
  for (let index = 0; index < LATENCIES; index++) {
    result.raw.push(await roundTrip(plain));
    result.session.push(await roundTrip(session));
  }
  raw.close();
  connection.dispose();
  return result;
}

function roundTrip(way) {
  return new Promise(resolve => {
    const startMs = performance.now();
    way.hear = () => resolve(performance.now() - startMs);
    way.send('x'.repeat(PAYLOAD_BYTES));
  });
}

function streamOf(perTurn) {
  return parameters({
    records: RECORDS,
    payload: PAYLOAD_BYTES,
    perTurn,
    intervalMs: 0
  });
}

/** A stream as the server of the measurements is asked for it. */
export function parameters({ records, payload, perTurn, intervalMs }) {
  return {
    records,
    payload_bytes: payload,
    per_turn: perTurn,
    interval_ms: intervalMs
  };
}

function empty() {
  return { raw: [], session: [], ratio: [] };
}

/** Counts records from the first to the last. */
export class Meter {
  constructor(records, done) {
    this.#records = records;
    this.#done = done;
  }

  count() {
    if (!this.#count++) {
      this.#startMs = performance.now();
    } else if (this.#count === this.#records) {
      const seconds = (performance.now() - this.#startMs) / 1000;
      this.#done((this.#records - 1) / seconds);
    }
  }

  #records;
  #done;
  #count = 0;
  #startMs = 0;
}
