import type { Memory } from './child'

/** Caches fill, and the engine keeps what it has compiled; more than this between the middle and the end, in bytes, is a leak. */
const mayGrow = 48e6

/** How the heap went on from the middle of the inputs to their end; undefined where it was not measured there. */
export function growthOf(memory: readonly Memory[]): { bytesAnInput: number; isLeak: boolean } | undefined {
  const [, middle, end] = memory
  if (middle === undefined || end === undefined || end.inputs === middle.inputs) return undefined
  const bytes = end.heap - middle.heap
  return { bytesAnInput: bytes / (end.inputs - middle.inputs), isLeak: bytes > mayGrow }
}
