import { seededRandom } from '../seededRandom'

/** Draws versions from 1 on, the n-th in proportion to 1/n; version 0 is asked apart. */
export function zipfDraw(versions: number): () => number {
  const random = seededRandom(7)
  const sums: number[] = []
  let sum = 0
  for (let n = 1; n < versions; n++) {
    sum += 1 / n
    sums.push(sum)
  }
  return () => {
    const drawn = random() * sum
    return 1 + sums.findIndex((upTo) => upTo >= drawn)
  }
}
