import { PromiseDelegate } from '@lumino/coreutils';

import type { IQuestion } from '../asker';
import { Asker, reasonToAsk } from '../asker';
import type { Answer } from '../question';
import { FakeConnection, status } from './fake-connection';

/** A question whose answer the test gives. */
class FakeQuestion implements IQuestion {
  readonly answer = new PromiseDelegate<Answer>();
  closed = false;

  ask(): Promise<Answer> {
    return this.answer.promise;
  }

  close(): void {
    this.closed = true;
    this.answer.resolve('wait');
  }
}

describe('Asker', () => {
  const attempts = {
    state: 'reconnecting',
    cause: 'network',
    question: 'attempts'
  } as const;
  const login = { ...attempts, cause: 'login', question: 'permanent' } as const;

  let connection: FakeConnection;
  let questions: FakeQuestion[];
  let load: jest.Mock<Promise<IQuestion>, []>;
  let refresh: jest.Mock<void, []>;
  let asker: Asker;

  const settle = async () => {
    for (let turn = 0; turn < 5; turn++) {
      await Promise.resolve();
    }
  };

  const go = async (changes: Parameters<FakeConnection['go']>[0]) => {
    connection.go(changes);
    await settle();
  };

  const answer = async (value: Answer) => {
    questions[questions.length - 1].answer.resolve(value);
    await settle();
  };

  beforeEach(() => {
    connection = new FakeConnection();
    questions = [];
    load = jest.fn(async () => {
      questions.push(new FakeQuestion());
      return questions[questions.length - 1];
    });
    refresh = jest.fn();
    asker = new Asker({ connection, load, refresh });
  });

  afterEach(() => asker.dispose());

  it('asks when the connection says that a person is needed', async () => {
    await go({ state: 'reconnecting', cause: 'network' });
    expect(questions).toHaveLength(0);
    await go(attempts);
    expect(questions).toHaveLength(1);
  });

  it('never asks twice at once', async () => {
    connection.go(attempts);
    connection.go({ ...attempts, attempt: 6 });
    await go(login);
    await asker.ask();
    expect(questions).toHaveLength(1);
  });

  it('takes the question back when the connection is back', async () => {
    await go(attempts);
    await go({});
    expect(questions[0].closed).toBe(true);
    expect(connection.reconnect).not.toHaveBeenCalled();
  });

  it('does not ask when the connection came back while the code was loaded', async () => {
    const loaded = new PromiseDelegate<IQuestion>();
    load.mockReturnValueOnce(loaded.promise);
    await go(attempts);
    await go({});
    const question = new FakeQuestion();
    const ask = jest.spyOn(question, 'ask');
    loaded.resolve(question);
    await settle();
    expect(ask).not.toHaveBeenCalled();
  });

  it('reconnects on "reconnect"', async () => {
    await go(attempts);
    await answer('reconnect');
    expect(connection.reconnect).toHaveBeenCalledTimes(1);
  });

  it('asks again when reconnecting did not help', async () => {
    await go(attempts);
    connection.reconnect.mockImplementation(() =>
      connection.go({ state: 'reconnecting', cause: 'network' })
    );
    await answer('reconnect');
    await go(attempts);
    expect(questions).toHaveLength(2);
  });

  it('refreshes on "refresh"', async () => {
    await go(attempts);
    await answer('refresh');
    expect(refresh).toHaveBeenCalledTimes(1);
  });

  it('does not ask the same again after "wait"', async () => {
    await go(attempts);
    await answer('wait');
    await go({ ...attempts, attempt: 9 });
    await go({ ...attempts, cause: 'busy' });
    expect(questions).toHaveLength(1);
  });

  it('asks again after "wait" when the cause is another', async () => {
    await go(attempts);
    await answer('wait');
    await go(login);
    expect(questions).toHaveLength(2);
  });

  it('asks again in the next outage', async () => {
    await go(attempts);
    await answer('wait');
    await go({});
    await go(attempts);
    expect(questions).toHaveLength(2);
  });

  it('asks whoever wants to be asked, even after "wait"', async () => {
    await go(attempts);
    await answer('wait');
    void asker.ask();
    await settle();
    expect(questions).toHaveLength(2);
  });

  it('survives that the code cannot be loaded, and tries again later', async () => {
    const warn = jest.spyOn(console, 'warn').mockImplementation();
    load.mockRejectedValueOnce(new Error('no chunk'));
    await go(attempts);
    expect(warn).toHaveBeenCalledTimes(1);
    await go({ ...attempts, attempt: 7 });
    expect(questions).toHaveLength(1);
    warn.mockRestore();
  });

  it('takes its question back and asks no more when disposed of', async () => {
    await go(attempts);
    asker.dispose();
    asker.dispose();
    await settle();
    expect(questions[0].closed).toBe(true);
    await go(login);
    expect(questions).toHaveLength(1);
    expect(connection.reconnect).not.toHaveBeenCalled();
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
