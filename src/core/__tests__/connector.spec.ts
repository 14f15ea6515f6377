import type { Message } from '../channel';
import { Connector } from '../connector';
import type { IConnectorDriver } from '../driver';
import type { IResumeRequest } from '../handshake';
import type { ProbeAnswer } from '../retry';
import { ConnectorOptions } from '../status';
import { copyFrames } from './copy';
import { Owner, ending } from './pair';

const EPOCH = '0123456789abcdef';
const ACCEPT = '0\x1e{"type":"accept","channel":1,"parameters":{}}';

/** A driver that only notes; the test plays network and server. */
class Shell implements IConnectorDriver {
  constructor(options: Partial<ConnectorOptions> = {}) {
    this.connector = new Connector(
      this,
      () => 0.5,
      Object.assign(new ConnectorOptions(), options)
    );
  }

  nowMs = 0;
  readonly requests = new Map<number, IResumeRequest>();
  readonly open: number[] = [];
  readonly closed: [number, number][] = [];
  readonly probes: number[] = [];
  readonly written: Message[] = [];
  replaced = 0;
  readonly connector: Connector;

  randomSid(): string {
    this._sids = (this._sids ?? 0) + 1;
    return `${this._sids}`.padStart(32, '0');
  }

  openSocket(socketId: number, request: IResumeRequest): void {
    expect(this.open).toEqual([]); // S1
    this.open.push(socketId);
    this.requests.set(socketId, request);
  }

  closeSocket(socketId: number, code: number): void {
    expect(this.open).toEqual([socketId]);
    this.open.pop();
    this.closed.push([socketId, code]);
  }

  write(socketId: number, frames: readonly Message[]): void {
    expect(this.open).toEqual([socketId]);
    this.written.push(...copyFrames(frames));
  }

  openProbe(probeId: number): void {
    this.probes.push(probeId);
  }

  dropProbe(probeId: number): void {
    expect(this.probes.pop()).toBe(probeId);
  }

  flushWanted(): void {
    return;
  }

  statusChanged(): void {
    return;
  }

  sessionReplaced(): void {
    this.replaced++;
  }

  handlerFailed(error: unknown): void {
    throw error;
  }

  // -- What a test does --------------------------------------------------------

  get status(): Connector['status'] {
    return this.connector.status;
  }

  get request(): IResumeRequest {
    return this.requests.get(this.open[0]) as IResumeRequest;
  }

  start(): this {
    this.connector.start(this.nowMs);
    return this;
  }

  join(): this {
    this.start();
    this.welcome();
    return this;
  }

  message(frame: Message): void {
    this.connector.socketMessage(this.open[0], frame, this.nowMs);
  }

  welcome(members: Record<string, unknown> = {}): void {
    const { epoch, serial } = this.request;
    const welcome = {
      type: 'welcome',
      resumed: epoch !== undefined,
      epoch: EPOCH,
      instance: 'one',
      received: 0,
      serial,
      limits: {}
    };
    this.message(JSON.stringify({ ...welcome, ...members }));
  }

  close(code = 1006): void {
    const socketId = this.open.pop() as number;
    this.connector.socketClosed(socketId, code, this.nowMs);
  }

  answer(answer: ProbeAnswer): void {
    const probeId = this.probes.pop() as number;
    this.connector.probeAnswered(probeId, answer, this.nowMs);
  }

  /** Let the timer fire whenever it is due, until that time. */
  tickUntil(nowMs: number): void {
    while (this.connector.nextMs <= nowMs) {
      this.nowMs = Math.max(this.nowMs, this.connector.nextMs);
      this.connector.tick(this.nowMs);
    }
    this.nowMs = nowMs;
  }

  flush(): void {
    this.connector.flush(this.nowMs);
  }

  /** Answer the last ping. */
  pong(): void {
    const pings = this.written.filter(frame => `${frame}`.includes('"ping"'));
    const { id } = JSON.parse(pings[pings.length - 1] as string);
    const received = this.connector.session.log.start;
    this.message(JSON.stringify({ type: 'pong', id, received }));
  }

