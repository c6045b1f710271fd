import { buildSchema } from 'graphql'
import { federate } from '../federate'
import { Servers } from '../servers'

const sdl = `
  scalar Any
  input In { in: In }
  interface Node { node: Node x(any: Any, in: In): Int }
  type Leaf implements Node { node: Node x(any: Any, in: In): Int }
  type Query { node: Node x(any: Any, in: In): Int }`

/** Documents that nest so many levels. */
const kinds: Record<string, (levels: number) => string> = {
  fields: (levels) => nested(levels, 'node {', 'x', '}'),
  fragments: (levels) => nested(levels, '... {', 'x', '}'),
  'lists in an argument': (levels) => `{ x(any: ${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}) }`,
  'objects in an argument': (levels) => `{ x(in: ${'{in: '.repeat(levels - 2)}{}${'}'.repeat(levels - 2)}) }`,
  'lists around a variable': (levels) =>
    `query ($v: Any) { x(any: ${'['.repeat(levels - 1)}$v${']'.repeat(levels - 1)}) }`,
}

function nested(levels: number, open: string, inner: string, close: string): string {
  return `{${open.repeat(levels - 1)}${inner}${close.repeat(levels - 1)}}`
}

/** Through fragments that spread the next one each, so that the text itself does not nest. */
const chain = (length: number) =>
  `{ node { ...F0 } } ${Array.from({ length }, (_, i) => `fragment F${i} on Node { node { ...F${i + 1} } }`).join(' ')}
   fragment F${length} on Node { x }`

const servers = new Servers()
beforeEach(() => servers.watch())
afterEach(() => servers.close())

const graph = () => federate({ a: { typeDefs: sdl } }, { limits: { depth: 10_000, fields: 10_000 } })

describe.each([
  ['a graph', () => ({ gateway: graph().gateway })],
  ['a subgraph by itself', () => ({ schema: buildSchema(sdl) })],
])('%s', (_, served) => {
  const ask = async (...queries: string[]) => {
    const server = await servers.open({ ...served(), maxBodyBytes: 1_000_000 })
    const answers = []
    for (const query of queries) answers.push(await server.ask({ body: { query } }))
    return answers
  }

  test.each(Object.entries(kinds))(
    'answers %s of 250 levels, at the first call and at the second',
    async (__, text) => {
      for (const answer of await ask(text(250), text(250))) {
        expect(answer.text).toMatch(/^{"data":{"(x|node)":null}}/)
        expect(answer.log).toHaveLength(1)
      }
    },
  )

  test.each([
    ...Object.entries(kinds),
    [
      'list types',
      (levels: number) => `query ($v: ${'['.repeat(levels)}Int${']'.repeat(levels)}) { x(any: $v) }`,
    ] as const,
  ])(
    'refuses %s of more with a code, and with this error alone, whatever the stack holds',
    async (__, text) => {
      for (const levels of [251, 700, 1500, 3000, 6000]) {
        const [answer] = await ask(text(levels))
        expect(JSON.parse(answer.text)).toEqual({
          errors: [
            {
              message: 'operation: may nest at most 250 levels deep, got more',
              extensions: { code: 'OPERATION_TOO_LARGE', limit: 'nesting', maximum: 250 },
            },
          ],
        })
        expect(answer.log).toHaveLength(1)
      }
    },
  )

  test('refuses fields that nest through fragments where the stack does not hold them', async () => {
    const [shallow, deep] = await ask(chain(200), chain(1700))
    expect(shallow.text).toBe('{"data":{"node":null}}\n')
    expect(JSON.parse(deep.text)).toMatchObject({
      errors: [{ extensions: { code: 'OPERATION_TOO_LARGE', limit: 'nesting' } }],
    })
  })
})
