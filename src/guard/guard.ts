import type { ServerConnection } from '@jupyterlab/services';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import type {
  IAIConnection,
  IConnectionStatus,
  IGuard,
  IGuardedExtension
} from '../tokens';
import { type ICarrierProvider, type ICarrierRequest, fail } from './carrier';
import { type CarrierChoice, chooseCarrier } from './carrier-choice';
import { ChannelCarrier } from './channel-carrier';
import { GuardedSocket } from './guarded-socket';
import { NativeCarrier } from './native-carrier';
import type { Paths } from './page-config';
import type { IPageGuard, Make } from './page-guard';
import { ServerHalf } from './server-half';
import { GUARD_SERVICE } from './service';
import { ALL, type GuardSwitch } from './switch';
import { TaskQueue } from './task';

/** How long sockets wait for the plugin with the connection. */
export const ATTACH_TIMEOUT_MS = 10_000;
/** How long sockets wait for the first welcome. */
export const WELCOME_TIMEOUT_MS = 5_000;
/**
 * An open socket ends when the server half has been lost to it for so long without
 * a break: three looks of the probe (R4). A proxy that says 404 while a server
 * starts must not cost an answer.
 */
export const GONE_TIMEOUT_MS = 75_000;
/** A busy page runs late timers before it reads what has come meanwhile. */
const LATE_MS = 250;

/**
 * Decides what carries each guarded socket: the session, or a native socket.
 *
 * #### Notes
 * The one rule, `chooseCarrier`: native until the session has been welcomed for the
 * first time; after that only while the server half is believed lost
 * (`ServerHalf`) or nothing is tried, and for an address that it does not serve. A
 * socket waits for that decision as for any handshake.
 */
