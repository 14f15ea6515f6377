import { PromiseDelegate } from '@lumino/coreutils';

import type { IConnectionStatus } from '../../tokens';
import type { INotice, IQuestion } from '../escalation';
import { Escalation, reasonToAsk } from '../escalation';
import type { Answer } from '../question';
import { FakeConnection, status } from './fake-connection';

/** A question whose answer the test gives. */
class FakeQuestion implements IQuestion {
  constructor(private readonly login: boolean) {}

  readonly answer = new PromiseDelegate<Answer>();
  closed = false;

  ask(): Promise<Answer> {
    return this.answer.promise;
  }

  close(): void {
    this.closed = true;
    this.answer.resolve('wait');
  }

  fits({ cause }: IConnectionStatus): boolean {
    return (cause === 'login') === this.login;
  }
}

describe('Escalation', () => {
  const away = { state: 'reconnecting', cause: 'network' } as const;
  const attempts = { ...away, question: 'attempts' } as const;
  const login = { ...away, cause: 'login', question: 'permanent' } as const;

  let connection: FakeConnection;
  let questions: FakeQuestion[];
  let shown: string[];
  let load: jest.Mock<Promise<IQuestion>, []>;
  let obey: jest.Mock<void, [Answer]>;
  let occupied: boolean;
  let hidden: boolean;
  let escalation: Escalation;

  const notice: INotice = {
    show: () => {
      if (shown[shown.length - 1] !== 'show') {
        shown.push('show');
      }
    },
    hide: () => shown.push('hide'),
    reset: () => undefined
  };

  const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

  const go = async (changes: Parameters<FakeConnection['go']>[0]) => {
    connection.go(changes);
    await pass(0);
  };

  const answer = async (value: Answer) => {
    questions[questions.length - 1].answer.resolve(value);
    await pass(0);
  };

  const turn = async (isHidden: boolean) => {
    hidden = isHidden;
    document.dispatchEvent(new Event('visibilitychange'));
    await pass(0);
  };

  /** Attempts are used up after 30 s, as the core counts them. */
  const useUp = async () => {
    await go(away);
    await pass(30_000);
    await go(attempts);
  };

  beforeEach(() => {
    jest.useFakeTimers();
    occupied = hidden = false;
    jest.spyOn(document, 'hidden', 'get').mockImplementation(() => hidden);
    connection = new FakeConnection();
    questions = [];
    shown = [];
    load = jest.fn(async () => {
      questions.push(new FakeQuestion(connection.status.cause === 'login'));
      return questions[questions.length - 1];
    });
    obey = jest.fn();
    escalation = new Escalation({
      connection,
      notice,
      load,
      obey,
      isOccupied: () => occupied
    });
  });

  afterEach(() => {
    escalation.dispose();
    expect(jest.getTimerCount()).toBe(0);
    jest.restoreAllMocks();
    jest.useRealTimers();
  });

  it('bothers nobody with 200 cuts under 5 s', async () => {
    for (let cut = 0; cut < 200; cut++) {
      await go(away);
      await pass(4900);
      await go({});
      await pass(100);
    }
    expect(shown).toEqual([]);
    expect(questions).toEqual([]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('shows the notification after 5 s and takes it down on recovery', async () => {
    await go(away);
    await pass(4999);
    expect(escalation.rung).toBe('item');
    await pass(1);
    expect(escalation.rung).toBe('notification');
    await go({});
    expect(shown).toEqual(['show', 'hide']);
  });

  it('has one more try made before it tells anybody', async () => {
    // Late, so that whatever is back within 4.5 s is found by it.
    await go(away);
    await pass(4799);
    expect(connection.hurry).not.toHaveBeenCalled();
    connection.hurry.mockImplementation(() =>
      connection.go({ ...away, trying: true })
    );
    await pass(201);
    expect(connection.hurry).toHaveBeenCalledTimes(1);
    await pass(1499);
    expect(escalation.rung).toBe('item');
    await go({});
    expect(shown).toEqual([]);
    await go({ ...away, trying: true });
    await pass(6500);
    expect(escalation.rung).toBe('notification');
    expect(connection.hurry).toHaveBeenCalledTimes(2);
  });

  it('goes from notification to dialog, never both', async () => {
    await useUp();
    expect(shown).toEqual(['show', 'hide']);
    expect(questions).toHaveLength(1);
    await go({});
    expect(questions[0].closed).toBe(true);
    expect(escalation.rung).toBe('item');
    expect(obey).not.toHaveBeenCalled();
  });

  it('asks about a permanent cause after 5 s, without a notification before', async () => {
    await go(login);
    await pass(4999);
    expect(questions).toHaveLength(0);
    await pass(1);
    expect(questions).toHaveLength(1);
    expect(shown).toEqual([]);
  });

  it('waits with the dialog while somebody types; the notification stands in', async () => {
    occupied = true;
    await useUp();
    await pass(60_000);
    expect(questions).toHaveLength(0);
    expect(shown).toEqual(['show']);
    occupied = false;
    await pass(1000);
    expect(questions).toHaveLength(1);
    expect(shown).toEqual(['show', 'hide']);
  });

  it('does not take the dialog away when something else takes place', async () => {
    await useUp();
    occupied = true;
    await go({ ...attempts, attempt: 9 });
    expect(questions[0].closed).toBe(false);
  });

  it('never asks twice at once', async () => {
    await useUp();
    await go({ ...attempts, attempt: 6 });
    escalation.ask();
    await pass(0);
    expect(questions).toHaveLength(1);
  });

  it('asks anew when there is something else to be done', async () => {
    await useUp();
    await go(login);
    expect(questions).toHaveLength(2);
    expect(questions[0].closed).toBe(true);
    expect(escalation.rung).toBe('dialog');
    expect(obey).not.toHaveBeenCalled();
  });

  it('does not ask when the connection came back while the code was loaded', async () => {
    const loaded = new PromiseDelegate<IQuestion>();
    load.mockReturnValueOnce(loaded.promise);
    await useUp();
    await go({});
    const question = new FakeQuestion(false);
    const ask = jest.spyOn(question, 'ask');
    loaded.resolve(question);
    await pass(0);
    expect(ask).not.toHaveBeenCalled();
    expect(question.closed).toBe(true);
  });

  it.each(['reconnect', 'refresh', 'login'] as const)(
    'does as told on "%s"',
    async decision => {
      await useUp();
      await answer(decision);
      expect(obey.mock.calls).toEqual([[decision]]);
    }
  );

  it('asks again when reconnecting did not help', async () => {
    await useUp();
    obey.mockImplementation(() => connection.go(away));
    await answer('reconnect');
    expect(escalation.rung).toBe('notification');
    await go(attempts);
    expect(questions).toHaveLength(2);
  });

  it('does not ask the same again after "wait"; the notification stays', async () => {
    await useUp();
    await answer('wait');
    await go({ ...attempts, attempt: 9 });
    await go({ ...attempts, cause: 'busy' });
    await pass(60_000);
    expect(questions).toHaveLength(1);
    expect(shown).toEqual(['show', 'hide', 'show']);
    expect(obey).not.toHaveBeenCalled();
  });

  it('asks again after "wait" when the cause is another', async () => {
    await useUp();
    await answer('wait');
    await go(login);
    expect(questions).toHaveLength(2);
  });

  it('asks again in the next outage', async () => {
    await useUp();
    await answer('wait');
    await go({});
    await useUp();
    expect(questions).toHaveLength(2);
  });

  it('asks whoever wants to be asked at once, even after "wait"', async () => {
    await useUp();
    await answer('wait');
    occupied = true;
    escalation.ask();
    await pass(0);
    expect(questions).toHaveLength(2);
  });

  it('asks nobody who wants it when there is nothing to ask', async () => {
    await go(away);
    escalation.ask();
    await pass(10_000);
    expect(escalation.asks).toBe(false);
    expect(questions).toHaveLength(0);
  });

  it('leaves the notification when the code of the question cannot be loaded', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    load.mockRejectedValueOnce(new Error('no chunk'));
    await useUp();
    expect(warn).toHaveBeenCalledTimes(1);
    expect(escalation.rung).toBe('notification');
    escalation.ask();
    await pass(0);
    expect(questions).toHaveLength(1);
  });

  it('shows a page that nobody looks at nothing, and gives it 5 s after the return', async () => {
    await turn(true);
    await useUp();
    await pass(600_000);
    expect(escalation.rung).toBe('item');
    await turn(false);
    await pass(4999);
    expect(escalation.rung).toBe('item');
    await pass(1);
    expect(escalation.rung).toBe('dialog');
  });

  it('keeps silent when its timer has slept with the machine', async () => {
    await go(away);
    const now = performance.now();
    const clock = jest.spyOn(performance, 'now');
    clock.mockReturnValue(now + 3_600_000);
    await pass(5000);
    expect(escalation.rung).toBe('item');
    clock.mockRestore();
    await go({});
  });

  it('says nothing of sleep, a first connection and a server that never had it', async () => {
    for (const quiet of [
      { state: 'sleeping' },
      { state: 'connecting' },
      { state: 'stopped', cause: 'missing', question: 'permanent' }
    ] as const) {
      await go(quiet);
      await pass(10_000);
      expect(escalation.rung).toBe('item');
    }
  });

  it('takes everything back and watches no more when disposed of', async () => {
    await useUp();
    escalation.dispose();
    escalation.dispose();
    await pass(0);
    expect(questions[0].closed).toBe(true);
    await go(login);
    await pass(10_000);
    expect(questions).toHaveLength(1);
    expect(obey).not.toHaveBeenCalled();
  });
});

describe('reasonToAsk()', () => {
  it('is none where the server never offered the connection', () => {
    const absent = {
      state: 'stopped',
      cause: 'missing',
      question: 'permanent'
    } as const;
    expect(reasonToAsk(status(absent))).toBe('');
    expect(reasonToAsk(status({ ...absent, state: 'reconnecting' }))).toBe(
      'missing'
    );
  });
});
