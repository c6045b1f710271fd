import { createHash } from 'node:crypto'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'

const graphs = join(packageRoot, 'tests/fixtures/graphs')

/** The types of the graph all-types, each with its logical type. */
export const graphTypes = {
  bool: 'Boolean',
  uint8: 'Int',
  uint16: 'Int',
  uint32: 'Int',
  uint64: 'Int',
  int8: 'Int',
  int16: 'Int',
  int32: 'Int',
  int64: 'Int',
  float32: 'Float',
  float64: 'Float',
  string: 'String',
} as const

/**
 * Writes a repository of versions for the tensors of every type, and `presage.yaml` for a worker of the shard `main`:
 * `all-types@1`, `list-sum@1` with an input of any width, and `mixed-rows@1`, whose answers tell which rows ran together.
 */
export function writeTensorRepository(config = ''): { readonly folder: string; readonly config: string } {
  const folder = mkdtempSync(join(tmpdir(), 'presage-tensors-'))
  const names = Object.keys(graphTypes)
  writeVersion(
    folder,
    'all-types',
    Object.entries(graphTypes).map(([name, type]) => `f_${name}: { type: ${type} }`),
    names.map((name) => {
      const step = name === 'string' ? 'text' : 'number'
      return `in_${name}: [{ ${step}: f_${name} }, { ${step}: f_${name} }]`
    }),
    names.map((name) => `o_${name}: { column: out_${name}, item: 0 }`),
  )
  writeVersion(
    folder,
    'list-sum',
    ['ids: { type: "[Int!]" }'],
    ['ids: { indexList: ids, vocabulary: known }'],
    ['sum: { column: sum }'],
    'vocabularies: { known: [1, 2, 3] }\n',
  )
  writeVersion(folder, 'mixed-rows', ['x: { type: Float }'], ['x: { number: x }'], ['y: { column: y }'])
  const path = join(folder, 'presage.yaml')
  writeFileSync(path, `repositories: [.]\n${config === '' ? 'worker: { drain: 200ms }\n' : config}`)
  return { folder, config: path }
}

function writeVersion(
  folder: string,
  name: string,
  features: readonly string[],
  preprocess: readonly string[],
  postprocess: readonly string[],
  more = '',
): void {
  const directory = join(folder, 'models', name, '1')
  mkdirSync(directory, { recursive: true })
  copyFileSync(join(graphs, `${name}.onnx`), join(directory, 'model.onnx'))
  const graph = readFileSync(join(directory, 'model.onnx'))
  const sha256 = createHash('sha256').update(graph).digest('hex')
  const section = (title: string, lines: readonly string[]) =>
    `${title}:\n${lines.map((line) => `  ${line}\n`).join('')}`
  writeFileSync(
    join(directory, 'model.yaml'),
    `name: ${name}
version: "1"
serves: []
graph: { file: model.onnx, bytes: ${graph.length}, sha256: ${sha256} }
${section('features', features)}${section('preprocess', preprocess)}${section('postprocess', postprocess)}${more}`,
  )
}
