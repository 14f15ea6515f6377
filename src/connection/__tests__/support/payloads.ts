import type { Message } from './oracle';
import type { Random } from './random';

const CHUNK_CHARACTERS = 500;
const CHUNKS = 64;
const POOL_BYTES = 256 * 1024;

/** Characters of one to four bytes, and the one that separates records. */
const ALPHABET = [...'abc ,.é§µ日本語한€😀🧪', '\u001e', '\n', '\0'];

/** Makes records of any size: text of one to four bytes a character, and binary. */
export class Payloads {
  constructor(random: Random) {
    this.#random = random;
    this.#chunks = Array.from({ length: CHUNKS }, () =>
      Array.from({ length: CHUNK_CHARACTERS }, () => random.choice(ALPHABET))
    );
    this.#bytes = Uint8Array.from({ length: POOL_BYTES }, () =>
      random.below(256)
    );
  }

  /**
   * Make a record.
   *
   * @param number - what it begins with, unless it is empty.
   * @param limitBytes - about how large it may be.
   */
  make(number: number, limitBytes: number): Message {
    const kind = this.#random.below(20);
    if (kind === 0) {
      return this.#random.below(2) ? '' : new Uint8Array();
    }
    const bytes = this.#random.below(limitBytes);
    return kind < 4 ? this.#binary(number, bytes) : this.#text(number, bytes);
  }

  #text(number: number, bytes: number): string {
    // The alphabet takes about two bytes a character.
    const characters = Math.floor(bytes / 2);
    const whole = Math.floor(characters / CHUNK_CHARACTERS);
    const first = this.#random.below(CHUNKS);
    const chunk = (index: number) => this.#chunks[(first + index) % CHUNKS];
    let text = `${number} `;
    for (let index = 0; index < whole; index++) {
      text += chunk(index).join('');
    }
    const rest = characters % CHUNK_CHARACTERS;
    return text + chunk(whole).slice(0, rest).join('');
  }

  #binary(number: number, bytes: number): Uint8Array {
    const head = new TextEncoder().encode(`${number} `);
    const start = this.#random.below(POOL_BYTES - bytes);
    const record = new Uint8Array(head.length + bytes);
    record.set(head);
    record.set(this.#bytes.subarray(start, start + bytes), head.length);
    return record;
  }

  readonly #random: Random;
  readonly #chunks: readonly (readonly string[])[];
  readonly #bytes: Uint8Array;
}