  // Counted before the fields of the class are set.
  declare private _sids: number | undefined;
}

describe('Connector', () => {
  let shell: Shell;

  beforeEach(() => {
    shell = new Shell();
  });

  it('should ask for a new session first (H1)', () => {
    const { epoch, received, serial } = shell.start().request;
    expect([epoch, received, serial]).toEqual([undefined, 0, 1]);
    expect(shell.status.state).toBe('connecting');
  });

  it('should write nothing before welcome, and answer it by a ping (H3)', () => {
    shell.start().connector.session.open('test');
    shell.flush();
    expect(shell.written).toEqual([]);
    shell.welcome();
    expect(shell.written[0]).toBe('{"type":"ping","id":1,"received":0}');
    expect(shell.written[1]).toContain('"open"');
    expect(shell.status.state).toBe('connected');
  });

  it('should resume with what it has counted (H1)', () => {
    shell.join().connector.session.open('test');
    shell.flush();
    shell.message(ACCEPT);
    shell.close();
    shell.tickUntil(0);
    const { epoch, received, serial } = shell.request;
    expect([epoch, received, serial]).toEqual([EPOCH, 1, 2]);
    shell.welcome({ received: 1 });
    expect(shell.connector.resumes).toBe(1);
    expect(shell.replaced).toBe(0);
  });

  it.each([
    ['S3', { serial: 9 }],
    ['H4', { resumed: false }],
    ['H4', { epoch: 'f'.repeat(16) }],
    ['H4', { epoch: undefined }],
    ['H7', { received: 5 }]
  ])(
    'should end the session for a welcome that breaks %s: %j',
    (_, members) => {
      shell.join().close();
      shell.tickUntil(0);
      const { sid } = shell.request;
      shell.welcome(members);
      expect(shell.closed).toEqual([[2, 4400]]);
      expect(shell.status.cause).toBe('protocol');
      expect(shell.replaced).toBe(1);
      shell.tickUntil(1_500);
      shell.answer('ok');
      expect(shell.request.epoch).toBeUndefined();
      expect(shell.request.sid).not.toBe(sid);
    }
  );

  it.each([
    '{"type":"ack","received":0}',
    '0\x1e{}',
    'nonsense',
    new Uint8Array([1, 0, 65]),
    ''
  ])('should reject %p before welcome (H3)', frame => {
    shell.start().message(frame);
    expect(shell.closed).toEqual([[1, 4400]]);
  });

  it.each([
    ['two', 'restarted'],
    ['one', 'session-lost']
  ])(
    'should start over at once when its session is lost (H9)',
    (instance, reason) => {
      const channel = shell.join().connector.session.open('test');
      const owner = new Owner(channel);
      shell.close();
      shell.tickUntil(0);
      const old = shell.request;
      shell.welcome({ resumed: false, epoch: undefined, instance });
      expect(owner.events).toEqual(['discontinuity']);
      expect(ending(channel)).toEqual(['discontinuity', 1006, reason]);
      expect(shell.request.sid).not.toBe(old.sid);
      expect(shell.request.epoch).toBeUndefined();
      expect(shell.request.serial).toBe(old.serial + 1);
      // That of the cut; none for starting over.
      expect(shell.status.attempt).toBe(1);
      expect(shell.connector.session.open('test').number).toBe(2); // Z2
    }
  );

  it('should pause when a server loses every session (H9)', () => {
    shell.start().close(4404);
    expect(shell.status.state).toBe('waiting');
    shell.tickUntil(0);
    shell.answer('ok');
    shell.close(4404);
    expect(shell.status.attempt).toBe(1);
    expect(shell.status.nextTryMs).toBeGreaterThan(0);
  });

  it('should say bye when it goes, and do nothing any more (H10)', () => {
    const owner = new Owner(shell.join().connector.session.open('test'));
    shell.connector.dispose(0);
    expect(shell.written.pop()).toBe('{"type":"bye"}');
    expect(shell.closed).toEqual([[1, 1000]]);
    expect(owner.events).toEqual(['discontinuity']);
    expect(shell.status.state).toBe('disposed');
    expect(shell.connector.nextMs).toBe(Infinity);
    shell.connector.reconnect(0);
    shell.connector.cameBack(0);
    shell.connector.dispose(0);
    expect(shell.open).toEqual([]);
  });

  it('should have a bye to post while cut (H10)', () => {
    expect(shell.start().connector.byeRequest).toBeNull();
    shell.welcome();
    shell.close();
    expect(shell.connector.byeRequest).toEqual({
      sid: '1'.padStart(32, '0'),
      epoch: EPOCH,
      received: 0,
      serial: 1
    });
  });

  it.each(['', 'v9.jupyter-ai-ws'])(
    'should ask when there is no common version: "%s" (V2)',
    protocol => {
      shell.start().connector.socketOpened(1, protocol, 0);
      expect(shell.closed).toEqual([[1, 4406]]);
      expect(shell.status).toMatchObject({
        cause: 'version',
        question: 'permanent'
      });
    }
  );

  it('should take the common version (V2)', () => {
    shell.start().connector.socketOpened(1, 'v1.jupyter-ai-ws', 0);
    expect(shell.closed).toEqual([]);
  });

  it('should drop late news of an old socket (S1)', () => {
    const { connector } = shell.join();
    connector.reconnect(0);
    connector.socketMessage(1, '5', 0);
    connector.socketOpened(1, '', 0);
    connector.socketClosed(1, 4404, 0);
    expect(shell.status.state).toBe('connecting');
    expect(shell.closed).toEqual([[1, 4408]]);
  });

  it('should wait 10 s again after a welcome (S2)', () => {
    shell.start().tickUntil(10_000);
    expect(shell.closed).toEqual([[1, 4408]]);
    shell.answer('ok');
    expect(shell.connector.nextMs).toBe(30_000);
    shell.welcome();
    shell.connector.reconnect(10_000);
    expect(shell.connector.nextMs).toBe(20_000);
  });

  it('should wait 5 s for a probe (S2)', () => {
    shell.start().close();
    shell.tickUntil(0);
    expect(shell.connector.nextMs).toBe(5_000);
    shell.nowMs = 5_000;
    shell.connector.tick(5_000);
    expect(shell.probes).toEqual([]);
    expect(shell.status).toMatchObject({ cause: 'busy', nextTryMs: 5_000 });
  });

  it.each([
    1000, 1001, 1005, 1006, 1008, 1011, 1012, 1013, 1014, 1015, 4406, 4408,
    4429, 3999, 4999
  ])('should keep the session after %i (R1)', code => {
    shell.join().close(code);
    shell.tickUntil(3_000);
    expect(shell.replaced).toBe(0);
    expect(shell.request.epoch).toBe(EPOCH);
    expect(shell.status.attempt).toBe(1);
  });

  it.each([1002, 1003, 1007, 1009, 1010, 4400, 4409, 4410])(
    'should begin a new session after %i (R1)',
    code => {
      const owner = new Owner(shell.join().connector.session.open('test'));
      shell.close(code);
      expect(owner.events).toEqual(['discontinuity']);
      shell.tickUntil(0);
      expect(shell.replaced).toBe(1);
      expect(shell.request.epoch).toBeUndefined();
      expect(shell.status.attempt).toBe(1);
    }
  );

  it('should start over after 4404, without an attempt (R1)', () => {
    shell.join().close(4404);
    expect(shell.replaced).toBe(1);
    expect(shell.request.epoch).toBeUndefined();
    expect(shell.status).toMatchObject({ attempt: 0, cause: 'session-lost' });
  });

  it.each([
    [1006, 'network', 'none'],
    [1001, 'restarting', 'none'],
    [4400, 'protocol', 'none'],
    [4406, 'version', 'permanent'],
    [4408, 'silent', 'none'],
    [4409, 'taken', 'none'],
    [4410, 'session-lost', 'none'],
    [4429, 'too-many', 'permanent']
  ])('should say why after %i: %s (R1)', (code, cause, question) => {
    shell.join().close(code);
    expect(shell.status).toMatchObject({ cause, question, cutMs: 0 });
  });

  it.each(['cameBack', 'shown'] as const)(
    'should wait no longer: %s (R7)',
    event => {
      shell = new Shell({ local: false }).join();
      shell.close();
      expect(shell.status.state).toBe('waiting');
      shell.connector[event](1);
      expect(shell.status.state).toBe('connecting');
    }
  );

  it.each([
    ['cameBack', 3_001, [2]],
    ['cameBack', 3_000, [1]],
    ['shown', 9_000, [1]]
  ] as const)(
    'should let only the network replace a try older than 3 s: %s, %i ms (R7)',
    (event, ageMs, open) => {
      shell.start().connector[event](ageMs);
      expect(shell.open).toEqual(open);
      expect(shell.status.attempt).toBe(0);
    }
  );

  it.each(['cameBack', 'shown'] as const)(
    'should ping a welcomed socket unless a ping is unanswered: %s (R7)',
    event => {
      shell.join().connector[event](1);
      expect(shell.written).toHaveLength(1);
      shell.pong();
      shell.connector[event](2);
      expect(shell.written).toHaveLength(2);
    }
  );

  it.each(['connecting', 'connected', 'waiting', 'probing', 'stopped'])(
    'should let a person start a try while %s (R7)',
    state => {
      shell = new Shell({ retryWhileAsking: false }).start();
      if (state === 'connected') {
        shell.welcome();
      } else if (state !== 'connecting') {
        shell.close(state === 'stopped' ? 4429 : 1006);
        if (state === 'probing') {
          shell.tickUntil(0);
        }
      }
      expect(shell.status.state).toBe(state);
      shell.connector.reconnect(0);
      expect(shell.status).toMatchObject({
        state: 'connecting',
        attempt: 1,
        question: 'none'
      });
      expect(shell.open).toHaveLength(1);
      expect(shell.probes).toEqual([]);
    }
  );

  it.each([
    [4_999, 1],
    [5_000, 0]
  ])(
    'should give attempts back on a socket %i ms old: %i left (R8)',
    (ageMs, attempt) => {
      shell.join().close();
      shell.tickUntil(0);
      shell.welcome();
      shell.nowMs = ageMs;
      shell.pong();
      expect(shell.status.attempt).toBe(attempt);
    }
  );

  it.each([true, false])(
    'should ask after 5 attempts and 30 s; retries go on: %s (R9)',
    retryWhileAsking => {
      shell = new Shell({ retryWhileAsking }).join();
      shell.close();
      while (shell.status.attempt < 5) {
        shell.tickUntil(shell.connector.nextMs);
        if (shell.open.length) {
          shell.close();
        } else if (shell.probes.length && shell.status.attempt < 5) {
          shell.answer('down');
        }
      }
      shell.tickUntil(29_999);
      expect(shell.status.question).toBe('none');
      shell.tickUntil(30_000);
      expect(shell.status.question).toBe('attempts');
      expect(shell.status.state === 'stopped').toBe(!retryWhileAsking);
    }
  );

  it('should ask nobody with 0 attempts (R9)', () => {
    shell = new Shell({ maxAttempts: 0 }).join();
    shell.close();
    shell.tickUntil(3_600_000);
    expect(shell.status.attempt).toBeGreaterThan(100);
    expect(shell.status.question).toBe('none');
  });

  it('should abandon a dead socket and resume (L5)', () => {
    shell.join().tickUntil(3_000);
    expect(shell.closed).toEqual([[1, 4408]]);
    expect(shell.request.epoch).toBe(EPOCH);
  });

  it('should take over options at once (L2)', () => {
    const { connector } = shell.join();
    shell.pong();
    expect(connector.nextMs).toBe(5_000);
    connector.options.heartbeatIntervalMs = 2_000;
    expect(connector.nextMs).toBe(2_000);
  });

  it('should allow for what is in flight (L3)', () => {
    shell = new Shell({ heartbeatIntervalMs: 20_000 }).join();
    shell.pong();
    const channel = shell.connector.session.open('test');
    shell.flush();
    shell.message('{"type":"ack","received":1}');
    shell.message(ACCEPT);
    channel.send('x'.repeat(16_384));
    shell.flush();
    expect(shell.connector.nextMs).toBe(3_000 + 16_384 / 8);
  });

  it('should count the silence before a ping that lost the race (L7)', () => {
    shell = new Shell({ heartbeatIntervalMs: 20_000 }).join();
    shell.pong();
    for (let cuts = 0; cuts < 2; cuts++) {
      shell.tickUntil(shell.nowMs + 20_000);
      shell.nowMs += 500;
      shell.close();
      shell.tickUntil(shell.nowMs + 1_000);
      shell.welcome();
      shell.pong();
    }
    expect(shell.connector.proxy.silenceLimitMs).toBe(20_500);
  });

  it('should park a page that is being frozen, until it sends (L8)', () => {
    const { connector } = shell.join();
    connector.park();
    expect(shell.status.state).toBe('sleeping');
    expect(shell.closed).toEqual([[1, 1000]]);
    expect(connector.nextMs).toBe(Infinity);
    connector.session.open('test');
    shell.flush();
    expect(shell.request.epoch).toBe(EPOCH);
    expect(shell.status.attempt).toBe(0);
  });

  it('should not wake a page that nobody sees when the network is back (L8)', () => {
    const { connector } = shell.join();
    connector.hid(0);
    connector.park();
    connector.cameBack(0);
    expect(shell.status.state).toBe('sleeping');
    connector.shown(0);
    expect(shell.status.state).toBe('connecting');
  });

  it('should ask no more once it parks (L8)', () => {
    const { connector } = shell.join();
    shell.close(4429);
    expect(shell.status.question).toBe('permanent');
    connector.park();
    expect(shell.status).toMatchObject({ question: 'none', cutMs: null });
  });

  it('should send parameters as they were when the channel was opened', () => {
    const parameters = { model: 'small' };
    shell.join().connector.session.open('test', parameters);
    parameters.model = 'large';
    shell.flush();
    expect(`${shell.written[shell.written.length - 1]}`).toContain(
      '"model":"small"'
    );
  });

  it.each(['welcome', 'close'])(
    'should have one socket when a handler reconnects on its end, told by %s (S1)',
    toldBy => {
      const channel = shell.join().connector.session.open('test');
      channel.listener = { readable: () => shell.connector.reconnect(0) };
      if (toldBy === 'close') {
        shell.close(4410);
      } else {
        shell.close();
        shell.tickUntil(0);
        shell.welcome({ resumed: false, epoch: undefined });
      }
      expect(shell.open).toHaveLength(1);
      expect(shell.status.state).toBe('connecting');
    }
  );

  it.each([
    ['reconnect', 'connecting', 1],
    ['dispose', 'disposed', 0]
  ] as const)(
    'should survive a %s by a handler while it answers welcome (C6)',
    (act, state, sockets) => {
      const channel = shell.join().connector.session.open('test');
      shell.flush();
      shell.message(ACCEPT);
      shell.close();
      channel.queueLimitBytes = 1;
      channel.send('record');
      channel.listener = { writable: () => shell.connector[act](0) };
      shell.tickUntil(0);
      shell.welcome({ received: 1 });
      expect(shell.status.state).toBe(state);
      expect(shell.open).toHaveLength(sockets);
    }
  );
});
