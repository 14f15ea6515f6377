import type { Message } from '../channel';
import type { IConnectorDriver } from '../driver';
import type { IResumeRequest } from '../handshake';
import type { IStatus } from '../status';

import { copyFrames } from './copy';

/** A driver that only notes what it is asked for. */
export class Driver implements IConnectorDriver {
  readonly did: string[] = [];
  readonly requests: IResumeRequest[] = [];
  readonly statuses: IStatus[] = [];
  readonly frames: Message[] = [];

  randomSid(): string {
    return `${++this._sids}`.padStart(32, '0');
  }

  openSocket(socketId: number, request: IResumeRequest): void {
    this.did.push(`socket ${socketId}`);
    this.requests.push(request);
  }

  closeSocket(socketId: number, code: number): void {
    this.did.push(`close ${socketId} ${code}`);
  }

  write(_: number, frames: readonly Message[]): void {
    this.frames.push(...copyFrames(frames));
  }

  openProbe(probeId: number): void {
    this.did.push(`probe ${probeId}`);
  }

  dropProbe(probeId: number): void {
    this.did.push(`drop ${probeId}`);
  }

  flushWanted(): void {
    return;
  }

  statusChanged(status: IStatus): void {
    this.statuses.push(status);
  }

  sessionReplaced(): void {
    this.did.push('session replaced');
  }

  handlerFailed(error: unknown): void {
    throw error;
  }

  private _sids = 0;
}
