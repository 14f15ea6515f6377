import { broken } from './errors';
import { MAX_CHANNEL, UNIT_LIMIT_BYTES, UNIT_OVERHEAD_BYTES } from './limits';
import { isCount, isFlag, isObject, isText, readMembers } from './members';
import { type IUnit, LAST, MORE, RS, WHOLE, costOf, unitOf } from './units';

/** The server's first frame (H3). */
export interface IWelcome {
  readonly type: 'welcome';
  readonly resumed: boolean;
  /** Absent: there is no session (H4). */
  readonly epoch?: string;
  readonly instance: string;
  readonly received: number;
  readonly serial: number;
  readonly limits: Record<string, number>;
}

/** What this end has counted, in all (A1). */
export interface IAck {
  readonly type: 'ack';
  readonly received: number;
}

/** Asks for a pong (L1). */
export interface IPing {
  readonly type: 'ping';
  readonly id: number;
  readonly received: number;
}

/** Answers the ping of that id (L1). */
export interface IPong {
  readonly type: 'pong';
  readonly id: number;
  readonly received: number;
}

/** The page is gone (H10). */
export interface IBye {
  readonly type: 'bye';
}

/** A control frame, neither counted nor replayed (F1). */
export type Control = IWelcome | IAck | IPing | IPong | IBye;

/** What stands behind the channel, by form (F). */
const MARKS = ['', '.', '+'];

/** The members of each kind of control frame (F1). */
const SHAPES = {
  welcome: {
    resumed: isFlag,
    epoch: (value: unknown) => value === undefined || isText(value),
    instance: isText,
    received: isCount,
    serial: isCount,
    limits: (value: unknown) =>
      isObject(value) && Object.values(value).every(isCount)
  },
  ack: { received: isCount },
  ping: { id: isCount, received: isCount },
  pong: { id: isCount, received: isCount },
  bye: {}
};

/** Write a control frame: compact JSON, members in their order. */
export const encodeControl: (frame: Control) => string = JSON.stringify;

/**
 * Read one WebSocket message.
 *
 * @returns a control frame, or the units in order; bytes of a whole record are a copy.
 * @throws ProtocolError if it does not follow section F.
 */
export function decode(message: string | Uint8Array): Control | IUnit[] {
  if (typeof message !== 'string') {
    return [decodeBinary(message)];
  }
  return message[0] === '{'
    ? readMembers<Control>(message, SHAPES)
    : decodeText(message);
}

/** Read a text frame of units (F2, F3). */
function decodeText(message: string): IUnit[] {
  const end = message.indexOf(RS);
  const head = /^(0|[1-9]\d{0,9})([+.]?)$/.exec(message.slice(0, end));
  if (end < 0 || !head) {
    broken('F3');
  }
  const channel = checkChannel(+head[1]);
  const body = message.slice(end + 1);
  if (!head[2]) {
    return checkSize(
      body.split(RS).map(record => unitOf(channel, record, WHOLE))
    );
  }
  if (!channel) {
    broken('Z1');
  }
  return [decodePiece(channel, body, head[2] === '+')];
}

/** Read a binary frame, which is one unit. */
function decodeBinary(message: Uint8Array): IUnit {
  let channel = 0;
  let index = 0;
  let octet: number | undefined;
  do {
    octet = message[index];
    if (octet === undefined || index > 4) {
      broken('F3');
    }
    // Not by shifting, which would wrap at 32 bits.
    channel += (octet & 0x7f) * 2 ** (7 * index++);
  } while (octet > 0x7f);
  if (!octet && index > 1) {
    broken('F3');
  }
  if (!checkChannel(channel)) {
    broken('F4');
  }
  const flag = message[index];
  if (flag !== 0 && flag !== 1) {
    broken('F3');
  }
  // A piece is copied when its record is whole.
  return flag
    ? decodePiece(channel, message.subarray(index + 1), true)
    : decodePiece(channel, message.slice(index + 1), false);
}

/** Make the unit of a frame that holds a single one. */
function decodePiece(
  channel: number,
  payload: string | Uint8Array,
  more: boolean
): IUnit {
  if (more && !payload.length) {
    broken('F3');
  }
  return checkSize([unitOf(channel, payload, more ? MORE : LAST)])[0];
}

function checkChannel(channel: number): number {
  if (channel > MAX_CHANNEL) {
    broken('F3');
  }
  return channel;
}

function checkSize(units: IUnit[]): IUnit[] {
  const size = costOf(units) - units.length * UNIT_OVERHEAD_BYTES;
  if (size > UNIT_LIMIT_BYTES) {
    broken('F2');
  }
  return units;
}

/**
 * Put units into as few frames as F2 allows, in their order (F5).
 *
 * #### Notes
 * A record in a shared frame costs one byte beyond its payload; the log's limit
 * (W2) keeps a frame of many small records far below 64 KiB.
 */
export function encodeUnits(units: readonly IUnit[]): (string | Uint8Array)[] {
  const frames: (string | Uint8Array)[] = [];
  // How many bytes of records can still share the last frame, and its channel.
  let room = -1;
  let last = 0;
  for (const { channel, payload, form, cost } of units) {
    const size = cost - UNIT_OVERHEAD_BYTES;
    if (typeof payload !== 'string') {
      frames.push(encodeBinary(channel, payload, form));
      room = -1;
    } else if (form === WHOLE && channel === last && size <= room) {
      frames.push(frames.pop() + RS + payload);
      room -= size;
    } else {
      frames.push(channel + MARKS[form] + RS + payload);
      room = form ? -1 : UNIT_LIMIT_BYTES - size;
    }
    last = channel;
  }
  return frames;
}

function encodeBinary(
  channel: number,
  payload: Uint8Array,
  form: number
): Uint8Array {
  const head: number[] = [];
  for (; channel > 0x7f; channel >>= 7) {
    head.push((channel & 0x7f) | 0x80);
  }
  head.push(channel, form === MORE ? 1 : 0);
  const frame = new Uint8Array(head.length + payload.length);
  frame.set(head);
  frame.set(payload, head.length);
  return frame;
}
