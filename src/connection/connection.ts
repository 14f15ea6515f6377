import type { ServerConnection } from '@jupyterlab/services';
import type { JSONObject } from '@lumino/coreutils';
import type { ISignal } from '@lumino/signaling';
import { Signal } from '@lumino/signaling';

import { Connector } from '../core/connector';
import type { IConnectorDriver } from '../core/driver';
import { CloseCode, SUBPROTOCOL } from '../core/limits';
import { IdleProxyDetector } from '../core/silence';
import { ConnectorOptions } from '../core/status';
import type { IStatus } from '../core/status';
import type {
  IAIConnection,
  IChannel,
  IConnectionDiagnostics,
  IConnectionSettings,
  IConnectionStatus
} from '../tokens';
import { PageChannel } from './channel';
import { History } from './history';
import { PageLife } from './page-life';
import { SilenceMemory } from './silence-memory';
import { publicStatus } from './status';
import { Timer } from './timer';
import { type Frame, Transport, randomSid } from './transport';

/**
 * The AI connection of the page: the pure connector with sockets, one timer,
 * the page's life and the page's clock around it.
 */
export class AIConnection implements IAIConnection {
  /**
   * @param options - Where the server is, and the settings to begin with.
   */
  constructor(options: AIConnection.IOptions) {
    this._transport = new Transport(options.serverSettings, {
      socketOpened: (id, protocol) =>
        this._run(now => this._core.socketOpened(id, protocol, now)),
      socketMessage: (id, message) =>
        this._run(now => this._receive(id, message, now)),
      socketClosed: (id, code) => {
        this._history.note('socket closed', `code ${code}`);
        this._run(now => this._core.socketClosed(id, code, now));
      },
      probeAnswered: (id, answer) => {
        this._history.note('probe', answer);
        this._run(now => this._core.probeAnswered(id, answer, now));
      }
    });
    this._available = options.available ?? true;
    this._memory = new SilenceMemory(this._transport.host);
    this._core = new Connector(
      this._driver(),
      Math.random,
      Object.assign(new ConnectorOptions(), { local: this._transport.local }),
      new IdleProxyDetector(this._memory.limitMs)
    );
    this._status = this._publish(this._core.status);
    this._life = new PageLife({
      cameBack: () => this._run(now => this._core.cameBack(now)),
      shown: () => this._run(now => this._core.shown(now)),
      hid: () => this._run(now => this._core.hid(now)),
      park: () => this._run(now => this._core.park(now)),
      left: () => this._leave()
    });
    if (options.settings) {
      this.applySettings(options.settings);
    }
  }

  get status(): IConnectionStatus {
    return this._status;
  }

  get statusChanged(): ISignal<this, IConnectionStatus> {
    return this._statusChanged;
  }

  get channels(): ReadonlyArray<IChannel> {
    return [...this._channels];
  }

  get channelsChanged(): ISignal<this, void> {
    return this._channelsChanged;
  }

  get isDisposed(): boolean {
    return this._status.state === 'disposed';
  }

  /** Open the first socket; nothing when there is no server half to connect to. */
  start(): void {
    if (!this._available) {
      return;
    }
    this._run(now => {
      this._core.start(now);
      if (this._life.hidden) {
        this._core.hid(now);
      }
    });
  }

  open(service: string, parameters: JSONObject = {}): IChannel {
    // It may wait long before it is written; the caller may change it meanwhile.
    const copy: JSONObject = JSON.parse(JSON.stringify(parameters));
    const core = this._core.open(service, copy);
    const channel = new PageChannel(core, () => {
      this._channels.delete(channel);
      this._channelsChanged.emit();
    });
    this._channels.add(channel);
    this._channelsChanged.emit();
    return channel;
  }

  reconnect(): void {
    this._history.note('reconnect', 'asked for');
    this._run(now => this._core.reconnect(now));
  }

  /** Take over settings, at once. */
  applySettings(settings: IConnectionSettings): void {
    Object.assign(this._core.options, settings);
    this._run(() => this._core.applyOptions());
  }

