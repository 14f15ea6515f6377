import { Queue } from '../queue';

describe('Queue', () => {
  it('should return what was put in, in order, however it is interleaved', () => {
    const queue = new Queue<number>();
    let pushed = 0;
    let shifted = 0;
    for (let round = 0; round < 100; round++) {
      for (let i = 0; i < (round * 7) % 11; i++) {
        queue.push(pushed++);
      }
      for (let i = 0; i < (round * 5) % 9 && queue.length; i++) {
        expect(queue.first).toBe(shifted);
        expect(queue.shift()).toBe(shifted++);
      }
      expect(queue.length).toBe(pushed - shifted);
      expect(queue.slice(0)).toHaveLength(queue.length);
      expect(queue.slice(1)[0]).toBe(
        queue.length > 1 ? shifted + 1 : undefined
      );
    }
  });

  it('should have nothing to give when empty', () => {
    const queue = new Queue<string>();
    expect(queue.shift()).toBeUndefined();
    expect(queue.first).toBeUndefined();
    expect(queue.length).toBe(0);
  });
});
