import fc from 'fast-check'
import { buildPublicSchema } from '../../../federation/supergraph/publicSchema'
import { generate } from '../../differential/generate/generate'
import { exampleSamples } from '../../differential/graphs/example/example'
import { anyText, anyValue, changedTree, editedText } from '../arbitraries'
import type { Sent } from '../asker'
import { editedBytes } from '../editedBytes'
import { startExampleServer } from './exampleServer'
import { type Kind, kindOf } from './kind'

/** Operations by the grammar and the schema of the example, most of them changed so that they are hardly ones any more. */
export async function startDocuments(): Promise<Kind> {
  const server = await startExampleServer()
  const schema = buildPublicSchema(server.supergraphSdl)
  const valid = fc.nat().map((seed) => {
    const { text, operationName, variables } = generate(schema, exampleSamples, seed)?.first ?? nothing
    return { query: text, operationName, variables }
  })
  const inputs: fc.Arbitrary<Sent> = fc
    .oneof(
      { weight: 2, arbitrary: valid },
      {
        weight: 4,
        arbitrary: valid.chain((one) =>
          fc
            .tuple(editedText([one.query]), anyVariables(one.variables))
            .map(([query, variables]) => ({ ...one, query, variables })),
        ),
      },
      {
        weight: 2,
        arbitrary: valid.chain((one) =>
          anyVariables(one.variables).map((variables) => ({ ...one, variables })),
        ),
      },
      {
        weight: 2,
        arbitrary: fc
          .tuple(valid, replacement)
          .map(([one, [what, by]]) => ({ ...one, query: one.query.replace(what, by) })),
      },
      { weight: 2, arbitrary: atLimits.map((query) => ({ query })) },
      {
        weight: 1,
        arbitrary: fc.tuple(oddNames, oddNames, anyValue).map(([name, other, value]) => ({
          query: `query ${name}($${other}: Int) { ${name}: titles(first: $${other}) { ${other}: id } }`,
          operationName: name,
          variables: Object.fromEntries([[other, value]]),
        })),
      },
      { weight: 1, arbitrary: fc.record({ query: tokens, variables: anyValue }) },
      {
        weight: 1,
        arbitrary: valid.chain((one) =>
          editedBytes(fc.constant(Buffer.from(one.query))).map((bytes) => ({
            ...one,
            query: bytes.toString(),
          })),
        ),
      },
    )
    .map((operation) => ({
      body: JSON.stringify(operation),
      headers: { 'content-type': 'application/json' },
    }))
  return kindOf<Sent>({
    inputs,
    feed: async (sent) => server.require(sent, await server.ask(sent)),
    show: ({ body }) => String(body).slice(0, 4000),
    limitMs: 10_000,
    width: 4,
    close: server.close,
  })
}

const nothing = { text: '{ titles { id } }', operationName: undefined, variables: {} }

function anyVariables(variables: Readonly<Record<string, unknown>>): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 2, arbitrary: fc.constant(variables) },
    { weight: 3, arbitrary: changedTree([variables], [...Object.keys(variables), 'id']) },
    { weight: 1, arbitrary: anyValue },
  )
}

const replacement = fc.tuple(
  fc.constantFrom(
    /\bid\b/,
    /\btitles\b/,
    /\{/,
    /\}/,
    /\bon \w+/,
    /"[^"]*"/,
    /\d+/,
    /\$\w+/,
    /\.\.\./,
    /\(/,
    /:/,
    /\w+/,
  ),
  fc.oneof(
    fc.constantFrom(
      '__proto__',
      'constructor',
      '__typename',
      '__schema',
      '...F',
      '{',
      '}',
      '@skip',
      '@skip(if: true)',
      '@include(if: $x)',
    ),
    fc.constantFrom(
      '""" """',
      '"\\u{110000}"',
      '"\\uD800"',
      '1e999',
      '-',
      '$',
      '...on Nothing{id}',
      '#',
      '\u0000',
      '@defer',
      '@stream',
      '[',
      'null',
    ),
    fc.constantFrom(
      '_entities(representations: [{__typename: "Title", id: "1"}]) { __typename }',
      '_service { sdl }',
      '@a @b @c',
      '&',
      '|',
      'subscription',
    ),
    anyText,
  ),
)

const oddNames = fc.constantFrom(
  ...[
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'prototype',
    'then',
    'length',
    'null',
    'true',
    'on',
    'fragment',
    'query',
    '_',
    '__',
    '__typename',
    '_entities',
    'data',
    'errors',
    'toJSON',
    'valueOf',
    'a'.repeat(3000),
  ],
)

