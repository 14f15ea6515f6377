import {
  AiWsError,
  ChannelClosedError,
  ProtocolError,
  QueueFullError,
  RecordTooLargeError,
  SessionEndedError
} from '../errors';

describe('ProtocolError', () => {
  it('names the rule in its message (B1)', () => {
    const error = new ProtocolError('F3', 'empty message');
    expect(error.rule).toBe('F3');
    expect(error.message).toBe('F3: empty message');
  });
});

describe('AiWsError', () => {
  it.each([
    ['ProtocolError', new ProtocolError('F3', 'empty message')],
    ['RecordTooLargeError', new RecordTooLargeError(20_000_000, 16_777_216)],
    ['QueueFullError', new QueueFullError()],
    ['ChannelClosedError', new ChannelClosedError()],
    ['SessionEndedError', new SessionEndedError()]
  ])('is the base of %s, which says something', (name, error) => {
    expect(error).toBeInstanceOf(AiWsError);
    expect(error.name).toBe(name);
    expect(error.message).not.toBe('');
  });

  it('tells the size of a refused record', () => {
    const error = new RecordTooLargeError(20_000_000, 16_777_216);
    expect(error.sizeBytes).toBe(20_000_000);
    expect(error.limitBytes).toBe(16_777_216);
    expect(error.message).toContain('20000000');
  });

  it('takes other words', () => {
    expect(new QueueFullError('a').message).toBe('a');
    expect(new ChannelClosedError('b').message).toBe('b');
    expect(new SessionEndedError('c').message).toBe('c');
  });
});
