import { Signal } from '@lumino/signaling';

import type {
  IAIConnection,
  IChannel,
  IConnectionDiagnostics,
  IConnectionStatus
} from '../../tokens';

/** A status in which all is well, but for what is given. */
export function status(
  changes: Partial<IConnectionStatus> = {}
): IConnectionStatus {
  return {
    state: 'connected',
    cause: '',
    attempt: 0,
    maxAttempts: 5,
    nextTryMs: null,
    trying: false,
    probing: false,
    cutMs: null,
    question: 'none',
    ...changes
  };
}

/** A connection that goes where the test says. */
export class FakeConnection implements IAIConnection {
  readonly statusChanged: Signal<IAIConnection, IConnectionStatus> = new Signal(
    this
  );
  readonly channelsChanged: Signal<IAIConnection, void> = new Signal(this);
  readonly channels: IChannel[] = [];
  readonly WebSocket = window.WebSocket;
  readonly reconnect = jest.fn();
  readonly forgetSilence = jest.fn();
  readonly hurry = jest.fn();
  status = status();
  isDisposed = false;
  known: Partial<IConnectionDiagnostics> = {};

  /** Change the status and say so. */
  go(changes: Partial<IConnectionStatus> = {}): void {
    this.status = status(changes);
    this.statusChanged.emit(this.status);
  }

  open(): IChannel {
    throw new Error('This connection opens no channels.');
  }

  diagnostics(): IConnectionDiagnostics {
    return {
      status: this.status,
      instance: null,
      protocol: 'v1.jupyter-ai-ws',
      connectedSince: 1,
      resumes: 0,
      discontinuities: 0,
      recordsLost: 0,
      lastLoss: null,
      longestCutMs: 0,
      roundTripMs: null,
      roundTrips: [],
      heartbeatIntervalMs: 5000,
      silenceLimitMs: null,
      unitsSent: 0,
      unitsReceived: 0,
      unitsInFlight: 0,
      channels: [],
      guarded: [],
      events: [],
      ...this.known
    };
  }
}
