import type { Channel, IChannelListener, Message } from '../channel';
import { decode } from '../frames';
import { type ServerChannel, ServerSession } from '../server-end';
import { type ISessionListener, Session } from '../session';

import { copyFrames } from './copy';

/** Notes what a session says. */
export class Recorder implements ISessionListener {
  readonly requested: ServerChannel[] = [];
  readonly errors: unknown[] = [];
  memory = 0;
  flushes = 0;

  flushWanted(): void {
    this.flushes++;
  }

  channelRequested(channel: ServerChannel): void {
    this.requested.push(channel);
  }

  handlerFailed(error: unknown): void {
    this.errors.push(error);
  }

  memoryChanged(delta: number): void {
    this.memory += delta;
  }
}

/** Notes the events of a channel. */
export class Owner implements IChannelListener {
  constructor(channel: Channel) {
    channel.listener = this;
  }

  readonly events: string[] = [];

  accepted(): void {
    this.events.push('accepted');
  }

  readable(channel: Channel): void {
    this.events.push(channel.final?.kind ?? 'readable');
  }

  writable(): void {
    this.events.push('writable');
  }
}

/** A page's session and a server's, and a line that carries what they write. */
export class Pair {
  constructor(maxChannels?: number) {
    this.server = new ServerSession(this.serverSays, maxChannels);
    this.connect();
  }

  nowMs = 0;
  readonly pageSays = new Recorder();
  readonly serverSays = new Recorder();
  readonly page = new Session(this.pageSays);
  readonly server: ServerSession;

  /** Lay a new line. */
  connect(): void {
    this.page.detach();
    this.server.detach();
    const { received } = this.server.receipts;
    this.server.attach(this.page.receipts.received, this.nowMs);
    this.page.attach(received, this.nowMs);
  }

  /** Hand frames to one end. */
  give(end: Session, ...frames: Message[]): void {
    for (const frame of copyFrames(frames)) {
      end.receive(decode(frame), this.nowMs);
    }
  }

  /** Carry what both write, until both are silent; return how many frames. */
  carry(): number {
    for (let frames = 0; ;) {
      const up = this.page.flush(this.nowMs);
      this.give(this.server, ...up);
      const down = this.server.flush(this.nowMs);
      this.give(this.page, ...down);
      if (!up.length && !down.length) {
        return frames;
      }
      frames += up.length + down.length;
    }
  }

  /** Carry, acknowledgements included. */
  settle(): void {
    this.carry();
    this.nowMs += 200;
    this.page.tick(this.nowMs);
    this.server.tick(this.nowMs);
    this.carry();
  }

  /** Open a channel that the server has not answered yet; return its ends. */
  ask(): [page: Channel, server: ServerChannel] {
    const page = this.page.open('test');
    this.carry();
    return [page, this.serverSays.requested.slice(-1)[0]];
  }

  /** Open a channel; return its ends. */
  open(): [page: Channel, server: ServerChannel] {
    const [page, server] = this.ask();
    server.accept();
    this.carry();
    return [page, server];
  }
}

/** Take every record there is. */
export function takeAll(channel: Channel): Message[] {
  const records: Message[] = [];
  for (let record; (record = channel.take()) !== null;) {
    records.push(record);
  }
  return records;
}

/** How a channel ended: kind, code, reason. */
export function ending({ final }: Channel): unknown[] | null {
  return final && [final.kind, final.code, final.reason];
}

/** The rule that a protocol error names; '' if there was none. */
export function ruleOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    return (error as { rule?: string }).rule ?? String(error);
  }
  return '';
}
