import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../lib/packagePaths'
import { type Example, startExample } from '../support/example'

interface Case {
  readonly input: Readonly<Record<string, unknown>>
  readonly output: Readonly<Record<string, unknown>>
}

const roots = ['examples/streaming', 'examples/streaming/movielens', 'tests/fixtures/awkward'].map((root) =>
  join(packageRoot, root),
)

const versions = roots.flatMap((root) => {
  return readdirSync(join(root, 'models')).flatMap((name) => {
    return readdirSync(join(root, 'models', name)).map((version) => {
      return { key: `${name}@${version}`, file: join(root, 'models', name, version, 'golden.json') }
    })
  })
})

describe('golden cases through HTTP', () => {
  let example: Example

  beforeAll(async () => {
    example = await startExample((config) => ({
      repositories: [...config.repositories, roots[2]],
      server: { ...config.server, timeout: 30_000 }, // slow-mlp's rows take their time on a busy machine
    }))
  })
  afterAll(() => example.close())

  it('covers sixteen versions', () => {
    expect(versions).toHaveLength(16)
  })

  it.each(versions)('$key', async ({ key, file }) => {
    const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: Case[] }
    expect(cases.length).toBeGreaterThanOrEqual(40)
    const { data, errors } = await example.query(
      'query ($m: String!, $f: [JSON!]!) { tryModel(model: $m, features: $f) }',
      { m: key, f: cases.map((one) => one.input) },
    )
    expect(errors).toBeUndefined()
    const differences = cases.flatMap((one, row) =>
      compare(one, data.tryModel[row]).map((text) => `row ${row}: ${text}`),
    )
    expect(differences).toEqual([])
  })
})

const TOLERANCE = 1e-5

/** The test's own comparison, apart from the one that runs when a model loads. */
function compare({ output }: Case, actual: Record<string, unknown>): string[] {
  const failed = actual['error'] as { code: string } | undefined
  return Object.entries(output).flatMap(([name, expected]) => {
    if (expected === null)
      return failed?.code === 'BAD_OUTPUT' ? [] : [`${name} must be BAD_OUTPUT, is ${JSON.stringify(actual)}`]
    if (failed) return [`${name} is ${JSON.stringify(failed)}`]
    const value = actual[name]
    if (typeof expected === 'number')
      return near(expected, value) ? [] : [`${name} is ${value}, not ${expected}`]
    const list = expected as unknown[]
    const got = value as unknown[]
    if (got.length !== list.length) return [`${name} has ${got.length} items, not ${list.length}`]
    if (name !== 'titleIds')
      return list.flatMap((item, i) =>
        near(item as number, got[i]) ? [] : [`${name}.${i} is ${got[i]}, not ${item}`],
      )
    const scores = output['scores'] as number[]
    return list.flatMap((id, i) => {
      if (String(id) === String(got[i])) return []
      const tied = list.some(
        (other, j) => String(other) === String(got[i]) && Math.abs(scores[i] - scores[j]) <= TOLERANCE,
      )
      const pushedOut =
        !list.map(String).includes(String(got[i])) &&
        Math.abs(scores[i] - scores[scores.length - 1]) <= TOLERANCE
      return tied || pushedOut ? [] : [`${name}.${i} is ${got[i]}, not ${id}`]
    })
  })
}

function near(expected: number, actual: unknown): boolean {
  return typeof actual === 'number' && Math.abs(expected - actual) <= TOLERANCE
}
