import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { compiledPath, packageRoot } from '../../../lib/packagePaths'
import { column, field, int, int64Type, message, model, node } from '../../support/onnxMessages'
import { runNode } from '../../support/presageCommand'

const graph = model(
  message(
    field(1, node('Cast', ['stars'], 'label', [int('to', int64Type)])),
    field(2, 'casts'),
    field(11, column('stars')),
    field(12, column('label', int64Type)),
  ),
)

const files = {
  'presage.yaml':
    'server: { timeout: 20s }\nrepositories: [.]\nrules: rules.yaml\nshards: { main: { workers: 1 } }\n',
  'rules.yaml': 'objectives: { KEEP: { default: keep@1 } }\n',
  'objectives/KEEP.yaml': `objective: KEEP
description: Whether a member keeps a title
inputs: { stars: { type: Float } }
outputs: { label: { type: Int } }
`,
  // Of several warm-up batches one is short, so that this thread is tried, also where the machine stands still now and then.
  'models/keep/1/model.yaml': `name: keep
version: "1"
serves: [KEEP]
graph: { file: model.onnx, bytes: ${graph.length}, sha256: ${createHash('sha256').update(graph).digest('hex')} }
features: { stars: { type: Float } }
preprocess: { stars: { number: stars } }
postprocess: { label: { column: label } }
golden: golden.json
warmUp: [1, 2, 4, 8, 16]
`,
  'models/keep/1/golden.json':
    '{ "tolerance": 0, "cases": [{ "input": { "stars": 3.5 }, "output": { "label": 3 } }] }',
  'models/keep/1/model.onnx': graph,
  'schema.graphql': `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])
type Query { keep(stars: Float!): Keep @predict(objective: "KEEP") }
type Keep { label: Int }
`,
  // Jest with the realm of its own that this package's tests do without. What is compiled needs no Babel.
  'jest.config.js': 'module.exports = { testTimeout: 110_000, transform: {} }',
  'team.test.js': `const { createPredictionSubgraph } = require(${JSON.stringify(compiledPath('cli/deployment/predictionSubgraph'))})
const { graphql } = require(${JSON.stringify(require.resolve('graphql', { paths: [packageRoot] }))})
it('predicts', async () => {
  const lines = []
  const log = (line) => lines.push(line)
  const options = { config: 'presage.yaml', name: 'keeper', schema: 'schema.graphql', log }
  const predictions = await createPredictionSubgraph(options)
  try {
    await predictions.loaded
    const contextValue = await predictions.context({ req: { headers: {}, socket: {} } })
    const source = '{ keep(stars: 4.2) { label } }'
    expect(await graphql({ schema: predictions.schema, source, contextValue })).toEqual({ data: { keep: { label: 4 } } })
    expect(lines.join('\\n')).toMatch(/keep@1 stays on the threads: ONNX Runtime cannot compute in a context of node:vm/)
  } finally {
    await predictions.dispose()
  }
})
`,
}

it("a team's own test with Jest predicts, although arrays of threads are of another realm there", async () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-realm-'))
  for (const [name, content] of Object.entries(files)) {
    const file = join(folder, name)
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
  }
  const jest = require.resolve('jest/bin/jest', { paths: [packageRoot] })
  const { code, err } = await runNode([jest, '--rootDir', '.', '--no-watchman'], folder)
  expect({ code, err }).toEqual({ code: 0, err: expect.stringContaining('1 passed') })
})
