import { readFile } from 'node:fs/promises'
import { initializersOf } from './externalFiles'

export interface GraphSize {
  readonly graphPath: string
  /** Of the graph's file, and of the files with its weights. */
  readonly bytes: number
  readonly dataBytes: number
}

/**
 * About how many bytes a session of a graph takes, without the memory of its runs. The runtime tells nothing of it, and a
 * process that has released sessions does not grow when it opens another. So it is estimated from the graph, on the safe
 * side: weights are held up to twice, and all else, such as the nodes of trees, becomes objects. A graph that cannot be
 * read is estimated by its size.
 */
export async function graphMemory({ graphPath, bytes, dataBytes }: GraphSize): Promise<number> {
  const weights = bytes > mostRead ? bytes : await weightsIn(graphPath).catch(() => 0)
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
