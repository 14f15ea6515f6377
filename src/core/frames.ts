import { broken } from './errors';
import { MAX_CHANNEL, MESSAGE_LIMIT_BYTES, UNIT_LIMIT_BYTES } from './limits';
import { isCount, isFlag, isObject, isText, readMembers } from './members';
import {
  type Form,
  type IUnit,
  LAST,
  MORE,
  RS,
  WHOLE,
  costOf,
  sizesOf,
  unitOf
} from './units';

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

/** What stands before the records of a text frame: channel and mark. */
const HEAD = new RegExp(`^(0|[1-9]\\d{0,9})([+.]?)${RS}`);

/** What stands before the payload of a binary frame: at most a channel and a flag. */
const HEAD_LIMIT_BYTES = 6;

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
    return decodeBinary(message);
  }
  return message[0] === '{'
    ? readMembers<Control>(message, SHAPES)
    : decodeText(message);
}

/** Read a text frame of units (F2, F3). */
function decodeText(message: string): IUnit[] {
  const [head, number, mark] = HEAD.exec(message) ?? broken('F3');
  const channel = checkChannel(+number);
  const body = message.slice(head.length);
  if (!mark) {
    return checkSize(
      body.split(RS).map(record => unitOf(channel, record, WHOLE))
    );
  }
  if (!channel) {
    broken('Z1');
  }
  return decodePiece(channel, body, mark === '+' ? MORE : LAST);
}

/** Read a binary frame, which is one unit. */
function decodeBinary(message: Uint8Array): IUnit[] {
  let channel = 0;
  let index = 0;
  let octet: number | undefined;
  do {
    octet = message[index];
    if (octet === undefined || index > 4) {
      broken('F3');
    }
    // Not by shifting, which would wrap at 32 bits.
    channel += (octet & 0x7f) * 128 ** index++;
  } while (octet > 0x7f);
  if (!octet && index > 1) {
    broken('F3');
  }
  if (!checkChannel(channel)) {
    broken('F4');
  }
  const flag = message[index];
  if (!(flag < 2)) {
    broken('F3');
  }
  // A piece is copied when its record is whole.
  const copy = flag ? 'subarray' : 'slice';
  return decodePiece(channel, message[copy](index + 1), flag ? MORE : LAST);
}

/** Make the unit of a frame that holds a single one. */
function decodePiece(
  channel: number,
  payload: string | Uint8Array,
  form: Form
): IUnit[] {
  if (form === MORE && !payload.length) {
    broken('F3');
  }
  return checkSize([unitOf(channel, payload, form)]);
}

function checkChannel(channel: number): number {
  if (channel > MAX_CHANNEL) {
    broken('F3');
  }
  return channel;
}

function checkSize(units: IUnit[]): IUnit[] {
  if (
    costOf(units) > MESSAGE_LIMIT_BYTES ||
    (units[0].form !== MORE && sizesOf(units) > UNIT_LIMIT_BYTES)
  ) {
    broken('F2');
  }
  return units;
}

/**
 * Put units into few frames, in their order (F2, F5).
 *
 * @param memory - on a fast line, where fragments share frames, too: at least what the units
 * cost. Binary frames lie there until the next call.
 */
export function encodeUnits(
  units: readonly IUnit[],
  memory?: Uint8Array | false
): (string | Uint8Array)[] {
  const shared: IUnit[] = [];
  // What can still join the last of them may cost so much.
  let room = 0;
  for (const unit of units) {
    const { channel, form, payload, cost } = unit;
    const last = shared.at(-1);
    if (
      cost <= room &&
      last?.channel === channel &&
      last.form === form &&
      typeof last.payload === typeof payload
    ) {
      shared.pop();
      shared.push({ ...unit, payload: join(last.payload, payload, form) });
    } else {
      shared.push(unit);
      room =
        form === MORE && memory
          ? MESSAGE_LIMIT_BYTES
          : form || typeof payload !== 'string'
            ? 0
            : UNIT_LIMIT_BYTES;
    }
    room -= cost;
  }
  return shared.map(({ channel, payload, form }) => {
    if (typeof payload === 'string') {
      return channel + MARKS[form] + RS + payload;
    }
    const frame = encodeBinary(
      memory || new Uint8Array(payload.length + HEAD_LIMIT_BYTES),
      channel,
      payload,
      form
    );
    memory &&= memory.subarray(frame.length);
    return frame;
  });
}

function join(
  before: string | Uint8Array,
  payload: string | Uint8Array,
  form: number
): string | Uint8Array {
  return typeof payload === 'string'
    ? before + (form ? '' : RS) + payload
    : // Pieces lie one behind the other in what they were cut from.
      new Uint8Array(
        payload.buffer,
        (before as Uint8Array).byteOffset,
        before.length + payload.length
      );
}

/** Write a binary frame to the beginning of some memory, and return it. */
function encodeBinary(
  memory: Uint8Array,
  channel: number,
  payload: Uint8Array,
  form: number
): Uint8Array {
  let size = 0;
  for (; channel > 0x7f; channel >>= 7) {
    memory[size++] = channel | 0x80; // of which a byte is kept
  }
  memory[size++] = channel;
  memory[size++] = +(form === MORE);
  memory.set(payload, size);
  return memory.subarray(0, size + payload.length);
}
