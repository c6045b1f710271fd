import type { FieldNode, GraphQLResolveInfo } from 'graphql'
import type { ColumnCall, ColumnField } from '../../../lib/execution/columnField'
import { createClientRequest } from '../../../lib/request/clientRequest'
import type { CompiledPrediction } from '../../../serving/fields/predictionColumns'
import { predictionResolver } from '../../../serving/fields/predictionResolver'
import type { SubgraphContext } from '../../../serving/inputs/subgraphContext'

/** Rows that are asked for one by one, gathered into columns. */

const wantedOutputs = (() => {
  const wanted: readonly string[] = ['y']
  return () => wanted
})()
const infoOf = (node: FieldNode) => ({ fieldNodes: [node] }) as unknown as GraphQLResolveInfo
const one = {} as FieldNode
const other = {} as FieldNode

const contextOf = (): SubgraphContext => ({ request: createClientRequest({ id: 'r', deadline: 1 }) })

/** Answers each row with itself, and 13 with an error. */
function asked() {
  const calls: ColumnCall[] = []
  const columns: ColumnField = {
    parentFields: [],
    takesReferences: false,
    async answer(call) {
      calls.push(call)
      const errors = call.parents.map((parent) => (parent === 13 ? new Error('unlucky') : undefined))
      return { values: call.parents, errors }
    },
  }
  const resolve = predictionResolver({ wantedOutputs } as unknown as CompiledPrediction, columns)
  const context = contextOf()
  const ask = (parent: unknown, args: Record<string, unknown>, node = one, of = context) =>
    resolve(parent, args, of, infoOf(node))
  return { ask, seen: () => calls.map(({ parents, args }) => [parents, args]) }
}

it('rows of one selection are one call, and each has its own answer or error', async () => {
  const { ask, seen } = asked()
  const answers = [ask(1, { n: 1 }), ask(13, { n: 1 }), ask(3, { n: 1 })]
  expect(await Promise.allSettled(answers)).toMatchObject([
    { value: 1 },
    { reason: { message: 'unlucky' } },
    { value: 3 },
  ])
  expect(seen()).toEqual([[[1, 13, 3], { n: 1 }]])
})

it('rows of several selections, or of several requests, are calls of their own', async () => {
  const { ask, seen } = asked()
  const stranger = contextOf()
  const answers = [ask(1, {}), ask(2, {}, other), ask(3, {}), ask(4, {}, one, stranger)]
  expect(await Promise.all(answers)).toEqual([1, 2, 3, 4])
  expect(seen()).toEqual([
    [[1, 3], {}],
    [[2], {}],
    [[4], {}],
  ])
})

it('rows whose arguments somebody has changed on the way are apart', async () => {
  const { ask, seen } = asked()
  expect(await Promise.all([ask(1, { n: [1] }), ask(2, { n: [1] }), ask(3, { n: [2] })])).toEqual([1, 2, 3])
  expect(seen()).toEqual([
    [[1, 2], { n: [1] }],
    [[3], { n: [2] }],
  ])
})

it.each([
  ['with an empty one', {}],
  ['with none', undefined],
  ['with one that has a request of its own, as GraphQL Yoga', { request: new Request('http://localhost') }],
])('a server that was not given the context of predictions is told so: %s', (_, context) => {
  const { ask } = asked()
  expect(() => ask(1, {}, one, (context ?? null) as unknown as SubgraphContext)).toThrow(
    'predictions need their own context: give the server the `context` function of createPredictionSubgraph',
  )
})
