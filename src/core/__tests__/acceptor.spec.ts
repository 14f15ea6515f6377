import {
  Acceptor,
  AcceptorOptions,
  type IAcceptorListener,
  type IAdmission
} from '../acceptor';
import { decode } from '../frames';
import { HeldListener, type HeldSession } from '../held';
import type { ServerChannel } from '../server-end';
import { takeAll } from './pair';

const SID = '0123456789abcdef'.repeat(2);
const OTHER_SID = 'fedcba9876543210'.repeat(2);
const EPOCH = '0'.repeat(16);
const PING = '{"type":"ping","id":1,"received":0}';
const BYE = '{"type":"bye"}';
const OPEN = '0\x1e{"type":"open","channel":1,"service":"s","parameters":{}}';

/** Accepts every channel. */
class Listener extends HeldListener<string> {
  channelRequested(channel: ServerChannel): void {
    channel.accept();
  }

  handlerFailed(error: unknown): void {
    throw error;
  }
}

/** An acceptor whose sockets are names. */
class Server implements IAcceptorListener<string> {
  constructor(options: Partial<AcceptorOptions> = {}) {
    let epochs = 0;
    this.acceptor = new Acceptor<string>(
      'instance',
      this,
      () => new Listener(),
      () => `${epochs++}`.padStart(16, '0'),
      Object.assign(new AcceptorOptions(), options)
    );
  }

  readonly acceptor: Acceptor<string>;
  readonly closed: [string, number][] = [];
  readonly ended: HeldSession<string>[] = [];
  readonly lived: [string, number][] = [];
  overBudget = 0;

  closeSocket(socket: string, code: number): void {
    this.closed.push([socket, code]);
  }

  flushWanted(): void {
    return;
  }

  sessionAttached({ resumes, socket }: HeldSession<string>): void {
    this.lived.push([`attached ${socket}`, resumes]);
  }

  sessionParked(
    { socket }: HeldSession<string>,
    code: number,
    reason: string
  ): void {
    expect(socket).toBeNull();
    this.lived.push([`parked: ${reason}`, code]);
  }

  sessionEnded(held: HeldSession<string>, code: number, reason: string): void {
    this.ended.push(held);
    this.lived.push([reason, code]);
  }

  budgetExceeded(): void {
    this.overBudget++;
  }

  request(
    socket: string,
    serial: number,
    epoch?: string,
    { received = 0, sid = SID, principal = 'owner' } = {}
  ): IAdmission<string> {
    const request = { sid, epoch, received, serial };
    return this.acceptor.request(principal, request, socket, 0);
  }

  /** A new session whose page was heard. */
  join(socket = 'first', sid = SID): HeldSession<string> {
    const held = this.request(socket, 1, undefined, { sid })
      .held as HeldSession<string>;
    this.acceptor.receive(held, socket, PING, 0);
    return held;
  }
}

function welcome({ frames }: IAdmission<string>): unknown {
  return decode(frames[0]);
}

