import type { AIConnection } from '../..';
import type { ConnectionState, IChannel } from '../../../tokens';

/** Resolves when the connection is in that state. */
export function until(
  connection: AIConnection,
  state: ConnectionState
): Promise<void> {
  return new Promise(resolve => {
    const look = () => {
      if (connection.status.state === state) {
        connection.statusChanged.disconnect(look);
        resolve();
      }
    };
    connection.statusChanged.connect(look);
    look();
  });
}

/** Resolves with the next records of a channel. */
export function records(
  channel: IChannel,
  count: number
): Promise<(string | Uint8Array)[]> {
  return new Promise(resolve => {
    const heard: (string | Uint8Array)[] = [];
    const hear = (_: IChannel, record: string | Uint8Array) => {
      heard.push(record);
      if (heard.length === count) {
        channel.message.disconnect(hear);
        resolve(heard);
      }
    };
    channel.message.connect(hear);
  });
}

/** Send a record on an echo channel and wait until it is back. */
export async function roundTrip(channel: IChannel): Promise<void> {
  const back = records(channel, 1);
  channel.send('there and back');
  await back;
}
