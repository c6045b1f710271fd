/** Of sorted values, the one that a share `part` of them does not exceed; 0 where there are none. */
export function percentile(sorted: ArrayLike<number>, part: number): number {
  if (sorted.length === 0) return 0
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]
}
