import fc from 'fast-check'
import { buildPublicSchema } from '../../../federation/supergraph/publicSchema'
import { generate } from '../../differential/generate/generate'
import { exampleSamples } from '../../differential/graphs/example/example'
import { anyValue, changedTree, editedText } from '../arbitraries'
import type { Sent } from '../asker'
import { documentAtLimits } from '../inputs/documentAtLimits'
import { oddNames, replacement, tokens } from '../inputs/documentParts'
import { editedBytes } from '../inputs/editedBytes'
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
      { weight: 2, arbitrary: documentAtLimits.map((query) => ({ query })) },
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
