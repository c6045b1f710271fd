/** Half of the operations meet no fault. */
export function faultSeedOf(seed: number): number {
  return seed % 2 === 0 ? 0 : (seed >>> 1) + 1
}
