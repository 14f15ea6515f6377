/** Let the page's clock stand still until mocks are restored: the milliseconds it shows. */
export function stopClock(): number {
  const nowMs = performance.now();
  jest.spyOn(performance, 'now').mockReturnValue(nowMs);
  return nowMs;
}
