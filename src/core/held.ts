import type { Acceptor } from './acceptor';
import type { ServerChannel, ServerSession } from './server-end';
import type { ISessionListener } from './session';

/** Connects a session to its acceptor; shells extend it. */
export abstract class HeldListener<Socket> implements ISessionListener {
  acceptor!: Acceptor<Socket>;
  held!: HeldSession<Socket>;

  abstract channelRequested(channel: ServerChannel): void;

  abstract handlerFailed(error: unknown): void;

  flushWanted(): void {
    this.acceptor.listener.flushWanted(this.held);
  }

  memoryChanged(delta: number): void {
    this.acceptor.account(delta);
  }
}

/** A session as the server keeps it. */
export class HeldSession<Socket> {
  /**
   * Hold a session that no socket is attached to yet.
   *
   * @param principal - whose it is (H2).
   * @param sid - the page's name for it; not a credential.
   * @param epoch - the server's name for it (H1).
   * @param session - the stream.
   */
  constructor(
    readonly principal: string,
    readonly sid: string,
    readonly epoch: string,
    readonly session: ServerSession
  ) {}

  /** The attached socket; `null` while parked. */
  socket: Socket | null = null;

  /** Highest serial of an upgrade request seen. */
  serial = 0;

  /** Whether any frame of the page has arrived (H5). */
  heard = false;

  /** Whether the page said that it is gone (H10). */
  bye = false;

  /** When the socket last brought anything, pongs included (L6). */
  lastByteMs = 0;

  /** When it was last parked. */
  parkedMs = 0;

  /** When it ends by itself; infinite while attached (P1). */
  expiresMs = Infinity;

  /** How often a socket was attached after the first. */
  resumes = 0;
}

/** Put sessions in the order in which they end when memory is short (P2). */
export function byRank<Socket>(
  a: HeldSession<Socket>,
  b: HeldSession<Socket>
): number {
  const [rankA, orderA] = rank(a);
  const [rankB, orderB] = rank(b);
  return rankA - rankB || orderA - orderB;
}

/** Parked ones first, the oldest; then attached, the largest; then parked and empty. */
function rank<Socket>(held: HeldSession<Socket>): readonly [number, number] {
  const { memoryBytes } = held.session;
  return held.socket !== null
    ? [1, -memoryBytes]
    : [memoryBytes ? 0 : 2, held.parkedMs];
}
