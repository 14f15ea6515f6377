import type { Message } from '../channel';

/** Copy frames as sockets do: the bytes of a fast line stand until the next flush. */
export function copyFrames(frames: readonly Message[]): Message[] {
  return frames.map(frame =>
    typeof frame === 'string' ? frame : frame.slice()
  );
}
