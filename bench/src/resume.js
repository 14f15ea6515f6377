import { Line } from './line.js';
import { TOKEN, sleep } from './jupyter.js';
import { nextRecord, openRaw } from './page.js';

const TRIALS = 25;
/** One record each millisecond for longer than any of this takes. */
const STREAM = {
  records: 1_000_000,
  payload_bytes: 20,
  per_turn: 1,
  interval_ms: 1
};
/** What a plain WebSocket is asked for, which is opened anew. */
const ONE_RECORD = {
  records: 1,
  payload_bytes: 20,
  per_turn: 1,
  interval_ms: 0
};
/** The wait before a try is not measured, so it may be short. */
const SETTINGS = { baseDelayMs: 10, delayCapMs: 10 };

/**
 * From the opening of a socket to the next record, after a cut.
 *
 * @returns milliseconds of each trial, and those of a plain WebSocket.
 */
export async function measureResume(pages, port, roundTripMs) {
  const line = await Line.to(port, roundTripMs);
  let openedMs = 0;
  const connection = pages.connect(
    line.port,
    nowMs => (openedMs = nowMs),
    SETTINGS
  );
  const channel = connection.open('bench:stream', STREAM);
  await nextRecord(channel);
  const times = [];
  const plain = [];
  for (let trial = 0; trial < TRIALS; trial++) {
    plain.push(await openPlain(line.port));
    await sleep(50 + 2 * roundTripMs);
    line.cut();
    // What came before the cut may still be read.
    await sleep(0);
    const next = nextRecord(channel);
    await next;
    times.push(performance.now() - openedMs);
  }
  connection.dispose();
  await line.close();
  return { times, plain };
}

function openPlain(port) {
  return new Promise(resolve => {
    const startMs = performance.now();
    const socket = openRaw(port, ONE_RECORD);
    socket.once('message', () => {
      resolve(performance.now() - startMs);
      socket.terminate();
    });
  });
}

/** The same in a browser. */
export async function measureBrowserResume(browser, port, roundTripMs) {
  const line = await Line.to(port, roundTripMs);
  const page = await browser.openPage(line.port, SETTINGS);
  await page.evaluate(stream => {
    const channel = window.connection.open('bench:stream', stream);
    window.times = [];
    channel.message.connect(() => {
      if (window.openedMs) {
        window.times.push(performance.now() - window.openedMs);
        window.openedMs = 0;
      }
    });
  }, STREAM);
  const plain = [];
  for (let trial = 0; trial <= TRIALS; trial++) {
    await page.waitForFunction(count => window.times.length > count, trial, {
      polling: 10
    });
    // Not sooner: Chromium lets one socket to an address connect at a time.
    plain.push(await page.evaluate(openPlainInPage, plainUrl(line.port)));
    await sleep(50 + 2 * roundTripMs);
    line.cut();
  }
  await page.waitForFunction(count => window.times.length > count, TRIALS, {
    polling: 10
  });
  // The first is not a resume.
  const times = await page.evaluate(() => window.times.slice(1));
  await page.close();
  await line.close();
  return { times, plain: plain.slice(1) };
}

function plainUrl(port) {
  const query = new URLSearchParams({ ...ONE_RECORD, token: TOKEN });
  return `ws://127.0.0.1:${port}/bench/raw?${query}`;
}

/** Runs in the page. */
function openPlainInPage(url) {
  return new Promise(resolve => {
    const startMs = performance.now();
    const socket = new WebSocket(url);
    socket.onmessage = () => {
      resolve(performance.now() - startMs);
      socket.close();
    };
  });
}