  diagnostics(): IConnectionDiagnostics {
    const core = this._core;
    const { log, receipts } = core.session;
    return {
      status: this._status,
      instance: core.instance,
      protocol: SUBPROTOCOL,
      connectedSince: this._history.connectedSince,
      resumes: core.resumes,
      discontinuities: this._history.discontinuities,
      longestCutMs: this._history.longestCutMs(performance.now()),
      roundTripMs: core.liveness.roundTripMs,
      heartbeatIntervalMs: core.liveness.heartbeatIntervalMs,
      silenceLimitMs: core.proxy.silenceLimitMs,
      unitsSent: log.end,
      unitsReceived: receipts.received,
      unitsInFlight: log.end - log.start,
      events: this._history.events
    };
  }

  /** Say goodbye; every channel ends, no timer and no listener is left. */
  dispose(): void {
    if (this.isDisposed) {
      return;
    }
    this._life.dispose();
    this._channels.forEach(channel => channel.discard());
    this._core.dispose(performance.now());
    this._timer.set(Infinity);
    this._setStatus(this._core.status);
  }

  private _driver(): IConnectorDriver {
    const transport = () => this._transport;
    return {
      openSocket: (id, request) => transport().openSocket(id, request),
      closeSocket: (id, code, reason) => {
        if (reason) {
          this._history.note('socket dropped', reason);
        }
        transport().closeSocket(id, code, reason);
      },
      write: (id, frames) => transport().write(id, frames),
      openProbe: id => transport().openProbe(id),
      dropProbe: id => transport().dropProbe(id),
      flushWanted: () =>
        void Promise.resolve().then(() =>
          this._run(now => this._core.flush(now))
        ),
      // Told by `_run`, when the core has finished: in between it is half true.
      statusChanged: () => undefined,
      sessionReplaced: () => {
        this._history.discontinuities++;
        this._history.note('session lost');
      },
      handlerFailed: error => console.error(error),
      randomSid
    };
  }

  /**
   * Do something with the core; when that is over tell the status and look
   * after the one timer. Whoever hears of it may call anything here.
   */
  private _run(act: (nowMs: number) => void): void {
    if (this.isDisposed) {
      return;
    }
    this._depth++;
    try {
      act(performance.now());
    } finally {
      this._depth--;
    }
    if (this._depth === 0) {
      this._setStatus(this._core.status);
      this._timer.set(this._core.nextMs);
    }
  }

  /** Take in a message; a fault of ours while we do ends the session (B1). */
  private _receive(id: number, message: Frame, nowMs: number): void {
    try {
      this._core.socketMessage(id, message, nowMs);
    } catch (error) {
      console.error(error);
      const code = CloseCode.PROTOCOL_ERROR;
      this._transport.closeSocket(id, code, 'B1: internal error');
      this._core.socketClosed(id, code, nowMs);
    }
  }

  private _leave(): void {
    const bye = this._core.byeRequest;
    if (bye && this._status.state !== 'connected') {
      this._transport.sayBye(bye);
    }
    this.dispose();
  }

  private _setStatus(core: IStatus): void {
    const status = this._publish(core);
    const keys = Object.keys(status) as (keyof IConnectionStatus)[];
    if (keys.every(key => status[key] === this._status[key])) {
      return;
    }
    this._status = status;
    this._memory.limitMs = this._core.proxy.silenceLimitMs;
    this._history.statusChanged(status, performance.now());
    this._tell();
  }

  /** Tell the status to everybody; a change by a handler is told after that. */
  private _tell(): void {
    if (this._telling) {
      return;
    }
    this._telling = true;
    let told: IConnectionStatus;
    do {
      told = this._status;
      this._statusChanged.emit(told);
    } while (told !== this._status);
    this._telling = false;
    if (this.isDisposed) {
      Signal.clearData(this);
    }
  }

  private _publish(core: IStatus): IConnectionStatus {
    return publicStatus(core, {
      available: this._available,
      welcomed: this._core.instance !== null,
      maxAttempts: this._core.options.maxAttempts
    });
  }

  private readonly _available: boolean;
  private readonly _transport: Transport;
  private readonly _memory: SilenceMemory;
  private readonly _core: Connector;
  private readonly _life: PageLife;
  private readonly _history = new History();
  private readonly _channels = new Set<PageChannel>();
  private readonly _statusChanged = new Signal<this, IConnectionStatus>(this);
  private readonly _channelsChanged = new Signal<this, void>(this);
  private _status: IConnectionStatus;
  private readonly _timer = new Timer(() => {
    this._life.checkSleep();
    this._run(now => this._core.tick(now));
  });
  private _depth = 0;
  private _telling = false;
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
  }
}
