/*
 * What only the server's end of a session does (Z). The page does not load it.
 */
import { Channel, checked } from './channel';
import { broken } from './errors';
import { CloseCode, SERVICE_LIMIT_CHARACTERS } from './limits';
import { isObject, isText } from './members';
import {
  type ChannelRecord,
  type IOpen,
  SHAPES,
  isChannel,
  within
} from './records';
import { type ISessionListener, Session } from './session';

const isService = (value: unknown) =>
  isText(value) &&
  within(!!value && [...value].length <= SERVICE_LIMIT_CHARACTERS);

/** The records that may come from the page. */
export const SERVER_SHAPES = {
  ...SHAPES,
  open: { channel: isChannel, service: isService, parameters: isObject }
};

/** The server's end of a session. */
export class ServerSession extends Session {
  /**
   * Begin without a socket.
   *
   * @param listener - who drives it.
   * @param maxChannels - channels open at once; beyond, `open` is refused with
   * 4429.
   */
  constructor(
    listener: ISessionListener,
    public maxChannels = 256
  ) {
    super(listener);
  }

  override readonly shapes = SERVER_SHAPES;

  /** What logs, queues, inboxes, unfinished records and parameters hold (P2). */
  memoryBytes = 0;

  /** End the session; nothing is held any more. */
  override end(reason: string): void {
    this.hold(-this.memoryBytes);
    super.end(reason);
  }

  /** Account for memory (P2). */
  override hold(delta: number): void {
    if (this.ended === null && delta) {
      this.memoryBytes += delta;
      this.listener.memoryChanged?.(delta);
    }
  }

  /** Drop a channel that is gone from the wire (Z3). */
  override forget(channel: Channel, peerClosed: boolean): void {
    this.hold(-(channel as ServerChannel).parametersCost);
    super.forget(channel, peerClosed);
  }

  /** Take in a record of channel 0, which came in a unit of that cost. */
  override receiveRecord(
    record: ChannelRecord,
    nowMs: number,
    cost: number
  ): void {
    const { type, channel } = record;
    if (type === 'open') {
      this.#receiveOpen(record, cost);
    } else if (
      (type === 'accept' || type === 'refuse') &&
      this.channels.has(channel)
    ) {
      broken('Z', type);
    } else {
      super.receiveRecord(record, nowMs, cost);
    }
    if (this.controlFull) {
      broken('M', 'channel 0 is full');
    }
  }

  #receiveOpen(
    { channel: number, service, parameters }: IOpen,
    cost: number
  ): void {
    if (number < this.nextChannel) {
      broken('Z2', `channel ${number} again`);
    }
    this.nextChannel = number + 1;
    const channel = new ServerChannel(this, number, service, parameters);
    channel.parametersCost = cost;
    this.channels.set(number, channel);
    this.hold(cost);
    if (this.channels.size > this.maxChannels) {
      channel.refuse(CloseCode.TOO_MANY, `over ${this.maxChannels} channels`);
    } else {
      try {
        this.listener.channelRequested?.(channel);
      } catch (error) {
        this.listener.handlerFailed(error);
      }
    }
  }
}

/** A channel at the server's end. */
export class ServerChannel extends Channel {
  /** Begin as asked for by the page; see `Channel`. */
  constructor(
    session: Session,
    number: number,
    service: string,
    readonly parameters: Record<string, unknown>
  ) {
    super(session, number, service);
    this.#session = session;
  }

  /** What its parameters cost when they came (P2). */
  parametersCost = 0;

  /**
   * Open the channel that the page asked for.
   *
   * @throws RecordTooLargeError if `parameters` take more than 16 KiB.
   */
  accept(parameters: Record<string, unknown> = {}): void {
    if (this.state === 'opening') {
      const channel = this.number;
      this.#session.writeRecord({ type: 'accept', channel, parameters });
      this.accepted(parameters);
    }
  }

  /** Refuse the channel that the page asked for. */
  refuse(code: number, reason: string): void {
    if (this.state === 'opening') {
      [code, reason] = checked(code, reason);
      const channel = this.number;
      this.#session.writeRecord({ type: 'refuse', channel, code, reason });
      this.refused(code, reason, false);
    }
  }

  /** Discard the queue and close at once (X2); before `accept`: `refuse`. */
  override abort(code: number = CloseCode.NORMAL, reason = ''): void {
    if (this.state === 'opening') {
      this.refuse(code, reason);
    } else {
      super.abort(code, reason);
    }
  }

  /** Handle `close`, which may come before `accept` (X2, X3). */
  override closed(code: number, reason: string): void {
    if (this.state === 'opening') {
      super.abort(code, reason);
    }
    super.closed(code, reason);
  }

  #session: Session;
}
