/**
 * Begins to measure work. The result tells its milliseconds so far, without those in which this process did not run: a
 * machine that stands still is no work of whoever is served then.
 */
export function startWork(): () => number {
  const beganAt = performance.now()
  const before = process.cpuUsage()
  return () => {
    const { user, system } = process.cpuUsage(before)
    return Math.min(performance.now() - beganAt, (user + system) / 1000)
  }
}
