import { createData } from '../../models/types/elementType'
import type { Tensor, Tensors } from '../../models/types/tensor'
import type { Segment } from '../../workers/shard'

/** The wanted outputs of all rows, in their order. Throws the error of the first segment that has one. */
export function joinedOutputs(segments: readonly Segment[], wanted: readonly string[]): Tensors {
  const parts: Tensors[] = []
  for (const segment of segments) {
    if (segment.error !== undefined) throw segment.error
    parts.push(segment.tensors)
  }
  if (parts.length === 1) return parts[0]
  return Object.fromEntries(wanted.map((name) => [name, joined(parts.map((tensors) => tensors[name]))]))
}

function joined(parts: readonly Tensor[]): Tensor {
  const [{ type, dims }] = parts
  const all = [parts.reduce((rows, part) => rows + part.dims[0], 0), ...dims.slice(1)]
  if (type === 'string')
    return { type, dims: all, data: parts.flatMap((part) => part.data as readonly string[]) }
  const data = createData(
    type,
    parts.reduce((length, part) => length + part.data.length, 0),
  )
  let at = 0
  for (const part of parts) {
    data.set(part.data as never, at)
    at += part.data.length
  }
  return { type, dims: all, data }
}