export class Guard implements IGuard, ICarrierProvider {
  /** @param options - The page, and what it guards. */
  constructor(options: Guard.IOptions) {
    this.#options = options;
    this.#offAtLoad = new Set(
      this.#names().filter(name => options.off.isOff(name))
    );
  }

  get extensions(): ReadonlyArray<IGuardedExtension> {
    const { page, off } = this.#options;
    const guarded = [...this.#open].filter(each => !this.#natives.has(each));
    const native = new Set([...this.#natives].map(each => each.name));
    const carried = this.#choice !== 'native';
    return this.#names()
      .filter(name => this.#seen.has(name) || this.#isOff(name))
      .map(name => {
        const openSockets = guarded.filter(each => each.name === name).length;
        const switchedOn = !!page && !this.#offAtLoad.has(name);
        // Between two sockets what counts is where the next one goes.
        const isNext = carried && !native.has(name) && !this.#refused.has(name);
        return {
          name,
          guarded: switchedOn && (openSockets > 0 || isNext),
          switchedOn,
          guardedNextTime: !off.isOff(name),
          openSockets
        };
      });
  }

  get changed(): ISignal<IGuard, void> {
    return this.#changed;
  }

  get WebSocket(): typeof WebSocket {
    return this.#options.page?.guarded ?? window.WebSocket;
  }

  setGuarded(name: string | null, guarded: boolean): boolean {
    const { off } = this.#options;
    const stored = off.read();
    const kept = off.write(
      name === null
        ? [ALL].slice(guarded ? 1 : 0)
        : guarded
          ? (stored.includes(ALL) ? this.#names() : stored).filter(
              each => each !== name
            )
          : [...stored, name]
    );
    this.#changed.emit();
    return kept;
  }

  /** Return server settings whose sockets are never guarded. */
  unguarded(settings: ServerConnection.ISettings): ServerConnection.ISettings {
    return settings.WebSocket === this.WebSocket
      ? { ...settings, WebSocket: this.#native }
      : settings;
  }

  /** Make a guarded socket. */
  readonly make: Make = (url, protocols, name) =>
    new GuardedSocket(url, protocols, name, this) as unknown as WebSocket;

  /** Use this connection from now on; sockets that wait go on with it. */
  attach(connection: IAIConnection): void {
    this.#connection = connection;
    connection.statusChanged.connect(this.#onStatusChanged, this);
    this.#wait(WELCOME_TIMEOUT_MS);
    this.#onStatusChanged(connection, connection.status);
  }

  /** Make every socket native that is not carried yet. */
  giveUp(): void {
    this.#gaveUp = true;
    this.#decide();
  }

  wanted(request: ICarrierRequest): void {
    this.#open.add(request);
    this.#seen.add(request.name);
    this.#waiting.add(request);
    if (!this.#connection && !this.#gaveUp && this.#timer === undefined) {
      this.#wait(ATTACH_TIMEOUT_MS);
    }
    this.#decide();
    this.#changed.emit();
  }

  finished(request: ICarrierRequest): void {
    this.#waiting.delete(request);
    this.#carriers.delete(request);
    this.#natives.delete(request);
    if (this.#open.delete(request)) {
      this.#changed.emit();
    }
  }

  post(run: () => void): void {
    this.#tasks.post(run);
  }

  /** Give sockets that wait their carriers if it is clear which. */
  #decide(): void {
    const choice = this.#choice;
    if (choice !== 'wait') {
      const requests = [...this.#waiting];
      this.#waiting.clear();
      for (const request of requests) {
        if (choice === 'session') {
          this.#carry(request);
        } else {
          this.#goNative(request);
        }
      }
    }
    if ((choice === 'native') !== this.#toldNative) {
      this.#toldNative = !this.#toldNative;
      this.#changed.emit();
    }
  }

  get #choice(): CarrierChoice {
    const status = this.#connection?.status ?? null;
    return chooseCarrier(status, this.#welcomed, this.#gaveUp, this.#half.lost);
  }

  #onStatusChanged(_: IAIConnection, status: IConnectionStatus): void {
    this.#half.follow(status, performance.now());
    if (status.state === 'connected' || status.state === 'reconnecting') {
      this.#welcomed = true;
      clearTimeout(this.#timer);
    }
    if (this.#choice === 'native') {
      this.#withdraw(false);
    }
    this.#armGone();
    this.#decide();
  }

  /** End open sockets when the server half stays lost to them. */
  #armGone(): void {
    if (!this.#half.lostToOpen) {
      clearTimeout(this.#goneTimer);
      this.#goneTimer = undefined;
    } else {
      this.#goneTimer ??= setTimeout(
        () => this.#withdraw(true),
        this.#options.goneTimeoutMs ?? GONE_TIMEOUT_MS
      );
    }
  }

  #withdraw(gone: boolean): void {
    for (const carrier of this.#carriers.values()) {
      carrier.withdraw(gone);
    }
  }

  #wait(limitMs: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = setTimeout(() => this.giveUp(), LATE_MS);
    }, limitMs);
  }

  #carry(request: ICarrierRequest): void {
    const { url, protocols } = request;
    const path = url.pathname + url.search;
    const parameters = { path, protocols: [...protocols] };
    let channel;
    try {
      channel = this.#connection!.open(GUARD_SERVICE, parameters, request.name);
    } catch {
      // The address is too long for it, or too many wait to be opened.
      this.#goNative(request);
      return;
    }
    const carrier = new ChannelCarrier({
      channel,
      protocols,
      owner: request,
      tasks: this.#tasks,
      unserved: refusedByPeer => this.#goNative(request, refusedByPeer)
    });
    this.#carriers.set(request, carrier);
    this.#refused.delete(request.name);
    request.adopt(carrier);
  }

  #goNative(request: ICarrierRequest, refusedByPeer = false): void {
    const { name, url, protocols } = request;
    this.#carriers.delete(request);
    this.#natives.add(request);
    if (this.#choice !== 'native' && !refusedByPeer) {
      this.#refused.add(name);
    }
    this.#changed.emit();
    const onOpen = () => {
      if (refusedByPeer) {
        this.#refused.add(name);
        this.#changed.emit();
      }
      this.#half.otherOpened();
      this.#armGone();
    };
    try {
      request.adopt(
        new NativeCarrier(this.#native, url.href, protocols, request, onOpen)
      );
    } catch {
      this.#fail(request);
    }
  }

  /** End as a socket whose handshake failed. */
  #fail(request: ICarrierRequest): void {
    this.post(() => {
      if (this.#open.has(request)) {
        fail(request, this);
      }
    });
  }

  /** The browser's own constructor. */
  get #native(): typeof WebSocket {
    return this.#options.page?.native ?? window.WebSocket;
  }

  /** Whether the user has switched it off, on this page or for the next. */
  #isOff(name: string): boolean {
    return this.#offAtLoad.has(name) || this.#options.off.isOff(name);
  }

  #names(): string[] {
    return [...new Set(Object.values(this.#options.paths))];
  }

  readonly #options: Guard.IOptions;
  readonly #offAtLoad: ReadonlySet<string>;
  readonly #tasks = new TaskQueue();
  readonly #half = new ServerHalf();
  // Names of the extensions that have asked for a socket.
  readonly #seen = new Set<string>();
  readonly #open = new Set<ICarrierRequest>();
  readonly #waiting = new Set<ICarrierRequest>();
  // What a native socket carries.
  readonly #natives = new Set<ICarrierRequest>();
  // The extensions whose last socket the session did not take.
  readonly #refused = new Set<string>();
  // What the session carries.
  readonly #carriers = new Map<ICarrierRequest, ChannelCarrier>();
  readonly #changed = new Signal<IGuard, void>(this);
  #connection: IAIConnection | null = null;
  // Whether it was told that new sockets are native.
  #toldNative = false;
  #welcomed = false;
  #gaveUp = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #goneTimer: ReturnType<typeof setTimeout> | undefined;
}

/** A namespace for `Guard` statics. */
export namespace Guard {
  /** What a guard is made from. */
  export interface IOptions {
    /** What the early part left; null: it has not run, or nothing is guarded. */
    readonly page: IPageGuard | null;
    /** What the server half guards, by path. */
    readonly paths: Paths;
    /** The user's own switch. */
    readonly off: GuardSwitch;
    /** Time after which open sockets end; `GONE_TIMEOUT_MS` unless given. */
    readonly goneTimeoutMs?: number;
  }
}
