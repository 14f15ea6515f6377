/** The middle of some numbers. */
export function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Median, lowest and highest, as text. */
export function spread(values, digits = 2) {
  const text = value => value.toFixed(digits);
  return `${text(median(values))} [${text(Math.min(...values))}..${text(Math.max(...values))}]`;
}

/** How the guarded values compare with the native ones, by round. */
export function ratios({ native, guarded }) {
  return guarded.map((value, round) => value / native[round]);
}

/** By how much `y` grows with each `x`: least squares. */
export function slope(points) {
  const mean = index =>
    points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  let over = 0;
  let under = 0;
  for (const [x, y] of points) {
    over += (x - meanX) * (y - meanY);
    under += (x - meanX) ** 2;
  }
  return over / under;
}