describe('Acceptor', () => {
  let server: Server;

  beforeEach(() => {
    server = new Server();
  });

  describe('#request() (H4)', () => {
    it('should make a new session', () => {
      const admission = server.request('first', 1);
      expect(admission.held).not.toBeNull();
      expect(welcome(admission)).toEqual({
        type: 'welcome',
        resumed: false,
        epoch: EPOCH,
        instance: 'instance',
        received: 0,
        serial: 1,
        limits: {}
      });
    });

    it.each([false, true])(
      'should make nothing for an unknown session (sid known: %s)',
      known => {
        if (known) {
          server.join();
        }
        const before = [...server.acceptor.sessions.values()];
        const admission = server.request('late', 2, 'f'.repeat(16));
        expect(admission).toMatchObject({ held: null, code: 4404 });
        expect(welcome(admission)).toEqual({
          type: 'welcome',
          resumed: false,
          epoch: undefined,
          instance: 'instance',
          received: 0,
          serial: 2,
          limits: {}
        });
        expect([...server.acceptor.sessions.values()]).toEqual(before);
        expect(server.closed).toEqual([]);
      }
    );

    it.each([
      [undefined, 1],
      [undefined, 2],
      [EPOCH, 1],
      [EPOCH, 2]
    ])(
      "should touch nothing for a serial not above the session's (%s, %i)",
      (epoch, serial) => {
        const held = server.join();
        server.request('second', 2, EPOCH);
        expect(server.request('limps in', serial, epoch)).toMatchObject({
          held: null,
          code: 4409,
          frames: []
        });
        expect(held.socket).toBe('second');
      }
    );

    it.each([1, 99])(
      'should end the session for a cursor outside the log: %i',
      received => {
        server.join();
        const admission = server.request('second', 2, EPOCH, { received });
        expect(admission).toMatchObject({ held: null, code: 4400 });
        expect(admission.reason).toMatch(/^H4/);
        expect(server.acceptor.sessions.size).toBe(0);
        expect(server.closed).toEqual([['first', 4400]]);
      }
    );

    it('should resume a known session', () => {
      const held = server.join();
      const { acceptor } = server;
      acceptor.receive(held, 'first', OPEN, 0);
      const channel = held.session.channels.get(1) as ServerChannel;
      acceptor.flush(held, 0);
      acceptor.receive(held, 'first', '1\x1ecounted', 0);
      const admission = server.request('second', 2, EPOCH);
      expect(admission.held).toBe(held);
      expect(welcome(admission)).toMatchObject({ resumed: true, received: 2 });
      // H3: what is missing, with the first writes
      expect(admission.frames).toHaveLength(2);
      expect(server.closed).toEqual([['first', 4409]]);
      expect(takeAll(channel)).toEqual(['counted']);
      expect(held.resumes).toBe(1);
    });

    it('should not take a sid in use', () => {
      const held = server.join();
      expect(server.request('second', 2)).toMatchObject({
        held: null,
        code: 4409
      });
      expect(held.socket).toBe('first');
    });

    it('should replace a session whose page was never heard', () => {
      const first = server.request('first', 1).held;
      const second = server.request('second', 2);
      expect(second.held).not.toBeNull();
      expect(welcome(second)).toMatchObject({ resumed: false });
      expect(server.ended).toEqual([first]);
      expect(server.closed).toEqual([['first', 4409]]);
    });

    it('should limit the sessions of a principal', () => {
      server = new Server({ maxSessionsPerPrincipal: 1 });
      const held = server.join();
      const more = (principal: string) =>
        server.request('more', 1, undefined, { sid: OTHER_SID, principal });
      expect(more('owner').code).toBe(4429);
      expect(more('other').held).not.toBeNull();
      server.acceptor.end(held, 'enough', 4410);
      expect(more('owner').held).not.toBeNull();
    });

    it("should not know another principal's session (H2)", () => {
      const held = server.join();
      const admission = server.request('thief', 2, EPOCH, {
        principal: 'other'
      });
      expect(admission).toMatchObject({ held: null, code: 4404 });
      expect(held.socket).toBe('first');
    });
  });

  it('should drop what arrives on a detached socket (H6)', () => {
    const held = server.join();
    server.request('second', 2, EPOCH);
    server.acceptor.receive(held, 'first', OPEN, 0);
    server.acceptor.detached(held, 'first', 0);
    expect(held.session.receipts.received).toBe(0);
    expect(held.socket).toBe('second');
  });

  it('should end a session with 4400 for an error (B1)', () => {
    const held = server.join();
    server.acceptor.receive(held, 'first', '5', 0);
    expect(server.closed).toEqual([['first', 4400]]);
    expect(server.acceptor.sessions.size).toBe(0);
    expect(held.session.ended).toMatch(/^F3/);
  });

  it('should keep a parked session for 12 h (P1)', () => {
    const held = server.join();
    expect(held.expiresMs).toBe(Infinity);
    server.acceptor.detached(held, 'first', 1_000);
    server.acceptor.tick(1_000 + 12 * 3_600_000 - 1);
    expect(server.ended).toEqual([]);
    server.acceptor.tick(1_000 + 12 * 3_600_000);
    expect(server.ended).toEqual([held]);
  });

  it('should keep one whose page was never heard for 30 s (P1)', () => {
    const held = server.request('first', 1).held as HeldSession<string>;
    server.acceptor.detached(held, 'first', 0);
    server.acceptor.tick(29_999);
    expect(server.ended).toEqual([]);
    server.acceptor.tick(30_000);
    expect(server.ended).toEqual([held]);
  });

  it('should end a session 10 s after a bye (H10)', () => {
    const held = server.join();
    server.acceptor.receive(held, 'first', BYE, 0);
    expect(server.closed).toEqual([['first', 1000]]);
    server.acceptor.tick(9_999);
    expect(server.ended).toEqual([]);
    server.acceptor.tick(10_000);
    expect(server.ended).toEqual([held]);
  });

  it('should forget a bye when a higher serial comes (H10)', () => {
    const held = server.join();
    server.acceptor.receive(held, 'first', BYE, 0);
    expect(server.request('second', 2, EPOCH).held).toBe(held);
    server.acceptor.detached(held, 'second', 0);
    server.acceptor.tick(10_000);
    expect(server.ended).toEqual([]);
  });

  it.each([
    [1, false],
    [2, true],
    [3, true]
  ])(
    'should ignore a posted bye with a lower serial: %i (H10)',
    (serial, heeded) => {
      const held = server.join();
      server.request('second', 2, EPOCH);
      server.acceptor.detached(held, 'second', 0);
      server.acceptor.bye('owner', SID, EPOCH, serial, 0);
      server.acceptor.tick(10_000);
      expect(server.ended).toHaveLength(heeded ? 1 : 0);
    }
  );

  it('should let a request that a posted bye overtook revoke nothing (H10)', () => {
    const held = server.join();
    server.acceptor.detached(held, 'first', 0);
    server.acceptor.bye('owner', SID, EPOCH, 2, 0);
    expect(server.request('second', 2, EPOCH).code).toBe(4409);
    server.acceptor.tick(10_000);
    expect(server.ended).toEqual([held]);
  });

  it.each([
    ['other', SID, EPOCH],
    ['owner', OTHER_SID, EPOCH],
    ['owner', SID, 'f'.repeat(16)]
  ])(
    'should ignore a bye for another session (H10)',
    (principal, sid, epoch) => {
      const held = server.join();
      server.acceptor.bye(principal, sid, epoch, 9, 0);
      expect(held.socket).toBe('first');
    }
  );

  it('should park a session whose socket is silent for 45 s (L6)', () => {
    const held = server.join();
    server.acceptor.byteSeen(held, 'first', 10_000);
    server.acceptor.byteSeen(held, 'other', 20_000);
    server.acceptor.tick(54_999);
    expect(server.closed).toEqual([]);
    server.acceptor.tick(55_000);
    expect(server.closed).toEqual([['first', 4408]]);
    expect(held.socket).toBeNull();
    expect(server.ended).toEqual([]);
  });

  it('should tell that a session is attached, parked and attached again', () => {
    const held = server.join();
    server.request('second', 2, EPOCH);
    server.acceptor.detached(held, 'first', 0, 1006);
    server.acceptor.detached(held, 'second', 0, 1001, 'tab closed');
    server.request('third', 3, EPOCH);
    server.acceptor.tick(45_000);
    expect(server.lived).toEqual([
      ['attached first', 0],
      ['parked: a later socket took over', 4409],
      ['attached second', 1],
      ['parked: tab closed', 1001],
      ['attached third', 2],
      ['parked: nothing came for 45 s', 4408]
    ]);
  });

  it('should tell that a session expired (P1)', () => {
    server.acceptor.detached(server.join(), 'first', 0);
    server.acceptor.tick(12 * 3_600_000);
    expect(server.lived.slice(1)).toEqual([
      ['parked: ', 1006],
      ['the session expired', 4404]
    ]);
  });

  it('should end the oldest parked session first, then the largest (P2)', () => {
    server = new Server({ memoryBudgetBytes: 1_000_000 });
    const { acceptor } = server;
    const names = ['empty', 'parked', 'oldest', 'small', 'large'];
    const [empty, parked, oldest, small, large] = names.map((name, i) =>
      server.join(name, `${i}`.padStart(32, '0'))
    );
    const grow = (held: HeldSession<string>, size: number) => {
      acceptor.receive(held, held.socket as string, OPEN, 0);
      held.session.channels.get(1)?.send('x'.repeat(size));
    };
    const more = () => large.session.channels.get(1)?.send('x'.repeat(400_000));
    grow(parked, 300_000);
    grow(oldest, 300_000);
    grow(small, 100_000);
    acceptor.detached(empty, 'empty', 1);
    acceptor.detached(oldest, 'oldest', 2);
    acceptor.detached(parked, 'parked', 3);
    expect(server.overBudget).toBe(0);
    grow(large, 400_000);
    expect(server.overBudget).toBe(1);
    acceptor.enforceBudget();
    expect(server.ended).toEqual([oldest]);
    more();
    expect(server.overBudget).toBe(2);
    acceptor.enforceBudget();
    expect(server.ended).toEqual([oldest, parked]);
    more();
    acceptor.enforceBudget();
    expect(server.ended).toEqual([oldest, parked, large]);
    expect(server.closed).toEqual([['large', 4410]]);
    expect(server.lived[server.lived.length - 1]).toEqual([
      'the server ran out of memory for sessions',
      4410
    ]);
    expect(acceptor.memoryBytes).toBe(small.session.memoryBytes);
  });
});
