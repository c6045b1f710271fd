import type { GraphQLSchema } from 'graphql'
import { groupBy } from '../../lib/groups'
import { memoized } from '../../lib/memoized'
import type { NormalOperation } from '../operations/normalOperation'
import { declarationOf } from '../operations/normalVariables'
import type { EntityList, PlanNode, RequiresSelection } from '../queryPlan'
import type { Supergraph } from '../supergraph/readSupergraph'
import type { Fetch } from './fetch'

/**
 * Arranges fetches so that each is sent once all that it needs is there. What does not depend on a slow subgraph does not
 * wait for it, as far as nested sequences can say so. Fetches of entities of one subgraph are one request if they depend
 * on the same subgraphs.
 */
export function planNode(
  fetches: readonly Fetch[],
  operation: NormalOperation,
  supergraph: Supergraph,
): PlanNode {
  const needed = fetches.filter(
    (fetch) => !fetch.selection.isEmpty || fetches.some((other) => other.needs.has(fetch)),
  )
  const placeOf: (fetch: Fetch) => number = memoized(
    ({ needs }) => Math.max(-1, ...[...needs].map(placeOf)) + 1,
  )
  const sourcesOf: (fetch: Fetch) => ReadonlySet<string> = memoized(
    ({ needs }) => new Set([...needs].flatMap((need) => [need.subgraph, ...sourcesOf(need)])),
  )
  const inOrder = needed.sort((one, other) => placeOf(one) - placeOf(other))
  const groups = groupBy(inOrder, (fetch) => {
    const { subgraph, path } = fetch
    return JSON.stringify([placeOf(fetch), subgraph, path === undefined, ...[...sourcesOf(fetch)].sort()])
  })
  const requestOf = new Map<Fetch, Request>()
  const requests = [...groups.values()].map((group): Request => {
    const node =
      group[0].path === undefined
        ? rootNode(group[0], operation, supergraph)
        : entitiesNode(group, operation, supergraph)
    const needs = new Set(group.flatMap((fetch) => [...fetch.needs].map((need) => requestOf.get(need)!)))
    const request = { node, needs }
    for (const fetch of group) requestOf.set(fetch, request)
    return request
  })
  return arrange(requests)
}

/** Fetches that are sent together. */
interface Request {
  readonly node: PlanNode
  readonly needs: ReadonlySet<Request>
}

/** Requests come after those that they need. */
function arrange(requests: readonly Request[]): PlanNode {
  const apart = independent(requests)
  if (apart.length > 1) return { kind: 'Parallel', nodes: apart.map(arrange) }
  const all = new Set(requests)
  const first = new Set(requests.filter(({ needs }) => ![...needs].some((need) => all.has(need))))
  const rest = requests.filter((request) => !first.has(request))
  const begin = inParallel([...first].map(({ node }) => node))
  if (rest.length === 0) return begin
  const end = arrange(rest)
  return { kind: 'Sequence', nodes: [begin, ...(end.kind === 'Sequence' ? end.nodes : [end])] }
}

function inParallel(nodes: readonly PlanNode[]): PlanNode {
  return nodes.length > 1 ? { kind: 'Parallel', nodes } : nodes[0]
}

/** Parts of which none needs anything of another. */
function independent(requests: readonly Request[]): readonly (readonly Request[])[] {
  const partOf = new Map<Request, Request[]>()
  for (const request of requests) {
    const needed = [...request.needs].filter((need) => partOf.has(need))
    const [part = [], ...others] = new Set(needed.map((need) => partOf.get(need)!))
    for (const one of [...others.flat(), request]) {
      part.push(one)
      partOf.set(one, part)
    }
  }
  return [...new Set(partOf.values())]
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
