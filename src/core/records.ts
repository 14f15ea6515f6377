import { ProtocolError } from './errors';
import {
  MAX_CHANNEL,
  MAX_CODE,
  MIN_CODE,
  REASON_LIMIT_BYTES,
  SERVICE_LIMIT_CHARACTERS
} from './limits';
import { Members } from './members';
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
 * Write a record of channel 0, which has to be within the limits of Z4.
 *
 * @returns compact JSON whose first member is `type`.
 */
export function encodeRecord(record: ChannelRecord): string {
  return JSON.stringify(Object.assign({ type: record.type }, record));
}

/**
 * Read a record of channel 0.
 *
 * @throws ProtocolError if it is of no known type (F6) or over a limit (Z4).
 */
export function decodeRecord(text: string): ChannelRecord {
  const members = new Members(text);
  const type = members.text('type');
  const channel = members.integer('channel', 1, MAX_CHANNEL);
  switch (type) {
    case 'open':
      return {
        type,
        channel,
        service: service(members),
        parameters: members.object('parameters')
      };
    case 'accept':
      return { type, channel, parameters: members.object('parameters') };
    case 'refuse':
    case 'close':
      return { type, channel, code: code(members), reason: reason(members) };
    case 'credit':
      return { type, channel, taken: members.integer('taken') };
  }
  throw new ProtocolError('F6', 'record of unknown type on channel 0');
}

function service(members: Members): string {
  const service = members.text('service');
  if (!service || [...service].length > SERVICE_LIMIT_CHARACTERS) {
    throw new ProtocolError('Z4', 'service name empty or too long');
  }
  return service;
}

function code(members: Members): number {
  const code = members.integer('code');
  if (code < MIN_CODE || code > MAX_CODE) {
    throw new ProtocolError('Z4', 'close code out of range');
  }
  return code;
}

function reason(members: Members): string {
  const reason = members.text('reason');
  if (utf8Length(reason) > REASON_LIMIT_BYTES) {
    throw new ProtocolError('Z4', 'reason too long');
  }
  return reason;
}
