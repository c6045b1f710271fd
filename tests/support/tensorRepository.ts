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
    { more: 'vocabularies: { known: [1, 2, 3] }\n' },
  )
  writeVersion(folder, 'mixed-rows', ['x: { type: Float }'], ['x: { number: x }'], ['y: { column: y }'])
  return { folder, config: writeWorkerConfig(folder, config) }
}

/**
 * Writes a version of the graph mixed-rows; with `golden`, such an answer as its golden case for x = 1, or answers by x.
 */
export function writeSmallVersion(
  folder: string,
  name: string,
  version: string,
  golden?: number | Readonly<Record<string, number>>,
): void {
  const answers = Object.entries(typeof golden === 'number' ? { 1: golden } : (golden ?? {}))
  const cases = answers.map(([x, y]) => ({ input: { x: Number(x) }, output: { y } }))
  writeVersion(folder, 'mixed-rows', ['x: { type: Float }'], ['x: { number: x }'], ['y: { column: y }'], {
    name,
    version,
    ...(cases.length > 0 && { golden: { cases } }),
  })
}

export function writeWorkerConfig(folder: string, config: string): string {
  const path = join(folder, 'presage.yaml')
  const drain = config === '' ? 'worker: { drain: 200ms }\n' : config
  // A machine that is busy with tests may stall for longer than the second that requests have.
  const timeout = /^server:/m.test(config) ? '' : 'server: { timeout: 20s }\n'
  writeFileSync(path, `repositories: [.]\n${drain}${timeout}`)
  return path
}

/** Writes a version of one of the graphs in tests/fixtures/graphs; each line is an entry of its section. */
export function writeVersion(
  folder: string,
  graphName: string,
  features: readonly string[],
  preprocess: readonly string[],
  postprocess: readonly string[],
  { name = graphName, version = '1', more = '', golden }: WrittenVersion = {},
): void {
  const directory = join(folder, 'models', name, version)
  mkdirSync(directory, { recursive: true })
  copyFileSync(join(graphs, `${graphName}.onnx`), join(directory, 'model.onnx'))
  if (golden) writeFileSync(join(directory, 'golden.json'), JSON.stringify(golden))
  const graph = readFileSync(join(directory, 'model.onnx'))
  const sha256 = createHash('sha256').update(graph).digest('hex')
  const section = (title: string, lines: readonly string[]) =>
    `${title}:\n${lines.map((line) => `  ${line}\n`).join('')}`
  writeFileSync(
    join(directory, 'model.yaml'),
    `name: ${name}
version: "${version}"
serves: []
graph: { file: model.onnx, bytes: ${graph.length}, sha256: ${sha256} }
${section('features', features)}${section('preprocess', preprocess)}${section('postprocess', postprocess)}${more}${golden ? 'golden: golden.json\n' : ''}`,
  )
}

interface WrittenVersion {
  readonly name?: string
  readonly version?: string
  /** Further lines of the manifest. */
  readonly more?: string
  readonly golden?: object
}
