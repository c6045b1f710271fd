import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { postQuery } from '../support/example'
import { findPython, openVenv, run } from '../support/pythonVenv'
import { type ServerProcess, startProcess } from '../support/serverProcess'

const found = findPython()

if (found === undefined) {
  skipped('no Python 3.10 or later with venv and pip in PATH, and PYTHON names none')
} else {
  describe('presage-export', () => {
    // Before the tests are known: the first time some packages are installed.
    const { python, withoutTorch } = openVenv(found)
    if (withoutTorch !== undefined) skipped(`PyTorch: ${withoutTorch}`)

    it('passes its own tests', () => {
      const report = run(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', 'python'])
      expect(report).toMatch(/\d+ passed/)
    }, 600_000)

    describe('and presage start, the two commands from a trained model to a served field', () => {
      const models = [
        'SKLEARN',
        'XGBOOST',
        'XGBOOST_PIPELINE',
        'LIGHTGBM',
        ...(withoutTorch === undefined ? ['TORCH'] : []),
      ]
      let server: ServerProcess
      let expected: Record<string, readonly Answer[]>

      beforeAll(async () => {
        const folder = mkdtempSync(join(tmpdir(), 'presage-python-'))
        writeProject(folder, models)
        run(python, [join(packageRoot, 'tests/python/train.py'), folder])
        server = await startProcess(join(folder, 'presage.yaml'))
        expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8'))
        expect(Object.keys(expected).sort()).toEqual([...models].sort())
      }, 600_000)
      afterAll(async () => {
        expect(await server?.stop()).toBe(0)
      })

      it.each(models)('%s answers over GraphQL what it answers in Python, within 1e-5', async (objective) => {
        const rows = expected[objective]
        expect(rows.length).toBeGreaterThan(100)
        for (let from = 0; from < rows.length; from += 40) {
          const some = rows.slice(from, from + 40)
          const fields = some.map(
            ({ arguments: values }, at) =>
              `row${at}: ${objective.toLowerCase()}(${literals(values)}) { probability }`,
          )
          const { data, errors } = await postQuery(server.url, `{ ${fields.join('\n')} }`)
          expect(errors).toBeUndefined()
          const differences = some.map(({ probability }, at) =>
            Math.abs(data[`row${at}`].probability - probability),
          )
          expect(Math.max(...differences)).toBeLessThan(1e-5)
        }
      })
    })
  })
}

/** Said aloud, since a reporter of many files counts skipped tests and does not name them. */
function skipped(reason: string): void {
  console.warn(`skipped: ${reason}`)
  it.skip(`skipped: ${reason}`, () => {})
}

interface Answer {
  readonly arguments: Readonly<Record<string, unknown>>
  readonly probability: number
}

function literals(values: Readonly<Record<string, unknown>>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
    .join(', ')
}

/** A team's project as it is before its models are there: a field for each, and rules that say who answers. */
function writeProject(folder: string, objectives: readonly string[]): void {
  const versions: Readonly<Record<string, string>> = {
    SKLEARN: 'gradient-boosting@1',
    XGBOOST: 'xgboost@1',
    XGBOOST_PIPELINE: 'xgboost-pipeline@1',
    LIGHTGBM: 'lightgbm@1',
    TORCH: 'torch@1',
  }
  const mixed = 'age: Float, fare: Float!, sibsp: Int!, embarked: String!, sex: String!'
  const parameters: Readonly<Record<string, string>> = {
    SKLEARN: mixed,
    XGBOOST_PIPELINE: mixed,
    XGBOOST: 'age: Float, fare: Float!, sibsp: Int!',
    LIGHTGBM: 'age: Float, fare: Float!, sibsp: Int!',
    TORCH: 'fare: Float!, sibsp: Int!',
  }
  const fields = objectives.map((name) => {
    return `  ${name.toLowerCase()}(${parameters[name]}): Answer @predict(objective: "${name}")`
  })
  const files = {
    'presage.yaml': 'server: { timeout: 20s }\nrepositories: [.]\n',
    'rover.yaml':
      'federation_version: =2.9.0\nsubgraphs:\n  predictions:\n' +
      '    routing_url: http://127.0.0.1:4101/graphql\n    schema: { file: schema.graphql }\n',
    'rules.yaml': `objectives:\n${objectives.map((name) => `  ${name}: { default: ${versions[name]} }`).join('\n')}\n`,
    'schema.graphql': `extend schema
  @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])
  @link(url: "https://specs.presage.dev/predict/v1.0", import: ["@predict"])

type Query {
${fields.join('\n')}
}

type Answer {
  probability: Float
}
`,
  }
  for (const [file, content] of Object.entries(files)) writeFileSync(join(folder, file), content)
}
