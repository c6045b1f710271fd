import { isDeepStrictEqual } from 'node:util'
import DataLoader from 'dataloader'
import type { FieldNode, GraphQLFieldResolver } from 'graphql'
import type { ColumnField } from '../../lib/execution/columnField'
import { memoizedWeakly } from '../../lib/memoized'
import { type FieldCall, requestOf, type SubgraphContext } from '../inputs/subgraphContext'
import type { CompiledPrediction } from './predictionColumns'

/**
 * The resolver of one `@predict` field for servers that resolve row by row, as graphql-js does. It gathers the rows of
 * one tick and resolves them by columns.
 */
export function predictionResolver(
  { wantedOutputs }: CompiledPrediction,
  columns: ColumnField,
): GraphQLFieldResolver<unknown, SubgraphContext> {
  const answer = async (calls: readonly FieldCall[]): Promise<unknown[]> => {
    const answers: unknown[] = new Array(calls.length)
    await Promise.all(
      alikeIn(calls, wantedOutputs).map(async ({ args, contextValue, members }) => {
        const parents = members.map((member) => calls[member].parent)
        const info = (row: number) => calls[members[row]].info
        const { values, errors } = await columns.answer({ parents, args, contextValue, info })
        for (let row = 0; row < members.length; row++) answers[members[row]] = errors?.[row] ?? values[row]
      }),
    )
    return answers
  }

  // Equal rows are found later, by the features that the graph reads. A cache by key would not pay.
  const loaderOf = memoizedWeakly((_: SubgraphContext) => new DataLoader(answer, { cache: false }))

  return (parent, args, contextValue, info) => {
    requestOf(contextValue)
    return loaderOf(contextValue).load({ parent, args, contextValue, info })
  }
}

/** Calls that differ only in the parent. */
interface AlikeCalls extends Pick<FieldCall, 'args' | 'contextValue'> {
  readonly wanted: readonly string[]
  /** Their places, ascending. */
  readonly members: number[]
}

/**
 * Groups equal calls. The arguments of one node are the same for all rows, unless somebody has wrapped the resolver.
 */
function alikeIn(
  calls: readonly FieldCall[],
  wantedOutputs: CompiledPrediction['wantedOutputs'],
): readonly AlikeCalls[] {
  const groups: AlikeCalls[] = []
  const byNode = new Map<FieldNode, AlikeCalls>()
  for (let call = 0; call < calls.length; call++) {
    const { args, contextValue, info } = calls[call]
    const node = info.fieldNodes[0]
    const wanted = wantedOutputs({ info: () => info })
    let group = byNode.get(node)
    if (group === undefined || group.wanted !== wanted || !isDeepStrictEqual(group.args, args)) {
      group = { args, contextValue, wanted, members: [] }
      groups.push(group)
      byNode.set(node, group)
    }
    group.members.push(call)
  }
  return groups
}
