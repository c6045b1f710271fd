import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allocatingGraph } from './allocatingGraph'

/** Asks `allocating@1` for a row that takes so many MiB; of another folder's repository than the example's. */
export const allocate = (mebibytes: number) =>
  `{ tryModel(model: "allocating@1", features: [{ x: ${mebibytes} }]) }`

/** A repository with `allocating@1`, which takes as many MiB as its feature `x` says. */
export function allocatingRepository(): string {
  const root = mkdtempSync(join(tmpdir(), 'presage-allocating-'))
  const folder = join(root, 'models/allocating/1')
  const graph = allocatingGraph()
  const sha256 = createHash('sha256').update(graph).digest('hex')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'model.onnx'), graph)
  writeFileSync(
    join(folder, 'model.yaml'),
    `name: allocating
version: "1"
graph: { file: model.onnx, bytes: ${graph.length}, sha256: "${sha256}" }
features: { x: { type: Float } }
preprocess: { x: [{ number: x }] }
postprocess: { y: { column: y } }
`,
  )
  return root
}
