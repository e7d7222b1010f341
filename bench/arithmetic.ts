/** The median; of an even number of values, the mean of the middle two. @throws if there are none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half];
  if (upper === undefined) throw new Error('there is no median of no values; measure at least once');
  return sorted.length % 2 ? upper : ((sorted[half - 1] as number) + upper) / 2;
}

/**
 * The exponent with which `y` grows with `x`: 1 is linear, 2 quadratic. It is the slope of the least-squares line through the
 * logarithms.
 *
 * @param points - pairs of `x` and `y`, all above 0.
 * @throws when there are fewer than two different `x`.
 */
export function growth(points: readonly (readonly [x: number, y: number])[]): number {
  const logs = points.map(([x, y]) => [Math.log(x), Math.log(y)] as const);
  const mean = (of: 0 | 1) => logs.reduce((sum, point) => sum + point[of], 0) / logs.length;
  const [meanX, meanY] = [mean(0), mean(1)];
  const spread = logs.reduce((sum, [x]) => sum + (x - meanX) ** 2, 0);
  if (!(spread > 0)) throw new Error(`growth needs two sizes, got ${points.length} points; measure another size`);
  return logs.reduce((sum, [x, y]) => sum + (x - meanX) * (y - meanY), 0) / spread;
}
