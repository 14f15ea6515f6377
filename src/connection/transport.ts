import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { formatRequest } from '../core/handshake';
import type { IResumeRequest } from '../core/handshake';
import { CloseCode, SUBPROTOCOL } from '../core/limits';
import { classifyProbe } from '../core/retry';
import type { ProbeAnswer } from '../core/retry';
import { type Behind, lookBehind } from '../redirect';

/** What a probe that failed has found (R4). */
const BEHIND: Readonly<Record<Behind, ProbeAnswer>> = {
  nothing: 'unreachable',
  login: 'login',
  hub: 'down'
};

/** One WebSocket message. */
export type Frame = string | Uint8Array;

/** What becomes of sockets and probes. Nothing more is told of one that was dropped. */
export interface ITransportListener {
  socketOpened(id: number, protocol: string): void;
  socketMessage(id: number, message: Frame): void;
  socketClosed(id: number, code: number): void;
  probeAnswered(id: number, answer: ProbeAnswer): void;
}

/** Return 32 lower-case hexadecimal digits, 128 random bits (H1). */
export function randomSid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Tell whether a socket is the browser's own: then it has copied what it is given before
 * `send` returns, so that the page may change it. Others may keep it for later.
 */
function isBrowsers(socket: WebSocket): boolean {
  return /\[native code]/.test(Function.prototype.toString.call(socket.send));
}

/**
 * Sockets and probes of the page, through the server settings of JupyterLab.
 *
 * #### Notes
 * Address, token and the WebSocket class are read anew for each attempt: a hub
 * may have renewed them.
 */
export class Transport {
  /**
   * @param settings - Where the server is.
   * @param listener - Who is told what becomes of sockets and probes.
   */
  constructor(
    settings: ServerConnection.ISettings,
    listener: ITransportListener
  ) {
    this.#settings = settings;
    this.#listener = listener;
  }

  /** Whether the server is on this machine, where no herd is to be feared (R2). */
  get local(): boolean {
    const { hostname } = new URL(this.#settings.baseUrl);
    return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  }

  /** Host and port of the server. */
  get host(): string {
    return new URL(this.#settings.baseUrl).host;
  }

  /** Open a socket that asks for a session (H1). */
  openSocket(id: number, request: IResumeRequest): void {
    let socket: WebSocket;
    try {
      socket = new this.#settings.WebSocket(this.#socketUrl(request), [
        SUBPROTOCOL
      ]);
    } catch {
      // A page policy may forbid it: the same as a socket that fails.
      void Promise.resolve().then(() => {
        if (this.#sockets.delete(id)) {
          this.#listener.socketClosed(id, CloseCode.ABNORMAL);
        }
      });
      this.#sockets.set(id, null);
      return;
    }
    this.#sockets.set(id, socket);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#listener.socketOpened(id, socket.protocol);
    socket.onmessage = ({ data }) =>
      this.#listener.socketMessage(
        id,
        typeof data === 'string' ? data : new Uint8Array(data)
      );
    // Says nothing that `close` does not; Node's `ws` throws without a listener.
    socket.onerror = () => undefined;
    socket.onclose = ({ code }) => {
      this.#forget(id);
      this.#listener.socketClosed(id, code);
    };
  }

  /**
   * Write frames; a socket that is no longer open swallows them, acks will tell. Nothing is
   * kept of them beyond this call.
   */
  write(id: number, frames: readonly Frame[]): void {
    const socket = this.#sockets.get(id);
    if (socket && socket.readyState === socket.OPEN) {
      try {
        for (const frame of frames) {
          const copied = typeof frame === 'string' || isBrowsers(socket);
          socket.send((copied ? frame : frame.slice()) as string);
        }
      } catch {
        // One that the page has replaced may throw. What has not left comes with a resume,
        // and nothing more may leave before it.
        this.#forget(id)?.close();
        void Promise.resolve().then(() =>
          this.#listener.socketClosed(id, CloseCode.ABNORMAL)
        );
      }
    }
  }

  /**
   * Drop the handlers and close, without waiting for it.
   *
   * #### Notes
   * Chromium never fires `close` while the other side does not answer, so
   * nothing may wait for it (L5).
   */
  closeSocket(id: number, code: number, reason: string): void {
    this.#forget(id)?.close(code, reason);
  }

  /** Look whether the server's half answers, and how (R4). */
  openProbe(id: number): void {
    const abort = new AbortController();
    this.#probes.set(id, abort);
    void this.#probe(abort.signal).then(answer => {
      if (this.#probes.delete(id)) {
        this.#listener.probeAnswered(id, answer);
      }
    });
  }

  /** Abandon a probe. */
  dropProbe(id: number): void {
    const abort = this.#probes.get(id);
    this.#probes.delete(id);
    abort?.abort();
  }

  /** Say `bye` beside the socket, as the page goes while it is cut (H10). */
  sayBye({ sid, epoch, serial }: IResumeRequest): void {
    const form = new URLSearchParams({
      sid,
      epoch: epoch ?? '',
      serial: `${serial}`
    });
    const xsrf = /(?:^|; *)_xsrf=([^;]*)/.exec(document.cookie);
    if (xsrf) {
      form.set('_xsrf', xsrf[1]);
    }
    if (this.#settings.token) {
      form.set('token', this.#settings.token);
    }
    navigator.sendBeacon?.(this.#probeUrl(), form);
  }

  #forget(id: number): WebSocket | null | undefined {
    const socket = this.#sockets.get(id);
    this.#sockets.delete(id);
    if (socket) {
      socket.onopen = socket.onmessage = socket.onclose = null;
    }
    return socket;
  }

  #socketUrl(request: IResumeRequest): string {
    const { wsUrl, appendToken, token } = this.#settings;
    // Where cookies do not authenticate WebSockets JupyterLab sets `appendToken`.
    const credentials =
      appendToken && token ? `&token=${encodeURIComponent(token)}` : '';
    const url = URLExt.join(wsUrl, 'jupyter-ai-ws', 'ws');
    return `${url}?${formatRequest(request)}${credentials}`;
  }

  #probeUrl(): string {
    return URLExt.join(this.#settings.baseUrl, 'jupyter-ai-ws', 'health');
  }

  async #probe(signal: AbortSignal): Promise<ProbeAnswer> {
    const ask = (changes: RequestInit = {}) =>
      this.#ask({ signal, ...changes });
    try {
      const response = await ask();
      const { redirected, status } = response;
      const body = await response.text();
      return classifyProbe(status, body, redirected, [SUBPROTOCOL]);
    } catch {
      return signal.aborted ? 'unreachable' : BEHIND[await lookBehind(ask)];
    }
  }

  #ask(changes: RequestInit): Promise<Response> {
    return ServerConnection.makeRequest(
      this.#probeUrl(),
      { method: 'GET', cache: 'no-store', ...changes },
      this.#settings
    );
  }

  readonly #settings: ServerConnection.ISettings;
  readonly #listener: ITransportListener;
  readonly #sockets = new Map<number, WebSocket | null>();
  readonly #probes = new Map<number, AbortController>();
}
