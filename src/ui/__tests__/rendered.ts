import { setImmediate, setTimeout } from 'timers';

/** A view is drawn, sees that it is there, and is drawn again. */
const PASSES = 3;

/**
 * Resolves when everything is drawn that was asked for.
 *
 * #### Notes
 * What draws waits for a frame, a timer or a message: this waits behind it in
 * each of these queues. A time would be over on a machine that stood still.
 */
export async function rendered(): Promise<void> {
  for (let pass = 0; pass < PASSES; pass++) {
    await new Promise(resolve => requestAnimationFrame(resolve));
    await new Promise(resolve => setTimeout(resolve));
    await new Promise(resolve => setImmediate(resolve));
  }
}
