/*
 * What only the server's end of a session does (Z). The page does not load it.
 */
import { Channel, checked } from './channel';
import { broken } from './errors';
import { CloseCode } from './limits';
import type { ChannelRecord, IOpen } from './records';
import { type ISessionListener, Session } from './session';

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

  /** Take in a record of channel 0. */
  override receiveRecord(record: ChannelRecord, nowMs: number): void {
    const { type, channel } = record;
    if (type === 'open') {
      this.#receiveOpen(record);
    } else if (
      (type === 'accept' || type === 'refuse') &&
      this.channels.has(channel)
    ) {
      broken('Z', type);
    } else {
      super.receiveRecord(record, nowMs);
    }
    if (this.controlFull) {
      broken('M', 'channel 0 is full');
    }
  }

  #receiveOpen({ channel: number, service, parameters }: IOpen): void {
    if (number < this.nextChannel) {
      broken('Z2', `channel ${number} again`);
    }
    this.nextChannel = number + 1;
    const channel = new ServerChannel(this, number, service, parameters);
    this.channels.set(number, channel);
    if (this.channels.size > this.maxChannels) {
      channel.refuse(CloseCode.TOO_MANY, `over ${this.maxChannels} channels`);
    } else {
      this.call(() => this.listener.channelRequested?.(channel));
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
    parameters: Record<string, unknown>
  ) {
    super(session, number, service, parameters);
    this.#session = session;
  }

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
