/**
 * Channels as extension authors see them, against the core's server end.
 */
import { AIConnection } from '..';
import {
  AiWsError,
  ChannelClosedError,
  ChannelRefusedError,
  DiscontinuityError,
  QueueFullError,
  RecordTooLargeError,
  SessionEndedError
} from '../errors';
import { AcceptorServer } from './support/acceptor-server';
import { records, roundTrip, until } from './support/wait';

const MIB = 1024 * 1024;

describe('PageChannel', () => {
  let server: AcceptorServer;
  let connection: AIConnection;

  beforeEach(async () => {
    server = await AcceptorServer.start();
    connection = new AIConnection({ serverSettings: server.settings() });
    connection.start();
  });

  afterEach(async () => {
    connection.dispose();
    await server.stop();
  });

  /** Open a channel whose backlog waits: two records and, if wanted, the close. */
  async function withBacklog(service = 'plain') {
    const channel = connection.open(service);
    const probe = connection.open('echo');
    await channel.accepted;
    channel.pause();
    server.channels[0].send('a');
    server.channels[0].send('b');
    await roundTrip(probe);
    return { channel, probe, end: server.channels[0] };
  }

  describe('every promise settles', () => {
    it('when the server accepts and then closes', async () => {
      const channel = connection.open('plain');
      expect(await channel.accepted).toEqual({ service: 'plain' });
      expect(channel.state).toBe('open');
      server.channels[0].close(4001, 'enough');
      expect(await channel.closed).toMatchObject({
        kind: 'closed',
        code: 4001,
        reason: 'enough'
      });
      expect(channel.state).toBe('closed');
      await expect(channel.ready()).rejects.toBeInstanceOf(ChannelClosedError);
    });

    it('when the server refuses', async () => {
      const channel = connection.open('refused');
      const error = await channel.accepted.catch(reason => reason);
      expect(error).toBeInstanceOf(ChannelRefusedError);
      expect(error).toBeInstanceOf(AiWsError);
      expect(error).toMatchObject({
        code: 4403,
        reason: 'not for you',
        message:
          'The server refused the channel (4403 not for you). Mend that, then open it again.'
      });
      expect(await channel.closed).toMatchObject({
        kind: 'refused',
        code: 4403
      });
    });

    it('when the server has lost the session', async () => {
      const open = connection.open('plain');
      const opening = connection.open('slow');
      await open.accepted;
      open.send('on its way');
      await until(connection, 'connected');
      server.restart();
      const error = await opening.accepted.catch(reason => reason);
      expect(error).toBeInstanceOf(DiscontinuityError);
      expect(error).toBeInstanceOf(AiWsError);
      const end = await open.closed;
      expect(end).toMatchObject({ kind: 'discontinuity', code: 1006 });
      expect(end.acknowledged + end.perhapsDelivered + end.neverWritten).toBe(
        1
      );
      expect((await opening.closed).kind).toBe('discontinuity');
      expect(connection.channels).toEqual([]);
    });

    it('when the connection is disposed', async () => {
      const channel = connection.open('slow');
      channel.send('x'.repeat(8 * MIB));
      const ready = channel.ready();
      connection.dispose();
      await expect(channel.accepted).rejects.toBeInstanceOf(DiscontinuityError);
      await expect(ready).rejects.toBeInstanceOf(ChannelClosedError);
      expect((await channel.closed).kind).toBe('discontinuity');
      expect(() => connection.open('plain')).toThrow(SessionEndedError);
    });

    it('when the owner aborts before the socket was there', async () => {
      const channel = connection.open('plain');
      channel.abort(4002, 'changed my mind');
      await expect(channel.accepted).rejects.toBeInstanceOf(ChannelClosedError);
      expect(await channel.closed).toMatchObject({
        kind: 'closed',
        code: 4002
      });
      await until(connection, 'connected');
      await roundTrip(connection.open('echo'));
      expect(server.channels.map(each => each.service)).toEqual(['echo']);
    });

    it('not by a code that it cannot end with', async () => {
      const channel = connection.open('echo');
      expect(() => channel.close(999)).toThrow(RangeError);
      expect(() => channel.abort(5000)).toThrow(RangeError);
      await roundTrip(channel);
    });

    it('when the owner closes before the server has accepted', async () => {
      const channel = connection.open('slow');
      await server.until(() => server.channels.length === 1);
      channel.close();
      await expect(channel.accepted).rejects.toBeInstanceOf(ChannelClosedError);
      expect((await channel.closed).code).toBe(1000);
    });

    it('when the connection is disposed while records wait on a paused channel', async () => {
      const { channel } = await withBacklog();
      const heard = jest.fn();
      channel.message.connect(heard);
      connection.dispose();
      expect((await channel.closed).kind).toBe('discontinuity');
      expect(heard).not.toHaveBeenCalled();
    });

    it('when the server closes a paused channel that waits to send', async () => {
      const { channel, end } = await withBacklog('plain');
      channel.send('x'.repeat(8 * MIB));
      const ready = channel.ready();
      end.abort();
      await expect(ready).rejects.toBeInstanceOf(ChannelClosedError);
      const rest = records(channel, 2);
      channel.resume();
      expect(await rest).toEqual(['a', 'b']);
      expect((await channel.closed).kind).toBe('closed');
    });
  });

  describe('send', () => {
    it('refuses a record while 8 MiB wait, until ready() says so', async () => {
      const channel = connection.open('echo');
      channel.send('x'.repeat(8 * MIB));
      expect(channel.writable).toBe(false);
      expect(channel.bufferedAmount).toBeGreaterThanOrEqual(8 * MIB);
      expect(() => channel.send('more')).toThrow(QueueFullError);
      const back = records(channel, 2);
      await channel.ready();
      channel.send('more');
      expect((await back)[1]).toBe('more');
      expect(channel.bufferedAmount).toBe(0);
    });

    it('frees one who waits for ready() after another has used the room', async () => {
      const channel = connection.open('plain');
      for (let i = 0; i < 8; i++) {
        channel.send('x'.repeat(MIB));
      }
      const ready = channel.ready();
      // Credit lets one record pass: there is room, but not half of it.
      await server.until(() => server.memoryBytes >= MIB);
      expect(channel.writable).toBe(true);
      channel.send('in between');
      await ready;
    });

    it('refuses a record beyond 16 MiB', () => {
      const channel = connection.open('echo');
      expect(() => channel.send('x'.repeat(16 * MIB + 1))).toThrow(
        RecordTooLargeError
      );
      expect(channel.bufferedAmount).toBe(0);
    });

    it('refuses a record after close', () => {
      const channel = connection.open('echo');
      channel.close();
      expect(() => channel.send('late')).toThrow(ChannelClosedError);
    });

    const bytes = Uint8Array.from([0, 1, 2, 3, 4, 5, 6, 7]);
    const sharedBytes = new Uint8Array(new SharedArrayBuffer(8));
    sharedBytes.set(bytes);

    it.each<[string, ArrayBufferLike | ArrayBufferView, number[]]>([
      ['an ArrayBuffer', bytes.slice().buffer, [...bytes]],
      ['a SharedArrayBuffer', sharedBytes.buffer, [...bytes]],
      ['a view of one', sharedBytes.subarray(1, 3), [1, 2]],
      ['a part of a buffer', bytes.subarray(2, 5), [2, 3, 4]],
      ['a Uint16Array', new Uint16Array(bytes.buffer, 2, 2), [2, 3, 4, 5]],
      ['a DataView', new DataView(bytes.buffer, 6), [6, 7]],
      ['a Buffer', Buffer.from([8, 9]), [8, 9]],
      ['nothing', new ArrayBuffer(0), []]
    ])('sends the bytes of %s, as they are now', async (_, data, expected) => {
      const channel = connection.open('echo');
      const back = records(channel, 1);
      channel.send(data);
      const all = new Uint8Array(ArrayBuffer.isView(data) ? data.buffer : data);
      const before = all.slice();
      all.fill(99);
      expect([...((await back)[0] as Uint8Array)]).toEqual(expected);
      all.set(before);
    });

    it.each<[unknown, RegExp]>([
      [5, /^number cannot be sent: pass a string, an ArrayBuffer/],
      [null, /^null cannot be sent/],
      [undefined, /^undefined cannot be sent/],
      [{ a: 1 }, /^Object cannot be sent.*JSON.stringify/],
      [[1, 2], /^Array cannot be sent/],
      [new Blob(['x']), /^Blob cannot be sent.*arrayBuffer\(\)/]
    ])('refuses %p, and sends nothing', async (data, message) => {
      const channel = connection.open('echo');
      const send = () => channel.send(data as string);
      expect(send).toThrow(TypeError);
      expect(send).toThrow(message);
      expect(channel.bufferedAmount).toBe(0);
      expect(await roundTrip(channel)).toBeUndefined();
    });

    it('takes a copy of bytes', async () => {
      const channel = connection.open('echo');
      const bytes = new Uint8Array([1, 2]);
      const back = records(channel, 1);
      channel.send(bytes);
      bytes[0] = 9;
      expect(await back).toEqual([new Uint8Array([1, 2])]);
    });
  });

  it.each<[unknown, unknown, RegExp]>([
    [1000.5, '', /^code: an integer from 1000 to 4999, not 1000.5/],
    ['1000', '', /^code: an integer from 1000 to 4999, not 1000/],
    [null, '', /^code: an integer from 1000 to 4999, not null/],
    [999, '', /^code: an integer from 1000 to 4999, not 999/],
    [5000, '', /^code: an integer from 1000 to 4999, not 5000/],
    [1000, 5, /^reason: a string, not number/],
    [1000, null, /^reason: a string, not null/],
    [1000, ['x'], /^reason: a string, not Array/]
  ])('is not closed with %p, %p', async (code, reason, message) => {
    const channel = connection.open('echo');
    await channel.accepted;
    channel.send('x'.repeat(8 * MIB));
    const back = records(channel, 2);
    expect(() => channel.close(code as number, reason as string)).toThrow(
      message
    );
    expect(() => channel.abort(code as number, reason as string)).toThrow(
      message
    );
    await channel.ready();
    channel.send('still open');
    expect((await back)[1]).toBe('still open');
  });

  describe('message', () => {
    it('is not emitted while the channel is paused', async () => {
      const { channel, probe } = await withBacklog();
      const heard = jest.fn();
      channel.message.connect(heard);
      await roundTrip(probe);
      expect(heard).not.toHaveBeenCalled();
      const rest = records(channel, 2);
      channel.resume();
      expect(await rest).toEqual(['a', 'b']);
    });

    it('waits for the first who connects', async () => {
      const { channel, end, probe } = await withBacklog();
      channel.resume();
      await roundTrip(probe);
      end.send('c');
      await roundTrip(probe);
      const heard: unknown[] = [];
      channel.message.connect((_, record) => heard.push(record));
      expect(heard).toEqual([]);
      await Promise.resolve();
      expect(heard).toEqual(['a', 'b', 'c']);
    });

    it('is held back by credit while nobody has connected', async () => {
      const channel = connection.open('plain');
      const probe = connection.open('echo');
      await channel.accepted;
      for (let i = 0; i < 4; i++) {
        server.channels[0].send('x'.repeat(MIB));
      }
      await roundTrip(probe);
      await roundTrip(probe);
      expect(server.channels[0].queueCost).toBeGreaterThan(2 * MIB);
      expect(await records(channel, 4)).toHaveLength(4);
    });

    it('waits for the first who connects although the server has closed', async () => {
      const { channel, end, probe } = await withBacklog();
      channel.resume();
      end.close(4001);
      await roundTrip(probe);
      expect(channel.state).toBe('closed');
      expect(await records(channel, 2)).toEqual(['a', 'b']);
      expect((await channel.closed).code).toBe(4001);
    });

    it('does not hold up the end for ever where nobody connects', async () => {
      const { channel, end, probe } = await withBacklog();
      jest.useFakeTimers({ doNotFake: ['performance', 'nextTick'] });
      try {
        channel.resume();
        end.close(4001);
        await roundTrip(probe);
        const ended = jest.fn();
        void channel.closed.then(ended);
        await jest.advanceTimersByTimeAsync(4900);
        expect(ended).not.toHaveBeenCalled();
        await jest.advanceTimersByTimeAsync(200);
        expect(ended).toHaveBeenCalledWith(
          expect.objectContaining({ kind: 'closed', code: 4001 })
        );
        expect(connection.channels).toEqual([probe]);
      } finally {
        jest.useRealTimers();
      }
    });

    it('waits for a paused channel however long nobody connects', async () => {
      const { channel, end, probe } = await withBacklog();
      jest.useFakeTimers({ doNotFake: ['performance', 'nextTick'] });
      try {
        channel.resume();
        end.close();
        await roundTrip(probe);
        channel.pause();
        await jest.advanceTimersByTimeAsync(60_000);
        const rest = records(channel, 2);
        channel.resume();
        expect(await rest).toEqual(['a', 'b']);
      } finally {
        jest.useRealTimers();
      }
    });

    it('goes on after a handler that throws', async () => {
      const error = jest.spyOn(console, 'error').mockImplementation();
      const channel = connection.open('echo');
      channel.message.connect(() => {
        throw new Error('of the handler');
      });
      const back = records(channel, 2);
      channel.send('a');
      channel.send('b');
      expect(await back).toEqual(['a', 'b']);
      expect(error).toHaveBeenCalledTimes(2);
      error.mockRestore();
    });

    it('loses nothing to a handler that reconnects', async () => {
      const channel = connection.open('echo');
      channel.message.connect((_, record) => {
        if (record === '1') {
          connection.reconnect();
        }
      });
      const back = records(channel, 4);
      ['0', '1', '2', '3'].forEach(record => channel.send(record));
      expect(await back).toEqual(['0', '1', '2', '3']);
      expect(connection.diagnostics().discontinuities).toBe(0);
    });

    it('is not emitted any more to a handler that closed the channel', async () => {
      const channel = connection.open('echo');
      const heard: unknown[] = [];
      channel.message.connect((_, record) => {
        heard.push(record);
        channel.close();
      });
      channel.send('a');
      channel.send('b');
      await channel.closed;
      expect(heard).toEqual(['a']);
    });

    it('is not emitted after close() although the server closed before (X4)', async () => {
      const { channel, end, probe } = await withBacklog();
      end.close();
      await roundTrip(probe);
      const heard: unknown[] = [];
      channel.message.connect((_, record) => {
        heard.push(record);
        channel.close();
      });
      channel.resume();
      await channel.closed;
      expect(heard).toEqual(['a']);
    });

    it('keeps its order for every handler when one disposes the connection', async () => {
      const { channel } = await withBacklog();
      const heard: unknown[] = [];
      channel.message.connect(() => connection.dispose());
      channel.message.connect((_, record) => heard.push(record));
      channel.resume();
      await channel.closed;
      expect(heard).toEqual(['a']);
    });
  });

  it('is closed by its owner although it is paused and the server closed before', async () => {
    const { channel, end, probe } = await withBacklog();
    end.close(4001);
    await roundTrip(probe);
    channel.close();
    expect((await channel.closed).code).toBe(4001);
  });

  it('sends the parameters as they were when it was opened', async () => {
    const parameters = { model: 'one' };
    connection.open('plain', parameters);
    parameters.model = 'another';
    await server.until(() => server.channels.length === 1);
    expect(server.channels[0].parameters).toEqual({ model: 'one' });
  });
});
