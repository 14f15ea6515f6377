import type { JSONObject } from '@lumino/coreutils';
import { PromiseDelegate } from '@lumino/coreutils';
import { Signal } from '@lumino/signaling';

import type { IChannel, IChannelEnd } from '../../tokens';
import { FakeConnection } from '../../ui/__tests__/fake-connection';
import { textOf } from '../checker';

/** A channel to the self-test of a server; the test may spoil what it delivers. */
export class FakeChannel implements IChannel {
  readonly id = 1;
  readonly service = 'self-test';
  readonly name = 'self-test';
  readonly message: Signal<IChannel, string | Uint8Array> = new Signal(this);
  readonly bufferedAmount = 0;
  readonly accept = new PromiseDelegate<JSONObject>();
  readonly end = new PromiseDelegate<IChannelEnd>();
  readonly accepted = this.accept.promise;
  readonly closed = this.end.promise;
  readonly pause = jest.fn();
  readonly resume = jest.fn();
  readonly close = jest.fn();
  readonly abort = jest.fn();
  state: IChannel['state'] = 'opening';
  writable = true;
  sent: string[] = [];

  async ready(): Promise<void> {}

  send(record: string | Uint8Array): void {
    this.sent.push(String(record));
  }
}

/** A connection whose server offers the self-test and can be cut. */
export class FakeService extends FakeConnection {
  readonly channel = new FakeChannel();
  parameters: JSONObject = {};
  /** Changes what is delivered, for a server or line that does its work badly. */
  spoil: (records: string[]) => string[] = records => records;
  /** Cuts by either end. */
  cuts = { server: 0, page: 0 };

  readonly reconnect = jest.fn(() => {
    this.cuts.page += this.status.state === 'connected' ? 1 : 0;
    this.go({ state: 'reconnecting', trying: true });
    void this.heal();
  });

  open(_service?: string, parameters: JSONObject = {}): FakeChannel {
    this.parameters = parameters;
    this.channel.accept.resolve(parameters);
    return this.channel;
  }

  /** Come back from a cut a little later. */
  async heal(): Promise<void> {
    await Promise.resolve();
    await Promise.resolve();
    this.go();
  }

  /** Deliver records to the page. */
  deliver(...records: string[]): void {
    for (const record of this.spoil(records)) {
      this.channel.message.emit(record);
    }
  }

  /** Let the server work: stream, echo and cut, until the page has closed. */
  async serve(records: number, closed: () => boolean): Promise<void> {
    for (let n = 1; !closed(); n++) {
      if (n <= records) {
        this.deliver(JSON.stringify({ n, text: textOf(n) }));
      }
      const batch = this.channel.sent.splice(0);
      for (const record of batch) {
        if (record === '{"cut":true}') {
          this.cuts.server++;
          this.go({ state: 'reconnecting', cause: 'network' });
          void this.heal();
        } else {
          this.deliver(record);
        }
      }
      await new Promise(resolve => setTimeout(resolve));
      if (n > 10 * records) {
        return;
      }
    }
  }
}
