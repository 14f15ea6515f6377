import type { Message } from './channel';
import { ProtocolError } from './errors';
import { decode, encodeControl } from './frames';
import type { IResumeRequest } from './handshake';
import { type HeldListener, HeldSession, byRank } from './held';
import {
  BYE_TTL_MS,
  CloseCode,
  SERVER_SILENCE_MS,
  SESSION_TTL_MS,
  UNHEARD_TTL_MS
} from './limits';
import { ServerSession } from './server-end';

/** What an operator may tune; the numbers are of section M. */
export class AcceptorOptions {
  sessionTtlMs: number = SESSION_TTL_MS;
  memoryBudgetBytes = 256 * 1024 * 1024;
  maxSessionsPerPrincipal = 1000;
  maxChannels = 256;
  limits: Readonly<Record<string, number>> = {};
}

/** What the acceptor asks of its shell, and tells it. */
export interface IAcceptorListener<Socket> {
  /** Close a socket that no longer belongs to a session; never call back from here. */
  closeSocket(socket: Socket, code: number, reason: string): void;

  /** Arrange for `Acceptor.flush(held)` in this turn of the event loop. */
  flushWanted(held: HeldSession<Socket>): void;

  /** Handle a new session; its `session.listener` is a `HeldListener`. */
  sessionCreated?(held: HeldSession<Socket>): void;

  /** Handle that a socket was attached: the first, or by a resume (see `held.resumes`). */
  sessionAttached?(held: HeldSession<Socket>): void;

  /** Handle that the socket is gone, and with which close; attached and parked alternate. */
  sessionParked?(held: HeldSession<Socket>, code: number, reason: string): void;

  /**
   * Handle the end of a session.
   *
   * @param held - the session; a socket that was attached is closed with the same
   * code.
   * @param code - `UNKNOWN` when it expired (P1), `ENDED` when memory was short
   * (P2), `STALE` when it was replaced before its page was heard (H4),
   * `PROTOCOL_ERROR` (B1), or the code that the shell gave to `Acceptor.end`.
   * @param reason - the same in words.
   */
  sessionEnded?(held: HeldSession<Socket>, code: number, reason: string): void;

  /** Arrange for `Acceptor.enforceBudget` soon. */
  budgetExceeded?(): void;
}

/** The answer to an upgrade request: frames to write, then attached or closed. */
export interface IAdmission<Socket> {
  /** The session the socket is attached to; `null`: close with `code`. */
  readonly held: HeldSession<Socket> | null;
  /** What to write at once, `welcome` first. */
  readonly frames: Message[];
  /** Close code when not attached. */
  readonly code: number;
  /** Close reason when not attached. */
  readonly reason: string;
}

/** All sessions of one server process (H, P). */
export class Acceptor<Socket> {
  /**
   * Begin without sessions.
   *
   * @param instance - names this process (H8).
   * @param listener - the shell.
   * @param makeListener - makes the listener of a new session.
   * @param makeEpoch - draws 16 hexadecimal digits at random.
   * @param options - limits; the defaults unless given.
   */
  constructor(
    readonly instance: string,
    readonly listener: IAcceptorListener<Socket>,
    makeListener: () => HeldListener<Socket>,
    makeEpoch: () => string,
    readonly options = new AcceptorOptions()
  ) {
    this.#makeListener = makeListener;
    this.#makeEpoch = makeEpoch;
  }

  /** By sid and principal. */
  readonly sessions = new Map<string, HeldSession<Socket>>();

  /** What all sessions hold together (P2). */
  memoryBytes = 0;

  // -- Sockets -----------------------------------------------------------------

