import { broken } from './errors';
import { MAX_CHANNEL, MAX_CODE, MIN_CODE, REASON_LIMIT_BYTES } from './limits';
import { type Shape, isCount, isObject, isText, readMembers } from './members';
import { utf8Length } from './text';

/** The page opens a channel to a named service. */
export interface IOpen {
  readonly type: 'open';
  readonly channel: number;
  readonly service: string;
  readonly parameters: Record<string, unknown>;
}

/** The channel is open. */
export interface IAccept {
  readonly type: 'accept';
  readonly channel: number;
  readonly parameters: Record<string, unknown>;
}

/** The service is not to be had; final. */
export interface IRefuse {
  readonly type: 'refuse';
  readonly channel: number;
  readonly code: number;
  readonly reason: string;
}

/** No more units of this channel come from the sender. */
export interface IClose {
  readonly type: 'close';
  readonly channel: number;
  readonly code: number;
  readonly reason: string;
}

/** How many records of the channel its consumer has taken, in all (W5). */
export interface ICredit {
  readonly type: 'credit';
  readonly channel: number;
  readonly taken: number;
}

/** A record of channel 0. */
export type ChannelRecord = IOpen | IAccept | IRefuse | IClose | ICredit;

/**
 * Write a record of channel 0, which has to be within the limits of Z4: compact
 * JSON, members in their order.
 */
export const encodeRecord: (record: ChannelRecord) => string = JSON.stringify;

/**
 * Read a record of channel 0.
 *
 * @param shapes - of the records that may come.
 * @throws ProtocolError if it is of no known type (F6) or over a limit (Z4).
 */
export const decodeRecord: (
  text: string,
  shapes: Readonly<Record<string, Shape>>
) => ChannelRecord = readMembers;

export const isChannel = (value: unknown) =>
  isCount(value) && value > 0 && value <= MAX_CHANNEL;

const isCode = (value: unknown) =>
  isCount(value) && within(value >= MIN_CODE && value <= MAX_CODE);

const isReason = (value: unknown) =>
  isText(value) && within(utf8Length(value) <= REASON_LIMIT_BYTES);

const ENDING = { channel: isChannel, code: isCode, reason: isReason };

/** The members of each kind of record that comes from the server, and of both. */
export const SHAPES = {
  accept: { channel: isChannel, parameters: isObject },
  refuse: ENDING,
  close: ENDING,
  credit: { channel: isChannel, taken: isCount }
};

export function within(fits: boolean): boolean {
  return fits || broken('Z4');
}
