const HEAD_END = '\r\n\r\n';
const LENGTH_MASK = 127;
const CONTROL = '{'.charCodeAt(0);
const FIRST_CONTROL_OPCODE = 8;

/** Counts the frames a server sends: those with data, and all others. */
export class FrameCounter {
  /** Bytes of frames with data, which are WebSocket messages. */
  dataBytes = 0;
  /** Bytes of the heads that the WebSocket puts before those. */
  headBytes = 0;
  /** Bytes of all other messages, heads included: acknowledgements, answers to heartbeats, pings. */
  controlBytes = 0;

  /** Take what comes next. */
  take(bytes) {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    if (!this.#upgraded) {
      const end = this.#rest.indexOf(HEAD_END);
      if (end < 0) {
        return;
      }
      this.#upgraded = true;
      this.#rest = this.#rest.subarray(end + HEAD_END.length);
    }
    while (this.#takeFrame());
  }

  #takeFrame() {
    const rest = this.#rest;
    if (rest.length < 2) {
      return false;
    }
    const short = rest[1] & LENGTH_MASK;
    const headBytes = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (rest.length < headBytes) {
      return false;
    }
    // No frame of ours has a length that needs eight bytes.
    const payloadBytes = short < 126 ? short : rest.readUInt16BE(2);
    const bytes = headBytes + payloadBytes;
    if (rest.length < bytes) {
      return false;
    }
    const control =
      (rest[0] & 15) >= FIRST_CONTROL_OPCODE || rest[headBytes] === CONTROL;
    if (control) {
      this.controlBytes += bytes;
    } else {
      this.dataBytes += payloadBytes;
      this.headBytes += headBytes;
    }
    this.#rest = rest.subarray(bytes);
    return true;
  }

  #rest = Buffer.alloc(0);
  #upgraded = false;
}
