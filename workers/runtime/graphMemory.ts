import { readFile } from 'node:fs/promises'
import { initializersOf } from './externalFiles'

/**
 * About how many bytes a session of a graph takes, without the memory of its runs. The runtime tells nothing of it, and a
 * process that has released sessions does not grow when it opens another. So it is estimated from the graph, on the safe
 * side: weights are held up to twice, and all else, such as the nodes of trees, becomes objects. A graph that cannot be
 * read is estimated by its size. `bytes` are those of its file, `dataBytes` those of the files with its weights.
 */
export async function graphMemory(graphPath: string, bytes: number, dataBytes: number): Promise<number> {
  const weights = bytes > mostRead ? bytes : await weightsIn(graphPath).catch(() => 0)
  return memoryOf(bytes, weights, dataBytes)
}

/** The most that `graphMemory` may say, without a look at the graph. */
export function mostGraphMemory(bytes: number, dataBytes: number): number {
  return memoryOf(bytes, bytes > mostRead ? bytes : 0, dataBytes)
}

function memoryOf(bytes: number, weights: number, dataBytes: number): number {
  return emptySession + 2 * (weights + dataBytes) + 8 * Math.max(0, bytes - weights)
}

const emptySession = 128 * 1024

/** A larger graph is hardly anything but weights. */
const mostRead = 64 * 2 ** 20

async function weightsIn(graphPath: string): Promise<number> {
  let weights = 0
  for (const { from, to } of initializersOf(await readFile(graphPath))) weights += to - from
  return weights
}
