/** Draws places of the list, each as often as its weight says. */
export function weighted(weights: readonly number[], random: () => number): () => number {
  const sums: number[] = []
  let sum = 0
  for (const weight of weights) {
    sum += weight
    sums.push(sum)
  }
  return () => {
    const drawn = random() * sum
    return sums.findIndex((upTo) => drawn < upTo)
  }
}
