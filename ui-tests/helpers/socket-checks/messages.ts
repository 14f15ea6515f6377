import type { ISocketTools } from './tools';

/** What is sent and what arrives. Runs in the page, so it must not use anything from outside. */
export function messages({
  make,
  next,
  open,
  attempt,
  attemptKind,
  story,
  describe,
  echo,
  answer,
  frameWindow,
  kind
}: ISocketTools): Record<string, () => unknown> {
  return {
    text: async () => echo(await open(), 'text'),
    'empty text': async () => echo(await open(), ''),
    'text beyond ASCII': async () =>
      echo(await open(), 'ä日本語🙂\u0000\u001e'),
    'lone surrogates': async () => echo(await open(), 'a\ud800b\udc00'),
    'long text': async () => {
      const socket = await open();
      const back = next(socket, 'message');
      const text = 'ä'.repeat(70_000);
      socket.send(text);
      return ((await back) as MessageEvent).data === text;
    },
    'what is no text': async () => {
      const socket = await open();
      const seen: unknown[] = [];
      for (const data of [null, undefined, 5, { a: 1 }, [1, 2], true]) {
        seen.push(await echo(socket, data as never));
      }
      return seen;
    },
    'bytes as blob': async () => echo(await open(), new Uint8Array([1, 2])),
    'bytes as buffer': async () => {
      const socket = await open();
      socket.binaryType = 'arraybuffer';
      return [
        await echo(socket, new Uint8Array([1, 2, 3]).buffer),
        await echo(socket, new Uint8Array([1, 2, 3]).subarray(1, 2)),
        await echo(socket, new Float64Array([1.5])),
        await echo(socket, new DataView(new ArrayBuffer(4), 2)),
        await echo(socket, new Uint16Array(0)),
        await echo(socket, new Blob(['ab', 'c'])),
        await echo(socket, new File(['file'], 'name'))
      ];
    },
    'bytes changed after they were sent': async () => {
      const socket = await open();
      socket.binaryType = 'arraybuffer';
      const bytes = new Uint8Array([1, 2, 3]);
      const back = next(socket, 'message');
      socket.send(bytes);
      bytes.fill(9);
      return describe(await back);
    },
    'order of blobs and texts': async () => {
      const socket = await open();
      const seen: unknown[] = [];
      const all = new Promise<void>(resolve => {
        socket.onmessage = ({ data }) => {
          seen.push(typeof data === 'string' ? data : 'blob');
          if (seen.length === 4) {
            resolve();
          }
        };
      });
      socket.send('one');
      socket.send(new Blob(['two']));
      socket.send('three');
      socket.send(new Uint8Array(1));
      await all;
      return seen;
    },
    'blob, then close': async () => {
      const socket = await open();
      const told = story(socket);
      socket.send(new Blob(['do close 4007']));
      socket.send('do close 4008');
      await new Promise(resolve => setTimeout(resolve, 100));
      return (await told).length > 1;
    },
    'shared memory': async () => {
      const socket = await open();
      return attempt(() => {
        // A page that is not isolated has no constructor for it.
        const { buffer } = new WebAssembly.Memory({
          initial: 1,
          maximum: 1,
          shared: true
        });
        socket.send(new Uint8Array(buffer as ArrayBuffer, 0, 1));
      });
    },
    'memory that was transferred': async () => {
      const socket = await open();
      socket.binaryType = 'arraybuffer';
      const seen: unknown[] = [];
      for (const viewOf of [
        (buffer: ArrayBuffer) => new Uint8Array(buffer, 1),
        (buffer: ArrayBuffer) => new DataView(buffer, 1)
      ]) {
        const buffer = new ArrayBuffer(4);
        const data = viewOf(buffer);
        structuredClone(buffer, { transfer: [buffer] });
        seen.push(await echo(socket, buffer), await echo(socket, data));
      }
      return [seen, socket.bufferedAmount];
    },
    'memory that may be resized': async () => {
      const socket = await open();
      const buffer = new (
        ArrayBuffer as unknown as {
          new (length: number, options: object): ArrayBuffer;
        }
      )(4, { maxByteLength: 8 });
      return [buffer, new Uint8Array(buffer)].map(data =>
        attempt(() => socket.send(data))
      );
    },
    'binary type changed on the way': async () => {
      const socket = await open();
      const back = next(socket, 'message');
      socket.send(new Uint8Array([1]));
      socket.binaryType = 'arraybuffer';
      return describe(await back);
    },
    '10 MiB from the peer': async () => {
      const socket = await open();
      const back = next(socket, 'message');
      socket.send(`do send ${10 * 1024 * 1024}`);
      return ((await back) as MessageEvent<Blob>).data.size;
    },
    '4 MiB of bytes there and back, changed once they are sent': async () => {
      const socket = await open();
      socket.binaryType = 'arraybuffer';
      const same: boolean[] = [];
      for (let round = 0; round < 3; round++) {
        const sent = new Uint32Array(1024 * 1024).map(
          (_, index) => (index + round) * 2_654_435_761
        );
        const kept = sent.slice();
        const back = next(socket, 'message');
        socket.send(sent);
        sent.fill(0);
        const { data } = (await back) as MessageEvent<ArrayBuffer>;
        const got = new Uint32Array(data);
        same.push(
          got.length === kept.length &&
            got.every((value, index) => value === kept[index])
        );
      }
      return same;
    },
    'send without an argument': async () => {
      const socket = await open();
      return attempt(() => (socket.send as () => void)());
    },
    'send of what cannot be converted': async () => {
      const socket = await open();
      return attempt(() => socket.send(Symbol('x') as unknown as string));
    },
    'send before open': () => {
      const socket = make();
      const seen = [
        attempt(() => socket.send('x')),
        attempt(() => (socket.send as () => void)())
      ];
      socket.close();
      return seen;
    },
    'send after close': async () => {
      const socket = await open();
      const told = story(socket);
      socket.close();
      const seen = [socket.readyState, attempt(() => socket.send('ä'))];
      seen.push(socket.bufferedAmount);
      await told;
      socket.send(new Uint8Array(10));
      socket.send(new Blob(['abc']));
      return [...seen, socket.bufferedAmount, socket.readyState];
    },
    'buffered amount': async () => {
      const socket = await open();
      const seen = [socket.bufferedAmount];
      for (const data of ['ä', new Uint8Array(5), new Blob(['abc']), '']) {
        socket.send(data);
        seen.push(socket.bufferedAmount);
      }
      const back = next(socket, 'message');
      await back;
      await new Promise(resolve => setTimeout(resolve, 100));
      return [...seen, socket.bufferedAmount];
    },
    'text of the peer that is none': async () => {
      const socket = await open();
      const told = story(socket);
      socket.send('do fail');
      return told;
    },
    'what is called a blob': async () => {
      const socket = await open();
      return answer(socket, { [Symbol.toStringTag]: 'Blob', size: 3 });
    },
    'what is not called what it is': async () => {
      class Named extends Blob {
        readonly [Symbol.toStringTag] = 'Named';
      }
      const buffer = Object.setPrototypeOf(new ArrayBuffer(1), null);
      const socket = await open();
      return [
        await answer(socket, new Named(['ab'])),
        await answer(socket, buffer)
      ];
    },
    'shared memory itself': async () => {
      const socket = await open();
      const { buffer } = new WebAssembly.Memory({
        initial: 1,
        maximum: 1,
        shared: true
      });
      return attemptKind(() => socket.send(buffer as ArrayBuffer));
    },
    'data of a frame': async () => {
      const socket = await open();
      const other = frameWindow();
      const bytes = new other.Uint8Array([97, 98]);
      return [
        await answer(socket, bytes),
        await answer(socket, bytes.buffer),
        await answer(socket, new other.Blob(['cd'])),
        await answer(socket, new other.String('ef'))
      ];
    },
    'empty blob and empty buffer': async () => {
      const socket = await open();
      return [
        await answer(socket, new Blob([])),
        await answer(socket, new ArrayBuffer(0))
      ];
    },
    'conversion of data that fails': async () => {
      const socket = await open();
      const wrong = {
        toString: () => {
          throw new RangeError('of the page');
        }
      };
      return [
        attemptKind(() => socket.send(wrong as never)),
        socket.readyState
      ];
    },
    'blob, text, then close of the page': async () => {
      const socket = await open();
      const words = `last words of ${kind} ${performance.now()}`;
      socket.send(new Blob(['first']));
      socket.send(words);
      socket.close(4010, words);
      const { code, reason, wasClean } = (await next(
        socket,
        'close'
      )) as CloseEvent;
      const seen = [code, reason === words, wasClean, socket.bufferedAmount];
      for (let tries = 0; tries < 1000; tries++) {
        const { heard } = await (await fetch('/peer/log')).json();
        const at = heard.indexOf(words);
        if (heard.includes(`closed 4010 ${words}`, at)) {
          return [...seen, at >= 0];
        }
      }
      return 'the peer has not heard it';
    },
    'buffered amount right after send and close': async () => {
      const socket = await open();
      socket.send('12345');
      const seen = [socket.bufferedAmount];
      socket.close();
      seen.push(socket.bufferedAmount);
      await next(socket, 'close');
      seen.push(socket.bufferedAmount);
      return seen;
    }
  };
}
