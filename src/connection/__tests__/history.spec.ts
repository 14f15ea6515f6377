/**
 * What reports tell of the connection's past.
 */
import type { IChannelEnd, IConnectionStatus } from '../../tokens';
import { status } from '../../ui/__tests__/fake-connection';
import { History } from '../history';

describe('History', () => {
  let history: History;

  beforeEach(() => {
    jest.useFakeTimers({ now: 1000 });
    history = new History();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  function go(changes: Partial<IConnectionStatus>, nowMs: number): void {
    history.statusChanged(status(changes), nowMs);
  }

  it('keeps the last 200 events, oldest first', () => {
    for (let i = 0; i < 250; i++) {
      history.note('event', `${i}`);
    }
    const { events } = history;
    expect(events).toHaveLength(200);
    expect(events[0]).toEqual({ time: 1000, kind: 'event', detail: '50' });
    expect(events[199].detail).toBe('249');
  });

  it('gives a snapshot', () => {
    const { events } = history;
    history.note('later');
    expect(events).toEqual([]);
  });

  it('notes a state once, with cause, attempt and question', () => {
    const trouble = {
      state: 'reconnecting',
      cause: 'network',
      attempt: 2,
      question: 'attempts'
    } as const;
    go(trouble, 0);
    go({ ...trouble, trying: true, nextTryMs: 5 }, 1);
    expect(history.events).toEqual([
      { time: 1000, kind: 'reconnecting', detail: 'network, attempt 2, asking' }
    ]);
  });

  it('tells since when the connection is up', () => {
    go({ state: 'connecting' }, 0);
    expect(history.connectedSince).toBeNull();
    go({}, 0);
    jest.setSystemTime(2000);
    go({ attempt: 1 }, 1000);
    expect(history.connectedSince).toBe(1000);
    go({ state: 'reconnecting', cutMs: 1000 }, 1000);
    expect(history.connectedSince).toBeNull();
  });

  it('measures the longest cut, the current one too', () => {
    go({}, 0);
    go({ state: 'reconnecting', cutMs: 100 }, 150);
    go({}, 400);
    expect(history.longestCutMs(9000)).toBe(300);
    go({ state: 'reconnecting', cutMs: 1000 }, 1000);
    expect(history.longestCutMs(1200)).toBe(300);
    expect(history.longestCutMs(1500)).toBe(500);
    go({}, 1600);
    expect(history.longestCutMs(9000)).toBe(600);
  });

  it('keeps the round trips of five minutes, with a gap for each cut', () => {
    history.measured(1);
    go({}, 0);
    history.measured(2);
    history.measured(2);
    jest.setSystemTime(2000);
    history.measured(3);
    go({ state: 'reconnecting', cutMs: 1000 }, 1000);
    go({ state: 'reconnecting', cutMs: 1000, attempt: 1 }, 1100);
    history.measured(4);
    expect(history.roundTrips).toEqual([
      { time: 1000, ms: 2 },
      { time: 2000, ms: 3 },
      { time: 2000, ms: null }
    ]);
    jest.setSystemTime(301_001);
    expect(history.roundTrips).toHaveLength(2);
  });

  it('says what a lost session has ended, and why it was lost', () => {
    const end = (changes: Partial<IChannelEnd>): IChannelEnd => ({
      kind: 'discontinuity',
      code: 1006,
      reason: '',
      acknowledged: 5,
      perhapsDelivered: 1,
      neverWritten: 2,
      ...changes
    });
    history.statusChanged(status(), 0, 'first');
    history.channelEnded('Helper', end({}), 59_999);
    history.channelEnded('Helper', end({ perhapsDelivered: 0 }), 0);
    const nothing = { perhapsDelivered: 0, neverWritten: 0 };
    history.channelEnded('Reader', end(nothing), 0);
    history.channelEnded('Idle', end(nothing), 60_000);
    history.channelEnded('Long cut', end({ neverWritten: 0 }), 60_000);
    history.channelEnded('Closed', end({ kind: 'closed' }), 0);
    history.sessionLost('second');
    expect(history.recordsLost).toBe(6);
    expect(history.lastLoss).toEqual({
      time: 1000,
      restarted: true,
      channels: ['Helper', 'Reader', 'Long cut'],
      unacknowledged: [
        { name: 'Helper', perhapsDelivered: 1, neverWritten: 4 },
        { name: 'Long cut', perhapsDelivered: 1, neverWritten: 0 }
      ]
    });
    history.statusChanged(status(), 0, 'second');
    history.sessionLost('second');
    expect(history.discontinuities).toBe(2);
    expect(history.lastLoss).toMatchObject({
      restarted: false,
      channels: [],
      unacknowledged: []
    });
  });

  it('does not forget the cut in which the connection was disposed', () => {
    go({}, 0);
    go({ state: 'reconnecting', cutMs: 100 }, 100);
    go({ state: 'disposed' }, 700);
    expect(history.longestCutMs(9000)).toBe(600);
  });
});
