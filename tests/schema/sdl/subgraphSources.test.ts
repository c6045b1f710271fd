// biome-ignore-all lint/suspicious/noTemplateCurlyInString: rover writes expansions in this form
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadSubgraphSources } from '../../../schema/sdl/subgraphSources'

let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presage-rover-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
  delete process.env['PRESAGE_TEST_HOST']
})

/** Writes a `rover.yaml` beside `a.graphql` and reads it; file names in problems are shortened to their last part. */
function load(rover: string, sdl = 'type Query { a: Int }') {
  writeFileSync(join(folder, 'rover.yaml'), rover)
  writeFileSync(join(folder, 'a.graphql'), sdl)
  return loadSubgraphSources(join(folder, 'rover.yaml'))
}

function problemsOf(rover: string, sdl?: string): string[] {
  try {
    load(rover, sdl)
  } catch (error) {
    return (error as { problems: string[] }).problems.map((problem) => problem.replaceAll(`${folder}/`, ''))
  }
  return []
}

const subgraphA = (routing: string, schema: string) =>
  `subgraphs:\n  a:\n    routing_url: ${routing}\n    schema: { ${schema} }\n`

it('reads the subgraphs of a rover file, with schema files beside it', () => {
  expect(
    load(`federation_version: =2.9.0\n${subgraphA('http://localhost:4001', 'file: ./a.graphql')}`),
  ).toEqual([
    {
      name: 'a',
      url: 'http://localhost:4001',
      file: join(folder, 'a.graphql'),
      sdl: 'type Query { a: Int }',
    },
  ])
})

it('expands the environment, with defaults', () => {
  process.env['PRESAGE_TEST_HOST'] = 'films.internal'
  const [source] = load(
    subgraphA('"http://${env.PRESAGE_TEST_HOST}:${env.PRESAGE_TEST_PORT:-4001}/"', 'file: a.graphql'),
  )
  expect(source.url).toBe('http://films.internal:4001/')
})

it('takes keys that rover knows and we do not', () => {
  const further = '    name: films\n    registry: { kind: other }\n'
  expect(load(`${subgraphA('http://localhost:4001', 'file: a.graphql')}${further}`)).toHaveLength(1)
})

describe('a rover file is refused', () => {
  it.each([
    [
      'a misspelt key',
      'subgraphs:\n  a:\n    routing_ur: http://localhost\n    schema: { file: a.graphql }\n',
      'rover.yaml:3: subgraphs.a.routing_ur: is not a known key; did you mean "routing_url"?',
    ],
    [
      'a misspelt key of the schema',
      subgraphA('http://localhost', 'subgraph_ulr: http://localhost'),
      'rover.yaml:4: subgraphs.a.schema.subgraph_ulr: is not a known key; did you mean "subgraph_url"?',
    ],
    ...['4001/graphql', 'localhost:4001/graphql', 'ws://localhost'].map((url) => [
      `the address ${url}`,
      subgraphA(url, 'file: a.graphql'),
      `rover.yaml:3: subgraphs.a.routing_url: must be a URL such as http://localhost:4001/graphql, got "${url}"`,
    ]),
  ])('with %s', (_, rover, problem) => {
    expect(problemsOf(rover)).toEqual([problem])
  })

  it.each([
    [
      'with a schema from a running service that was not fetched yet',
      subgraphA('http://a', 'subgraph_url: "http://a"'),
      'rover.yaml:4: subgraphs.a.schema.subgraph_url: must have been fetched to subgraphs/remote/a.graphql, got no such file; run npx presage compose',
    ],
    [
      'with a schema from a registry',
      subgraphA('http://a', 'graphref: g@v, subgraph: n'),
      'rover.yaml:4: subgraphs.a.schema: must be "file: <path>" or "subgraph_url: <url>", got graphref, subgraph',
    ],
    [
      'with a schema file that is not there',
      subgraphA('http://a', 'file: b.graphql'),
      'rover.yaml:4: subgraphs.a.schema.file: b.graphql: must be a readable file, got no such file',
    ],
    [
      'with a variable that is not set',
      subgraphA('"http://${env.PRESAGE_TEST_HOST}"', 'file: a.graphql'),
      'rover.yaml:3: subgraphs.a.routing_url: must name an environment variable that is set, got "${env.PRESAGE_TEST_HOST}"',
    ],
    [
      'with another kind of expansion',
      subgraphA('"http://${file.host}"', 'file: a.graphql'),
      'rover.yaml:3: subgraphs.a.routing_url: must use ${env.NAME} or ${env.NAME:-default}, got "${file.host}"',
    ],
    [
      'without a routing_url',
      'subgraphs: { a: { schema: { file: a.graphql } } }',
      'rover.yaml: subgraphs.a.routing_url: must be a string, got nothing',
    ],
    [
      'with a subgraph that is not indented, and so a key of the file',
      `${subgraphA('http://a', 'file: a.graphql')}b:\n  routing_url: http://b\n`,
      'rover.yaml:5: b: is not one of the keys federation_version, subgraphs',
    ],
    [
      'without subgraphs',
      'subgraphs: {}',
      'rover.yaml: subgraphs: must list at least one subgraph, got none',
    ],
  ])('%s', (_, rover, problem) => {
    expect(problemsOf(rover)).toEqual([problem])
  })

  it('with a schema that does not parse, with line and column', () => {
    expect(problemsOf(subgraphA('http://a', 'file: a.graphql'), 'type Query {\n  a Int\n}')).toEqual([
      'a.graphql:2:5: Syntax Error: Expected ":", found Name "Int".',
    ])
  })

  it('with two servers at one address', () => {
    mkdirSync(join(folder, 'subgraphs/remote'), { recursive: true })
    for (const name of ['a', 'b'])
      writeFileSync(join(folder, `subgraphs/remote/${name}.graphql`), 'type Query { a: Int }')
    const schema = '{ subgraph_url: "http://a" }'
    const second = `  b:\n    routing_url: http://a\n    schema: ${schema}\n`
    expect(problemsOf(`${subgraphA('http://a', 'subgraph_url: "http://a"')}${second}`)).toEqual([
      "rover.yaml:6: subgraphs.b.routing_url: must be the subgraph's own, got http://a, which is that of a",
    ])
    expect(problemsOf(`${subgraphA('http://a', 'file: a.graphql')}${second}`)).toEqual([])
  })

  it('with all its problems at once', () => {
    const two = `${subgraphA('http://a', 'file: no.graphql')}  b:\n    routing_url: http://b\n    schema: { graphref: g }\n`
    expect(problemsOf(two)).toHaveLength(2)
  })

  it('that is not there', () => {
    expect(() => loadSubgraphSources(join(folder, 'none.yaml'))).toThrow(
      'must be a readable file, got no such file',
    )
  })
})

it('reads the list as often for many subgraphs as for one', () => {
  const reads = jest.spyOn(require('yaml') as typeof import('yaml'), 'parseDocument')
  const readsOf = (count: number) => {
    reads.mockClear()
    const entries = Array.from({ length: count }, (_, at) => {
      return `  s${at}: { routing_url: "http://localhost:${4001 + at}/graphql", schema: { file: ./a.graphql } }\n`
    })
    expect(load(`subgraphs:\n${entries.join('')}`)).toHaveLength(count)
    expect(reads).toHaveBeenCalled()
    return reads.mock.calls.length
  }
  try {
    expect(readsOf(9)).toBe(readsOf(1))
  } finally {
    reads.mockRestore()
  }
})