const tokens = fc
  .array(
    fc.constantFrom(
      ...[
        '{',
        '}',
        '(',
        ')',
        '[',
        ']',
        '$',
        '!',
        '=',
        ':',
        '|',
        '&',
        '@',
        '...',
        'query',
        'mutation',
        'subscription',
        'fragment',
        'on',
        'F',
      ],
      ...[
        'titles',
        'id',
        'first',
        '$n',
        '"x"',
        '"""y"""',
        '1',
        '-1',
        '1.5e3',
        'true',
        'null',
        '@skip(if: true)',
        'Title',
        ',',
        '#\n',
        '__typename',
      ],
    ),
    { maxLength: 60 },
  )
  .map((all) => all.join(' '))

function repeat(count: number, make: (at: number) => string, between = ' '): string {
  return Array.from({ length: count }, (_, at) => make(at)).join(between)
}

/** A little below a limit, at it, and a little above. */
function around(...limits: readonly number[]): fc.Arbitrary<number> {
  return fc.oneof(
    fc
      .constantFrom(...limits)
      .chain((limit) => fc.integer({ min: -2, max: 2 }).map((by) => Math.max(0, limit + by))),
    fc.nat(300),
  )
}

/** Documents of one part many times. */
const atLimits = fc.oneof(
  around(100, 1000).map((count) => `{ ${repeat(count, (at) => `a${at}: titles(first: 1) { id }`)} }`),
  around(1000).map((count) => `{ titles(first: 1) { ${repeat(count, (at) => `a${at}: name`)} } }`),
  around(100).map(
    (count) =>
      `{ titles(first: 1) { ${repeat(count, (at) => `p${at}: predictedRating(memberId: "${at}")`)} } }`,
  ),
  around(100).map((count) => `{ titles(first: 1) { id ${repeat(count, () => '@include(if: true)')} } }`),
  around(100).map(
    (count) => `{ titles(first: 1) { ${repeat(count, (at) => `a${at}: id @skip(if: ${at % 2 === 0})`)} } }`,
  ),
  around(1000).map((count) => `{ titles(ids: [${repeat(count, (at) => `"${at}"`, ',')}]) { id } }`),
  around(20, 40).map(
    (depth) => `{ titles(first: 1) { ${'... on Title { '.repeat(depth)}id${' }'.repeat(depth)} } }`,
  ),
  around(40, 250).map(
    (depth) =>
      `{ __schema { types { fields { type ${'{ ofType '.repeat(depth)}{ name }${' }'.repeat(depth)} } } } }`,
  ),
  around(12, 40).map(
    (depth) =>
      `{ members(first: 1) { ${'history(first: 1) { title { predictedRating(memberId: "1") id } '.repeat(depth)}stars${' }'.repeat(depth)} } }`,
  ),
  around(250).map((depth) => `{ titles(ids: ${'['.repeat(depth)}${']'.repeat(depth)}) { id } }`),
  around(8, 12).map(
    (depth) =>
      `{ titles(first: 1) { ...F0 } } ${repeat(depth, (at) => `fragment F${at} on Title { ...F${at + 1} a: id ...F${at + 1} }`)} fragment F${depth} on Title { id }`,
  ),
  fc
    .integer({ min: 1, max: 30 })
    .map(
      (length) =>
        `{ titles(first: 1) { ...F0 } } ${repeat(length, (at) => `fragment F${at} on Title { id ...F${(at + 1) % length} }`)}`,
    ),
  fc
    .integer({ min: 1, max: 60 })
    .map(
      (count) =>
        `query (${repeat(count, (at) => `$v${at}: Int = ${at}`, ',')}) { ${repeat(count, (at) => `a${at}: titles(first: $v${at}) { id }`)} }`,
    ),
  fc
    .integer({ min: 1, max: 9 })
    .map(
      (count) =>
        `query (${repeat(count, (at) => `$v${at}: Boolean = ${at % 2 === 0}`, ',')}) { titles(first: 1) { id ${repeat(count, (at) => `a${at}: name @skip(if: $v${at})`)} } }`,
    ),
  fc
    .integer({ min: 1, max: 60 })
    .map((count) => repeat(count, (at) => `query Q${at} { titles(first: 1) { id } }`)),
  fc.nat(20_000).map((length) => `{ titles(ids: ["${'x'.repeat(length)}"]) { id } }`),
)
