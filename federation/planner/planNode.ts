import type { NormalOperation } from '../operations/normalOperation'
import { declarationOf } from '../operations/normalVariables'
import type { EntityList, PlanNode, RequiresSelection } from '../queryPlan'
import type { Supergraph } from '../supergraph/readSupergraph'
import type { Fetch } from './fetch'

/**
 * The fetches in the order in which they are sent: in waves, each as soon as all that its fetches need is there. Of one wave a subgraph
 * is asked for all entities in one operation.
 */
export function planNode(
  fetches: readonly Fetch[],
  operation: NormalOperation,
  supergraph: Supergraph,
): PlanNode {
  const waves: Fetch[][] = []
  const places = new Map<Fetch, number>()
  const placeOf = (fetch: Fetch): number => {
    let place = places.get(fetch)
    if (place === undefined) {
      place = Math.max(-1, ...[...fetch.needs].map(placeOf)) + 1
      places.set(fetch, place)
    }
    return place
  }
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
  const bySubgraph = new Map<string, Fetch[]>()
  for (const fetch of wave) {
    const key = `${fetch.subgraph} ${fetch.path === undefined}`
    bySubgraph.set(key, [...(bySubgraph.get(key) ?? []), fetch])
  }
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
  const schema = supergraph.schema(subgraph)!
  const lists = new Map<
    string,
    { text: string; requires: RequiresSelection[]; paths: EntityList['paths'][number][] }
  >()
  for (const fetch of fetches) {
    const text = fetch.selection.print(schema)
    const requires = requiresOf(fetch)
    // Entities that are asked for the same are one list: of several types at one place, and at several places.
    const path = JSON.stringify(fetch.path)
    const alike = [...lists.values()].find(
      (list) => list.text === text && list.paths.length === 1 && JSON.stringify(list.paths[0]) === path,
    )
    const key = `${text}${JSON.stringify(requires)}`
    const known = lists.get(key)
    if (known !== undefined) known.paths.push(fetch.path!)
    else if (alike !== undefined) alike.requires.push(...requires)
    else lists.set(key, { text, requires, paths: [fetch.path!] })
  }
  const variables = new Set(fetches.flatMap((fetch) => [...fetch.variables]))
  const declared = declarations(variables, operation)
  const [first] = lists.values()
  if (lists.size === 1 && first.paths.length === 1) {
    const head = ['$representations:[_Any!]!', ...declared].join(',')
    return {
      kind: 'Flatten',
      path: first.paths[0],
      node: {
        kind: 'Fetch',
        serviceName: subgraph,
        operationKind: 'query',
        operation: `query(${head}){_entities(representations:$representations)${first.text}}`,
        variableUsages: [...variables],
        requires: first.requires,
      },
    }
  }
  const aliases = [...lists.values()].map(({ requires, paths }, number) => ({
    alias: `_e${number}`,
    representationsVariableName: `representations${number}`,
    paths,
    requires,
  }))
  const texts = [...lists.values()].map(
    ({ text }, number) => `_e${number}:_entities(representations:$representations${number})${text}`,
  )
  const head = [...aliases.map((one) => `$${one.representationsVariableName}:[_Any!]!`), ...declared].join(
    ',',
  )
  return {
    kind: 'BatchFetch',
    serviceName: subgraph,
    operation: `query(${head}){${texts.join(' ')}}`,
    variableUsages: [...variables],
    entityBatch: { aliases },
  }
}

function requiresOf({ requires }: Fetch): RequiresSelection[] {
  return [...requires].map(([typeCondition, fields]) => ({
    kind: 'InlineFragment',
    typeCondition,
    selections: [{ kind: 'Field', name: '__typename' }, ...fields.values()],
  }))
}

function declarations(names: ReadonlySet<string>, { variables }: NormalOperation): string[] {
  return variables.filter(({ name }) => names.has(name)).map(declarationOf)
}
