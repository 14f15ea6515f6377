/**
 * Let the page's clock stand still until mocks are restored: the milliseconds it shows.
 *
 * #### Notes
 * Whole ones: with fractions a sum less one of its parts is not always the other.
 */
export function stopClock(): number {
  const nowMs = Math.ceil(performance.now());
  jest.spyOn(performance, 'now').mockReturnValue(nowMs);
  return nowMs;
}
