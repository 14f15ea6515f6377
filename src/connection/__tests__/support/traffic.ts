import type { IAIConnection, IChannel } from '../../../tokens';
import { Oracle } from './oracle';
import type { Message } from './oracle';
import type { Payloads } from './payloads';
import type { Random } from './random';

/** Something that keeps a channel busy and judges what comes. */
export interface ITraffic {
  /** One judge for each channel it has used. */
  readonly oracles: readonly Oracle[];
  /** Channels that ended though nobody ended them. */
  readonly broken: readonly string[];
  /** Start nothing new; resolves when everything has come. */
  finish(): Promise<void>;
}

/** How an echo channel is used. */
export interface IEchoOptions {
  /** About how large a record may be. */
  readonly limitBytes: number;
  /** Records that may be on their way at once. */
  readonly window: number;
}

/** Sends records to a service that sends them back, a number at a time. */
export class EchoTraffic implements ITraffic {
  /**
   * @param connection - where to open the channel.
   * @param payloads - makes the records.
   * @param options - how many, how large.
   * @param onRecord - called for each record that came back.
   */
  constructor(
    connection: IAIConnection,
    payloads: Payloads,
    options: IEchoOptions,
    onRecord: () => void = () => undefined
  ) {
    this.#payloads = payloads;
    this.#options = options;
    this.channel = connection.open('echo');
    this.channel.message.connect((_, record) => {
      this.#oracle.judge(record);
      onRecord();
      this.#pump();
      if (!this.#oracle.waiting) {
        this.#done();
      }
    });
    watch(this.channel, this.broken);
    this.#pump();
  }

  readonly channel: IChannel;
  readonly broken: string[] = [];

  get oracles(): readonly Oracle[] {
    return [this.#oracle];
  }

  /** Send one record more than the window allows. */
  send(): void {
    const { limitBytes } = this.#options;
    const record = this.#payloads.make(this.#oracle.sent, limitBytes);
    this.#oracle.expect(record);
    this.channel.send(record);
  }

  finish(): Promise<void> {
    this.#finishing = true;
    return new Promise(resolve => {
      this.#done = resolve;
      if (!this.#oracle.waiting) {
        resolve();
      }
    });
  }

  #pump(): void {
    while (
      !this.#finishing &&
      this.#oracle.waiting < this.#options.window &&
      this.channel.writable
    ) {
      this.send();
    }
  }

  readonly #payloads: Payloads;
  readonly #options: IEchoOptions;
  readonly #oracle = new Oracle();
  #finishing = false;
  #done: () => void = () => undefined;
}

/** Bytes of a burst: more than the credit of a channel (W4). */
const BURST_BYTES = 1_500_000;
const BURST_RECORD_BYTES = 200_000;

/** An echo channel whose page stops reading, while more than its credit comes. */
export class StalledTraffic extends EchoTraffic {
  constructor(connection: IAIConnection, payloads: Payloads) {
    super(connection, payloads, { limitBytes: BURST_RECORD_BYTES, window: 0 });
  }

  /** Stall, or go on if it is stalled. */
  toggle(): void {
    if (this.#stalled) {
      this.#stalled = false;
      this.channel.resume();
    } else if (!this.oracles[0].waiting) {
      this.#stalled = true;
      this.channel.pause();
      // Half of what may be drawn is what comes on average.
      for (
        let bytes = 0;
        bytes < BURST_BYTES;
        bytes += BURST_RECORD_BYTES / 2
      ) {
        this.send();
      }
    }
  }

  override finish(): Promise<void> {
    this.#stalled = false;
    this.channel.resume();
    return super.finish();
  }

  #stalled = false;
}

/** The service *self-test* as a source of its own: one channel after the other. */
export class NumberedTraffic implements ITraffic {
  constructor(connection: IAIConnection, random: Random) {
    this.#connection = connection;
    this.#random = random;
    void this.#go();
  }

  readonly oracles: Oracle[] = [];
  readonly broken: string[] = [];

  finish(): Promise<void> {
    this.#finishing = true;
    return this.#finished;
  }

  async #go(): Promise<void> {
    while (!this.#finishing) {
      await this.#run();
    }
    this.#finish();
  }

  async #run(): Promise<void> {
    const payload = this.#random.choice([0, 64, 64, 2_000, 40_000]);
    const count = this.#random.below(payload > 2_000 ? 20 : 300);
    const oracle = new Oracle();
    for (let number = 1; number <= count; number++) {
      oracle.expect(numbered(number, payload));
    }
    this.oracles.push(oracle);
    const channel = this.#connection.open('self-test', {
      records: count,
      payload_bytes: payload
    });
    const came = new Promise<void>(resolve => {
      channel.message.connect((_, record) => {
        oracle.judge(plain(record));
        if (!oracle.waiting) {
          resolve();
        }
      });
      if (!count) {
        resolve();
      }
    });
    const end = channel.closed.then(({ kind, code }) => `${kind} ${code}`);
    await Promise.race([came, end]);
    channel.close();
    if ((await end) !== 'closed 1000') {
      this.broken.push(`self-test: ${await end}`);
      this.#finishing = true;
    }
  }

  readonly #connection: IAIConnection;
  readonly #random: Random;
  #finishing = false;
  #finish: () => void = () => undefined;
  readonly #finished = new Promise<void>(resolve => (this.#finish = resolve));
}

/** Note the end of a channel that nobody closed. */
function watch(channel: IChannel, broken: string[]): void {
  void channel.closed.then(({ kind, code, reason }) => {
    broken.push(`${channel.service}: ${kind} ${code} ${reason}`);
  });
}

/** What the service sends as record `number`, as the oracle wants it. */
function numbered(number: number, payloadBytes: number): string {
  const word = `record ${number} `;
  const times = Math.floor(payloadBytes / word.length) + 1;
  return `${number - 1} ${word.repeat(times).slice(0, payloadBytes)}`;
}

/** A record of the service as the oracle wants it. */
function plain(record: Message): string {
  const { n, text } = JSON.parse(record as string);
  return `${n - 1} ${text}`;
}