  /** Judge an upgrade request and attach the socket when it may be (H4). */
  request(
    principal: string,
    request: IResumeRequest,
    socket: Socket,
    nowMs: number
  ): IAdmission<Socket> {
    const { epoch, serial, sid } = request;
    const held = this.sessions.get(sid + principal);
    if (epoch !== undefined && held?.epoch !== epoch) {
      const lost = encodeControl({
        type: 'welcome',
        resumed: false,
        instance: this.instance,
        received: 0,
        serial,
        limits: {}
      });
      return reject(CloseCode.UNKNOWN, 'no such session', [lost]);
    }
    if (held && serial <= held.serial) {
      return reject(CloseCode.STALE, 'a later request came first');
    }
    if (held && epoch !== undefined) {
      return this.#resume(held, request, socket, nowMs);
    }
    if (held?.heard) {
      return reject(CloseCode.STALE, 'the session id is in use');
    }
    if (held) {
      this.end(held, 'replaced before its page was heard', CloseCode.STALE);
    }
    const count = this.#perPrincipal.get(principal) ?? 0;
    if (count >= this.options.maxSessionsPerPrincipal) {
      return reject(CloseCode.TOO_MANY, `${count} sessions are open already`);
    }
    return this.#attach(
      this.#create(principal, sid),
      request,
      socket,
      nowMs,
      false
    );
  }

  /** Take in a message of a socket; of one no longer attached it is dropped (H6). */
  receive(
    held: HeldSession<Socket>,
    socket: Socket,
    message: Message,
    nowMs: number
  ): void {
    if (held.socket !== socket) {
      return;
    }
    held.heard = true;
    held.lastByteMs = nowMs;
    try {
      const frame = decode(message);
      if (!Array.isArray(frame) && frame.type === 'bye') {
        this.#saidBye(held, nowMs);
      } else {
        held.session.receive(frame, nowMs);
      }
    } catch (error) {
      if (!(error instanceof ProtocolError)) {
        throw error;
      }
      this.end(held, error.message, CloseCode.PROTOCOL_ERROR);
    }
  }

  /** Note that the socket brought something that is no message, like a pong (L6). */
  byteSeen(held: HeldSession<Socket>, socket: Socket, nowMs: number): void {
    if (held.socket === socket) {
      held.lastByteMs = nowMs;
    }
  }

  /** Return what to write to `held.socket` now. */
  flush(held: HeldSession<Socket>, nowMs: number): Message[] {
    return held.session.flush(nowMs);
  }

  /** Park the session of a socket that is gone, closed with that code (P1). */
  detached(
    held: HeldSession<Socket>,
    socket: Socket,
    nowMs: number,
    code: number = CloseCode.ABNORMAL,
    reason = ''
  ): void {
    if (held.socket === socket) {
      this.#park(held, code, reason, nowMs);
    }
  }

  /** Take in a `bye` that came beside the socket (H10). */
  bye(
    principal: string,
    sid: string,
    epoch: string,
    serial: number,
    nowMs: number
  ): void {
    const held = this.sessions.get(sid + principal);
    if (held && held.epoch === epoch && serial >= held.serial) {
      held.serial = serial; // overtaken requests revoke nothing
      this.#saidBye(held, nowMs);
    }
  }

  // -- Time and memory ---------------------------------------------------------

  /** Do what has fallen due: expiry, silent sockets (P1, L6). Call every few seconds. */
  tick(nowMs: number): void {
    for (const held of [...this.sessions.values()]) {
      if (nowMs >= held.expiresMs) {
        this.end(held, 'the session expired', CloseCode.UNKNOWN);
      } else if (
        held.socket !== null &&
        nowMs - held.lastByteMs >= SERVER_SILENCE_MS
      ) {
        this.dropSocket(held, CloseCode.SILENT, 'nothing came for 45 s', nowMs);
      }
    }
  }

  /** Close the attached socket and park the session (P4, L6). */
  dropSocket(
    held: HeldSession<Socket>,
    code: number,
    reason: string,
    nowMs: number
  ): void {
    const { socket } = held;
    if (socket !== null) {
      this.#park(held, code, reason, nowMs);
      this.listener.closeSocket(socket, code, reason);
    }
  }

  /** Account for memory that a session took or gave back (P2). */
  account(delta: number): void {
    this.memoryBytes += delta;
    if (this.#exceeded && !this.#overBudget) {
      this.#overBudget = true;
      this.listener.budgetExceeded?.();
    }
  }

  /** End sessions until the budget is kept: oldest parked first, then largest (P2). */
  enforceBudget(): void {
    const reason = 'the server ran out of memory for sessions';
    try {
      for (const held of [...this.sessions.values()].sort(byRank)) {
        if (!this.#exceeded) {
          break;
        }
        this.end(held, reason, CloseCode.ENDED);
      }
    } finally {
      this.#overBudget = false;
    }
  }

  /** End a session; its socket, if any, is closed with `code`. */
  end(held: HeldSession<Socket>, reason: string, code: number): void {
    const { principal, sid, socket } = held;
    if (this.sessions.get(sid + principal) !== held) {
      return;
    }
    this.sessions.delete(sid + principal);
    const left = (this.#perPrincipal.get(principal) as number) - 1;
    if (left) {
      this.#perPrincipal.set(principal, left);
    } else {
      this.#perPrincipal.delete(principal);
    }
    held.socket = null;
    held.session.end(reason);
    if (socket !== null) {
      this.listener.closeSocket(socket, code, reason);
    }
    this.listener.sessionEnded?.(held, code, reason);
  }

  // -- Private -----------------------------------------------------------------

  get #exceeded(): boolean {
    return this.memoryBytes > this.options.memoryBudgetBytes;
  }

  #create(principal: string, sid: string): HeldSession<Socket> {
    const listener = this.#makeListener();
    const { maxChannels } = this.options;
    const session = new ServerSession(listener, maxChannels);
    const epoch = this.#makeEpoch();
    const held = new HeldSession<Socket>(principal, sid, epoch, session);
    listener.acceptor = this;
    listener.held = held;
    this.sessions.set(sid + principal, held);
    this.#perPrincipal.set(
      principal,
      (this.#perPrincipal.get(principal) ?? 0) + 1
    );
    this.listener.sessionCreated?.(held);
    return held;
  }

  #resume(
    held: HeldSession<Socket>,
    request: IResumeRequest,
    socket: Socket,
    nowMs: number
  ): IAdmission<Socket> {
    const { start, end } = held.session.log;
    const { received } = request;
    if (received < start || received > end) {
      const reason = `H4: received ${received}, not ${start} to ${end}`;
      this.end(held, reason, CloseCode.PROTOCOL_ERROR);
      return reject(CloseCode.PROTOCOL_ERROR, reason);
    }
    held.resumes++;
    return this.#attach(held, request, socket, nowMs, true);
  }

  #attach(
    held: HeldSession<Socket>,
    request: IResumeRequest,
    socket: Socket,
    nowMs: number,
    resumed: boolean
  ): IAdmission<Socket> {
    const { epoch, session } = held;
    const { received, serial } = request;
    const reason = 'a later socket took over';
    this.dropSocket(held, CloseCode.STALE, reason, nowMs);
    held.socket = socket;
    held.serial = serial;
    held.bye = false;
    held.lastByteMs = nowMs;
    held.expiresMs = Infinity;
    session.attach(received, nowMs);
    const welcome = encodeControl({
      type: 'welcome',
      resumed,
      epoch,
      instance: this.instance,
      received: session.receipts.tell(),
      serial,
      limits: this.options.limits
    });
    this.listener.sessionAttached?.(held);
    const frames = [welcome, ...session.flush(nowMs)];
    return { held, frames, code: 0, reason: '' };
  }

  #saidBye(held: HeldSession<Socket>, nowMs: number): void {
    held.bye = true;
    if (held.socket === null) {
      held.expiresMs = Math.min(held.expiresMs, nowMs + BYE_TTL_MS);
    } else {
      this.dropSocket(held, CloseCode.NORMAL, 'bye', nowMs);
    }
  }

  #park(
    held: HeldSession<Socket>,
    code: number,
    reason: string,
    nowMs: number
  ): void {
    held.socket = null;
    held.session.detach();
    held.parkedMs = nowMs;
    held.expiresMs =
      nowMs +
      (held.bye
        ? BYE_TTL_MS
        : held.heard
          ? this.options.sessionTtlMs
          : UNHEARD_TTL_MS);
    this.listener.sessionParked?.(held, code, reason);
  }

  #makeListener: () => HeldListener<Socket>;
  #makeEpoch: () => string;
  #perPrincipal = new Map<string, number>();
  #overBudget = false;
}

function reject<Socket>(
  code: number,
  reason: string,
  frames: Message[] = []
): IAdmission<Socket> {
  return { held: null, frames, code, reason };
}
