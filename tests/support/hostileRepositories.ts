import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allocatingGraph } from './allocatingGraph'
import { loopingGraph } from './loopingGraph'

/** Asks `allocating@1` for a row that takes so many MiB; of another folder's repository than the example's. */
export const allocate = (mebibytes: number) =>
  `{ tryModel(model: "allocating@1", features: [{ x: ${mebibytes} }]) }`

/** Asks `looping@1` for rows with these `x`. */
export const loop = (...billions: number[]) =>
  `{ tryModel(model: "looping@1", features: [${billions.map((x) => `{ x: ${x} }`)}]) }`

/** A repository with `allocating@1`, which takes as many MiB as its feature `x` says. */
export function allocatingRepository(): string {
  return repositoryOf('allocating', allocatingGraph())
}

/** A repository with `looping@1`, whose runs take some minutes for each 1 of its feature `x`. */
export function loopingRepository(): string {
  return repositoryOf('looping', loopingGraph())
}

function repositoryOf(name: string, graph: Buffer): string {
  const root = mkdtempSync(join(tmpdir(), `presage-${name}-`))
  const folder = join(root, `models/${name}/1`)
  const sha256 = createHash('sha256').update(graph).digest('hex')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'model.onnx'), graph)
  writeFileSync(
    join(folder, 'model.yaml'),
    `name: ${name}
version: "1"
graph: { file: model.onnx, bytes: ${graph.length}, sha256: "${sha256}" }
features: { x: { type: Float } }
preprocess: { x: [{ number: x }] }
postprocess: { y: { column: y } }
`,
  )
  return root
}
