import type { GraphQLSchema } from 'graphql'
import { groupBy } from '../../lib/groups'
import { memoized } from '../../lib/memoized'
import type { NormalOperation } from '../operations/normalOperation'
import { declarationOf } from '../operations/normalVariables'
import type { EntityList, PlanNode, RequiresSelection } from '../queryPlan'
import type { Supergraph } from '../supergraph/readSupergraph'
import type { Fetch } from './fetch'

/** Arranges fetches in waves, each sent once all that it needs is there. A wave asks a subgraph once for entities. */
export function planNode(
  fetches: readonly Fetch[],
  operation: NormalOperation,
  supergraph: Supergraph,
): PlanNode {
  const waves: Fetch[][] = []
  const placeOf: (fetch: Fetch) => number = memoized(
    ({ needs }) => Math.max(-1, ...[...needs].map(placeOf)) + 1,
  )
  for (const fetch of fetches) {
    if (fetch.selection.isEmpty && !fetches.some((other) => other.needs.has(fetch))) continue
    const place = placeOf(fetch)
    waves[place] ??= []
    waves[place].push(fetch)
  }
  const nodes = waves.filter(Boolean).map((wave) => waveNode(wave, operation, supergraph))
  return nodes.length > 1 ? { kind: 'Sequence', nodes } : nodes[0]
}

function waveNode(wave: readonly Fetch[], operation: NormalOperation, supergraph: Supergraph): PlanNode {
  const bySubgraph = groupBy(wave, ({ subgraph, path }) => `${subgraph} ${path === undefined}`)
  const nodes = [...bySubgraph.values()].map((fetches) =>
    fetches[0].path === undefined
      ? rootNode(fetches[0], operation, supergraph)
      : entitiesNode(fetches, operation, supergraph),
  )
  return nodes.length > 1 ? { kind: 'Parallel', nodes } : nodes[0]
}

function rootNode(
  { subgraph, selection, variables }: Fetch,
  operation: NormalOperation,
  supergraph: Supergraph,
): PlanNode {
  const declared = declarations(variables, operation)
  return {
    kind: 'Fetch',
    serviceName: subgraph,
    operationKind: operation.kind,
    operation: `${operation.kind}${declared.length === 0 ? '' : `(${declared.join(',')})`}${selection.print(supergraph.schema(subgraph)!)}`,
    variableUsages: [...variables],
  }
}

function entitiesNode(
  fetches: readonly Fetch[],
  operation: NormalOperation,
  supergraph: Supergraph,
): PlanNode {
  const { subgraph } = fetches[0]
  const gathered = gatherLists(fetches, supergraph.schema(subgraph)!)
  const variables = new Set(fetches.flatMap((fetch) => [...fetch.variables]))
  const isOne = gathered.length === 1 && gathered[0].paths.length === 1
  const lists = gathered.map(({ requires, paths }, number): EntityList => {
    return isOne
      ? { key: '_entities', variable: 'representations', paths, requires }
      : { key: `_e${number}`, variable: `representations${number}`, paths, requires }
  })
  const head = [
    ...lists.map(({ variable }) => `$${variable}:[_Any!]!`),
    ...declarations(variables, operation),
  ]
  const fields = lists.map(({ key, variable }, number) => {
    return `${isOne ? '' : `${key}:`}_entities(representations:$${variable})${gathered[number].text}`
  })
  return {
    kind: 'Entities',
    serviceName: subgraph,
    operation: `query(${head.join(',')}){${fields.join(' ')}}`,
    variableUsages: [...variables],
    lists,
  }
}

/** Entities with the same selection in one operation. */
interface GatheredList {
  readonly text: string
  readonly requires: EntityList['requires']
  readonly paths: EntityList['paths']
}

/** Joins lists with the same selection: of several types at one path, and at several paths. */
function gatherLists(fetches: readonly Fetch[], schema: GraphQLSchema): readonly GatheredList[] {
  const lists = fetches.map((fetch): GatheredList => {
    return { text: fetch.selection.print(schema), requires: requiresOf(fetch), paths: [fetch.path!] }
  })
  if (lists.length === 1) return lists
  const ofOnePlace = alike(lists, ({ paths }) => paths).map((group) => {
    return { ...group[0], requires: group.flatMap(({ requires }) => requires) }
  })
  return alike(ofOnePlace, ({ requires }) => requires).map((group) => {
    return { ...group[0], paths: group.flatMap(({ paths }) => paths) }
  })
}

/** Lists with the same text and the same `part`, in groups. */
function alike(lists: readonly GatheredList[], part: (list: GatheredList) => unknown) {
  return [...groupBy(lists, (list) => `${JSON.stringify(part(list))}${list.text}`).values()]
}

function requiresOf({ requires }: Fetch): RequiresSelection[] {
  return [...requires].map(([typeCondition, sent]) => ({
    kind: 'InlineFragment',
    typeCondition,
    selections: [{ kind: 'Field', name: '__typename' }, ...sent.write()],
  }))
}

function declarations(names: ReadonlySet<string>, { variables }: NormalOperation): string[] {
  return variables.filter(({ name }) => names.has(name)).map(declarationOf)
}
