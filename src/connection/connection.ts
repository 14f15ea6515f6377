import type { ServerConnection } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { Connector } from '../core/connector';
import type { IConnectorDriver } from '../core/driver';
import { SessionEndedError } from '../core/errors';
import { CloseCode, SUBPROTOCOL } from '../core/limits';
import { ConnectorOptions } from '../core/status';
import type { IStatus } from '../core/status';
import type {
  IAIConnection,
  IChannel,
  IConnectionDiagnostics,
  IConnectionSettings,
  IConnectionStatus,
  IGuard
} from '../tokens';
import { checkService, checkText, copyParameters } from './arguments';
import { PageChannel } from './channel';
import { History } from './history';
import { IdleProxy } from './idle-proxy';
import { PageLife } from './page-life';
import { hasGuarded, sleepAfterMs } from './sleep';
import { publicStatus } from './status';
import { StatusTeller } from './status-teller';
import { Timer } from './timer';
import { type Frame, Transport, randomSid } from './transport';
import { VainWait } from './vain-wait';

/**
 * The AI connection of the page: the pure connector with sockets, one timer,
 * the page's life and the page's clock around it.
 */
export class AIConnection implements IAIConnection, IDisposable {
  /**
   * @param options - Where the server is, and the settings to begin with.
   */
  constructor(options: AIConnection.IOptions) {
    this.#transport = new Transport(options.serverSettings, {
      socketOpened: (id, protocol) =>
        this.#run(now => this.#core.socketOpened(id, protocol, now)),
      socketMessage: (id, message) =>
        this.#run(now => this.#receive(id, message, now)),
      socketClosed: (id, code) => {
        this.#history.note('socket closed', `code ${code}`);
        this.#run(now => this.#core.socketClosed(id, code, now));
        this.#noteSilence();
      },
      probeAnswered: (id, answer) => {
        this.#history.note('probe', answer);
        this.#run(now => this.#core.probeAnswered(id, answer, now));
      }
    });
    this.#available = options.available ?? true;
    this.#guard = options.guard ?? null;
    this.#onHub = options.onHub ?? false;
    this.#idleProxy = new IdleProxy(this.#transport.host);
    this.#core = new Connector(
      this.#driver(),
      Math.random,
      Object.assign(new ConnectorOptions(), { local: this.#transport.local }),
      this.#idleProxy.detector
    );
    this.#teller = new StatusTeller(this, this.#publish(this.#core.status));
    this.#life = new PageLife({
      cameBack: () => this.#run(now => this.#core.cameBack(now)),
      slept: () => this.#wake(),
      shown: () => this.#run(now => this.#core.shown(now)),
      hid: () => this.#run(now => this.#core.hid(now)),
      thawed: () => this.#thaw(),
      park: () => this.#run(() => this.#core.park()),
      left: () => this.#leave()
    });
    if (options.settings) {
      this.applySettings(options.settings);
    }
  }

  get status(): IConnectionStatus {
    return this.#teller.status;
  }

  get statusChanged(): ISignal<this, IConnectionStatus> {
    return this.#teller.changed;
  }

  get channels(): ReadonlyArray<IChannel> {
    return [...this.#channels];
  }

  get channelsChanged(): ISignal<this, void> {
    return this.#channelsChanged;
  }

  get WebSocket(): typeof WebSocket {
    return this.#guard?.WebSocket ?? window.WebSocket;
  }

  get isDisposed(): boolean {
    return this.status.state === 'disposed';
  }

  /** Open the first socket; nothing when there is no server half to connect to. */
  start(): void {
    if (!this.#available) {
      return;
    }
    this.#run(now => {
      this.#core.start(now);
      if (this.#life.hidden) {
        this.#core.hid(now);
      }
    });
  }

  open(service: string, parameters: JSONObject = {}, name = service): IChannel {
    checkService(service);
    checkText('name', name);
    // It may wait long before it is written; the caller may change it meanwhile.
    const copy = copyParameters(parameters);
    if (this.isDisposed) {
      throw new SessionEndedError(
        'The AI connection of this page was disposed of. Reload the page.'
      );
    }
    const core = this.#core.session.open(service, copy);
    const channel = new PageChannel(
      core,
      name,
      end => {
        const nowMs = performance.now();
        // What was under way when the line was lost was so however long ago that is.
        const untilMs =
          this.status.state === 'connected'
            ? nowMs
            : Math.min(nowMs, this.#core.liveness.lastProofMs);
        this.#history.channelEnded(name, end, untilMs - channel.usedMs);
      },
      () => {
        this.#channels.delete(channel);
        this.#onChannelsChanged();
      }
    );
    this.#channels.add(channel);
    this.#onChannelsChanged();
    return channel;
  }

  reconnect(): void {
    this.#history.note('reconnect', 'asked for');
    this.#run(now => this.#core.reconnect(now));
  }

  hurry(): void {
    if (this.status.nextTryMs !== null) {
      this.#run(now => this.#core.cameBack(now));
    }
  }

  forgetSilence(): void {
    this.#run(() => this.#idleProxy.forget());
  }

  /** Take over settings, at once. */
  applySettings(settings: IConnectionSettings): void {
    this.#idleProxy.adapts = settings.adaptToProxy;
    this.#run(() => Object.assign(this.#core.options, settings));
    if (!settings.adaptToProxy) {
      this.forgetSilence();
    }
  }

  diagnostics(): IConnectionDiagnostics {
    const core = this.#core;
    const { log, receipts } = core.session;
    const nowMs = performance.now();
    return {
      status: this.status,
      instance: core.instance,
      protocol: SUBPROTOCOL,
      connectedSince: this.#history.connectedSince,
      resumes: core.resumes,
      discontinuities: this.#history.discontinuities,
      recordsLost: this.#history.recordsLost,
      lastLoss: this.#history.lastLoss,
      longestCutMs: this.#history.longestCutMs(nowMs),
      roundTripMs: core.liveness.roundTripMs,
      roundTrips: this.#history.roundTrips,
      heartbeatIntervalMs: core.liveness.heartbeatIntervalMs,
      silenceLimitMs: core.proxy.silenceLimitMs,
      unitsSent: log.end,
      unitsReceived: receipts.received,
      unitsInFlight: log.end - log.start,
      channels: [...this.#channels].map(({ name, state, usedMs }) => {
        return { name, state, idleMs: nowMs - usedMs };
      }),
      guarded: this.#guard?.extensions ?? [],
      events: this.#history.events
    };
  }

  /** Say goodbye; every channel ends, no timer and no listener is left. */
  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this.#life.dispose();
    this.#channels.forEach(channel => channel.discard());
    this.#core.dispose(performance.now());
    this.#timer.set(Infinity);
    this.#vainWait.dispose();
    this.#setStatus(this.#core.status);
  }

  #driver(): IConnectorDriver {
    const transport = () => this.#transport;
    return {
      openSocket: (id, request) => transport().openSocket(id, request),
      closeSocket: (id, code, reason) => {
        if (reason) {
          this.#history.note('socket dropped', reason);
        }
        transport().closeSocket(id, code, reason);
      },
      write: (id, frames) => transport().write(id, frames),
      openProbe: id => transport().openProbe(id),
      dropProbe: id => transport().dropProbe(id),
      flushWanted: () =>
        void Promise.resolve().then(() =>
          this.#run(now => this.#core.flush(now))
        ),
      // Told by `#run`, when the core has finished: in between it is half true.
      statusChanged: () => undefined,
      sessionReplaced: () => this.#history.sessionLost(this.#core.instance),
      handlerFailed: error => console.error(error),
      randomSid
    };
  }

  /**
   * Do something with the core; when that is over tell the status and look
   * after the one timer. Whoever hears of it may call anything here.
   */
  #run(act: (nowMs: number) => void): void {
    if (this.isDisposed) {
      return;
    }
    this.#depth++;
    try {
      act(performance.now());
    } finally {
      this.#depth--;
    }
    if (this.#depth === 0) {
      this.#history.measured(this.#core.liveness.roundTripMs);
      this.#setStatus(this.#core.status);
      const { nextMs } = this.#core;
      this.#timer.set(nextMs);
      this.#life.watch(this.status.state === 'connected', nextMs);
      this.#vainWait.follow(
        this.status,
        this.#core.instance !== null,
        this.#channels.size > 0
      );
    }
  }

  /** Take in a message; a fault of ours while we do ends the session (B1). */
  #receive(id: number, message: Frame, nowMs: number): void {
    try {
      this.#core.socketMessage(id, message, nowMs);
    } catch (error) {
      console.error(error);
      const code = CloseCode.PROTOCOL_ERROR;
      this.#transport.closeSocket(id, code, 'B1: internal error');
      this.#core.socketClosed(id, code, nowMs);
    }
  }

  /** Tell in the history what was learned of an idle proxy (L7). */
  #noteSilence(): void {
    const limitMs = this.#idleProxy.learn();
    if (limitMs !== null) {
      const seconds = (ms: number) => (ms / 1000).toFixed(1);
      const heartbeatMs = this.#core.liveness.heartbeatIntervalMs;
      const when = this.#life.hidden ? 'hidden' : 'shown';
      this.#history.note(
        'idle proxy',
        `closed after ${seconds(limitMs)} s of silence while ${when}; heartbeat ${seconds(heartbeatMs)} s`
      );
    }
  }

  /** A socket older than the machine's sleep says nothing of the line: take a new one. */
  #wake(): void {
    this.#history.note('woke');
    this.#run(now => {
      if (this.status.state === 'connected' && !this.#life.hidden) {
        this.#core.park();
      }
      this.#core.cameBack(now);
    });
  }

  /**
   * Resume, though nobody looks, what does not sleep for that reason (L8).
   *
   * #### Notes
   * A browser may freeze and thaw a hidden page again and again: how long it has
   * been hidden and unused goes on, or it would never sleep.
   */
  #thaw(): void {
    const hiddenMs = this.#life.hiddenSinceMs ?? performance.now();
    const usedMs = [...this.#channels].map(channel => channel.usedMs);
    const idleMs = performance.now() - Math.max(hiddenMs, ...usedMs);
    const limitMs = this.#core.options.sleepAfterMs || Infinity;
    if (
      this.status.state === 'sleeping' &&
      hasGuarded(this.#services) &&
      idleMs < limitMs
    ) {
      this.#run(now => {
        this.#core.shown(now);
        this.#core.hid(hiddenMs);
      });
    }
  }

  #leave(): void {
    const bye = this.#core.byeRequest;
    if (bye && this.status.state !== 'connected') {
      this.#transport.sayBye(bye);
    }
    this.dispose();
  }

  get #services(): string[] {
    return [...this.#channels].map(({ service }) => service);
  }

  #onChannelsChanged(): void {
    const { options } = this.#core;
    options.sleepAfterMs = sleepAfterMs(this.#services, this.#onHub);
    this.#channelsChanged.emit();
  }

  #setStatus(core: IStatus): void {
    const status = this.#publish(core);
    if (!this.#teller.take(status)) {
      return;
    }
    const { instance } = this.#core;
    this.#history.statusChanged(status, performance.now(), instance);
    if (this.#teller.tell() && this.isDisposed) {
      Signal.clearData(this);
    }
  }

  #publish(core: IStatus): IConnectionStatus {
    return publicStatus(core, {
      available: this.#available,
      welcomed: this.#core.instance !== null,
      maxAttempts: this.#core.options.maxAttempts
    });
  }

  readonly #available: boolean;
  readonly #guard: AIConnection.IOptions['guard'] | null;
  readonly #onHub: boolean;
  readonly #transport: Transport;
  readonly #idleProxy: IdleProxy;
  readonly #core: Connector;
  readonly #life: PageLife;
  readonly #history = new History();
  readonly #channels = new Set<PageChannel>();
  readonly #channelsChanged = new Signal<this, void>(this);
  readonly #teller: StatusTeller<this>;
  readonly #vainWait = new VainWait(reason => {
    for (const channel of [...this.#channels]) {
      channel.refuse(CloseCode.UNKNOWN, reason);
    }
  });
  readonly #timer = new Timer(() => {
    this.#life.checkSleep();
    this.#run(now => this.#core.tick(now));
  });
  #depth = 0;
}

/** The namespace for `AIConnection` statics. */
export namespace AIConnection {
  /** What an AI connection is made from. */
  export interface IOptions {
    /** Where the server is; `app.serviceManager.serverSettings`. */
    readonly serverSettings: ServerConnection.ISettings;
    /** The settings to begin with; the defaults unless given. */
    readonly settings?: IConnectionSettings;
    /**
     * Whether the server said that its half is there; true unless given. If not,
     * no request is made until `reconnect()`: a page must look as if this were
     * not installed, and browsers print every refused request.
     */
    readonly available?: boolean;
    /** Whether a hub stops servers that nobody uses; false unless given. */
    readonly onHub?: boolean;
    /** The page's guard; none unless given. */
    readonly guard?: Pick<IGuard, 'extensions'> & {
      readonly WebSocket: typeof WebSocket;
    };
  }
}
