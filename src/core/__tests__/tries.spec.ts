import type { IWelcome } from '../frames';
import { Liveness } from '../liveness';
import { ConnectorOptions } from '../status';
import { Tries } from '../tries';
import { Driver } from './driver';
import { Owner, ending, ruleOf } from './pair';

const EPOCH = '0123456789abcdef';

describe('Tries', () => {
  let driver: Driver;
  let options: ConnectorOptions;
  let tries: Tries;

  beforeEach(() => {
    driver = new Driver();
    options = new ConnectorOptions();
    tries = new Tries(driver, new Liveness(), options, () => 0.5);
  });

  function welcome(members: Partial<IWelcome> = {}): IWelcome {
    const { epoch, serial } = tries.request;
    return {
      type: 'welcome',
      resumed: epoch !== undefined,
      epoch: EPOCH,
      instance: 'one',
      received: 0,
      serial,
      limits: {},
      ...members
    };
  }

  /** Open a socket and have it welcomed. */
  function join(): void {
    tries.start(0);
    tries.welcomed(welcome(), 0);
    tries.settle('connected');
  }

  it('should ask for a new session with its first socket, once (H1)', () => {
    tries.start(0);
    tries.start(0);
    expect(driver.did).toEqual(['socket 1']);
    expect(driver.requests[0]).toEqual({
      sid: '1'.padStart(32, '0'),
      epoch: undefined,
      received: 0,
      serial: 1
    });
    expect(tries.status.state).toBe('connecting');
  });

  it('should do nothing before it is started', () => {
    tries.wake(0);
    tries.tick(1e9);
    expect(tries.replaceOld(1e9)).toBe(false);
    expect(tries.nextMs).toBe(Infinity);
    expect(driver.did).toEqual([]);
  });

  it('should tell its status after what it tells of was done', () => {
    const seen: string[][] = [];
    driver.statusChanged = () => seen.push([...driver.did]);
    tries.start(0);
    expect(seen).toEqual([['socket 1']]);
  });

  it('should number tries without a gap between sockets and probes (H1)', () => {
    tries.start(0);
    tries.lost(1006, 0);
    tries.tick(0);
    tries.probeAnswered('ok', 0);
    expect(driver.did).toEqual(['socket 1', 'probe 2', 'socket 3']);
    expect(tries.request.serial).toBe(3);
    expect(tries.current).toBe(3);
  });

  it('should resume what was welcomed (H1)', () => {
    join();
    tries.lost(1006, 0);
    tries.tick(0);
    expect(driver.requests[1]).toMatchObject({ epoch: EPOCH, serial: 2 });
    expect(tries.welcomed(welcome({ resumed: true }), 0)).toBe(true);
  });

  it.each([
    ['S3', { serial: 7 }],
    ['H4', { epoch: undefined }],
    ['H4', { resumed: true }],
    ['H7', { received: 1 }]
  ])('should reject a first welcome that breaks %s: %j', (rule, members) => {
    tries.start(0);
    expect(ruleOf(() => tries.welcomed(welcome(members), 0))).toBe(rule);
    expect(tries.session.attached).toBe(false);
  });

  it('should ask for a new session when the old one is unknown (H9)', () => {
    join();
    const channel = tries.session.open('test');
    const owner = new Owner(channel);
    tries.lost(1006, 0);
    tries.tick(0);
    const lost = welcome({ resumed: false, epoch: undefined });
    expect(tries.welcomed(lost, 0)).toBe(false);
    expect(driver.did.slice(-3)).toEqual([
      'close 2 1000',
      'socket 3',
      'session replaced'
    ]);
    expect(driver.requests[2].epoch).toBeUndefined();
    expect(owner.events).toEqual(['discontinuity']);
    expect(ending(channel)?.[2]).toBe('session-lost');
    expect(tries.status).toMatchObject({ cause: 'session-lost', attempt: 1 });
  });

  it('should give up a probe that brings no answer in 5 s (S2, R6)', () => {
    tries.start(0);
    tries.lost(1006, 0);
    tries.tick(0);
    expect(tries.nextMs).toBe(5_000);
    tries.tick(5_000);
    expect(driver.did.slice(-1)).toEqual(['drop 2']);
    expect(tries.status).toMatchObject({
      state: 'waiting',
      cause: 'busy',
      nextTryMs: 5_000
    });
  });

  it('should wait twice as long for a socket after each time-out (S2)', () => {
    const waitsMs: number[] = [];
    let nowMs = 0;
    tries.start(nowMs);
    for (let i = 0; i < 6; i++) {
      waitsMs.push(tries.nextMs - nowMs);
      nowMs = tries.nextMs;
      tries.tick(nowMs); // gives up the socket
      tries.tick(nowMs); // the probe, at once
      tries.probeAnswered('ok', nowMs);
      tries.setStatus({ question: 'attempts' });
    }
    expect(waitsMs).toEqual([10_000, 20_000, 40_000, 80_000, 120_000, 120_000]);
  });

  it.each([
    [3_000, false],
    [3_001, true]
  ])('should replace a try older than 3 s: %i ms (R7)', (nowMs, replaced) => {
    tries.start(0);
    expect(tries.replaceOld(nowMs)).toBe(replaced);
    expect(driver.did.includes('socket 2')).toBe(replaced);
    expect(tries.status.attempt).toBe(0);
  });

  it('should have no try to replace once welcomed (R7)', () => {
    join();
    expect(tries.replaceOld(60_000)).toBe(false);
  });

  it('should stop when it asks, if told so (R9)', () => {
    options.retryWhileAsking = false;
    tries.start(0);
    tries.setStatus({ attempt: 5, cutMs: 0 });
    tries.tick(30_000);
    expect(tries.status).toMatchObject({
      state: 'stopped',
      question: 'attempts',
      nextTryMs: null
    });
    expect(driver.did).toEqual(['socket 1', 'close 1 4408']);
    expect(tries.nextMs).toBe(Infinity);
  });
});
