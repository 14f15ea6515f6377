import { Outage } from '../outage';
import { type ProbeAnswer, classifyClose } from '../retry';
import { ConnectorOptions, type IStatus } from '../status';

const STATUS: IStatus = {
  state: 'connecting',
  cause: '',
  attempt: 0,
  nextTryMs: null,
  cutMs: null,
  question: 'none'
};

/** An outage; randomness is always a half. */
function make(options: Partial<ConnectorOptions> = {}): Outage {
  return new Outage(
    Object.assign(new ConnectorOptions(), { local: false }, options),
    () => 0.5
  );
}

/** Let a socket fail now. */
function failed(
  outage: Outage,
  {
    code = 1006,
    connected = false,
    timedOut = false,
    attempt = 0,
    sinceCutMs = 0
  } = {}
): Partial<IStatus> {
  const state = connected ? 'connected' : 'connecting';
  const status: IStatus = { ...STATUS, state, attempt, cutMs: 0 - sinceCutMs };
  return outage.socketFailed(status, classifyClose(code), timedOut, 0);
}

/** Let a probe end. */
function probed(
  outage: Outage,
  answer: ProbeAnswer,
  nowMs = 0,
  timedOut = false
): Partial<IStatus> | null {
  const status: IStatus = { ...STATUS, attempt: 1, cutMs: 0 };
  return outage.probed(status, answer, timedOut, nowMs);
}

/** What changes in the status: another try, or none. */
function next(
  nextTryMs: number | null,
  cause: string,
  question = 'none'
): unknown {
  const state = nextTryMs === null ? 'stopped' : 'waiting';
  return { state, cause, nextTryMs, cutMs: 0, question };
}

describe('Outage', () => {
  it.each([
    [true, 1006, 0],
    [false, 1006, 150],
    [true, 1001, 1_500],
    [false, 1012, 1_500]
  ])('should spread the first retry: local %s, %i (R2)', (local, code, ms) => {
    expect(failed(make({ local }), { code, connected: true })).toMatchObject({
      nextTryMs: ms
    });
  });

  it.each([
    [1, 0, 750],
    [2, 0, 1_500],
    [3, 0, 3_000],
    [4, 0, 6_000],
    [9, 0, 6_000],
    [9, 2e5, 22_500]
  ])(
    'should wait longer: attempt %i, %i ms (R2)',
    (attempt, sinceCutMs, ms) => {
      expect(failed(make(), { attempt, sinceCutMs }).nextTryMs).toBe(ms);
    }
  );

  it('should try by the probe after a socket that failed (R3)', () => {
    const outage = make();
    failed(outage, { connected: true });
    expect(outage.byProbe).toBe(false);
    failed(outage);
    expect(outage.byProbe).toBe(true);
    outage.welcomed();
    expect(outage.byProbe).toBe(false);
  });

  it('should open a socket after a good probe (R4)', () => {
    expect(probed(make(), 'ok')).toBeNull();
  });

  it.each<ProbeAnswer>(['down', 'unreachable', 'busy'])(
    'should retry what passes: %s (R4)',
    answer => {
      expect(probed(make(), answer)).toEqual(next(750, answer));
    }
  );

  it.each<ProbeAnswer>(['incompatible', 'login', 'stopped', 'missing'])(
    'should believe "%s" when said twice, 2 s apart (R5)',
    answer => {
      const outage = make();
      outage.welcomed();
      expect(probed(outage, answer, 0)).toEqual(next(2_000, answer));
      expect(probed(outage, answer, 1_500)).toEqual(next(2_000, answer));
      for (const nowMs of [2_000, 32_000]) {
        expect(probed(outage, answer, nowMs)).toEqual(
          next(nowMs + 30_000, answer, 'permanent')
        );
      }
    }
  );

  it.each<ProbeAnswer>(['ok', 'down', 'login'])(
    'should begin anew after another answer: %s (R5)',
    between => {
      const outage = make();
      probed(outage, 'stopped', 0);
      probed(outage, between, 1_000);
      expect(probed(outage, 'stopped', 2_000)).toEqual(next(4_000, 'stopped'));
    }
  );

  it('should stop at "missing" before any welcome (R4)', () => {
    const outage = make();
    probed(outage, 'missing', 0);
    expect(probed(outage, 'missing', 2_000)).toEqual(
      next(null, 'missing', 'permanent')
    );
  });

  it('should try at once after a time-out (R6)', () => {
    const outage = make();
    expect(failed(outage, { timedOut: true, attempt: 4 })).toEqual(
      next(0, 'busy')
    );
    expect(probed(outage, 'busy', 0, true)).toEqual(next(0, 'busy'));
  });

  it('should call blocked what fails after good probes (R10)', () => {
    const outage = make();
    const steps: Partial<IStatus>[] = [];
    failed(outage);
    for (let i = 0; i < 3; i++) {
      expect(probed(outage, 'ok')).toBeNull();
      steps.push(failed(outage, { attempt: 1 }));
    }
    expect(steps.map(({ cause }) => cause)).toEqual([
      'network',
      'network',
      'blocked'
    ]);
    expect(steps[2].question).toBe('permanent');
  });

  it.each([
    'welcomed before',
    'a bad probe between',
    'time-outs',
    'the server says why'
  ])('should not call blocked: %s (R10)', reason => {
    const outage = make();
    const code = reason === 'the server says why' ? 4429 : 1006;
    if (reason === 'welcomed before') {
      outage.welcomed();
    }
    failed(outage);
    for (let i = 0; i < 4; i++) {
      probed(outage, 'ok');
      const timedOut = reason === 'time-outs';
      expect(failed(outage, { code, timedOut }).cause).not.toBe('blocked');
      if (reason === 'a bad probe between') {
        probed(outage, 'down');
      }
    }
  });

  it.each([
    [4406, 'version'],
    [4429, 'too-many']
  ])('should ask at once after %i (R1)', (code, cause) => {
    expect(failed(make({ local: true }), { code })).toEqual(
      next(0, cause, 'permanent')
    );
  });

  it('should forget what was found when a person wants to try (R7)', () => {
    const outage = make();
    failed(outage);
    probed(outage, 'login', 0);
    outage.startOver();
    expect(outage.byProbe).toBe(false);
    expect(probed(outage, 'login', 2_000)).toEqual(next(4_000, 'login'));
  });

  it.each([
    [4, 0, Infinity],
    [5, 0, 30_000],
    [5, 7, 30_007],
    [9, null, Infinity]
  ])(
    'should ask when attempts are used up: %i, cut at %s (R9)',
    (attempt, cutMs, askMs) => {
      expect(make().askMs({ ...STATUS, attempt, cutMs })).toBe(askMs);
    }
  );

  it('should ask once, and nobody with 0 attempts (R9)', () => {
    const tired: IStatus = { ...STATUS, attempt: 9, cutMs: 0 };
    expect(make().askMs({ ...tired, question: 'attempts' })).toBe(Infinity);
    expect(make({ maxAttempts: 0 }).askMs(tired)).toBe(Infinity);
  });

  it('should stop behind a question if told so (R9)', () => {
    const outage = make({ retryWhileAsking: false });
    expect(failed(outage, { code: 4406 })).toEqual(
      next(null, 'version', 'permanent')
    );
  });
});
