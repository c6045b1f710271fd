import { type DocumentNode, Kind } from 'graphql'
import type { EntityList, RequiresSelection } from '../../federation/queryPlan'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import type {
  ColumnExecutor,
  SubgraphExecutor,
  SubgraphOperation,
} from '../../lib/execution/subgraphExecutor'
import { memoizedUpTo } from '../../lib/memoized'
import { compilePlanPath, type PlanPath } from '../graphql/responseData'
import { entityFields, type FetchedField, fieldsByType, mostTypes } from './fetchedFields'
import { compileFieldNeeds, type FieldNeed } from './fieldNeeds'
import { compileRepresentation, type RepresentationBuilder, soleTypeCondition } from './representations'

/** The compiled form of an EntityList: where the entities are, what is sent, and what is asked for. */
export interface EntitySource {
  readonly subgraph: string
  /** `_entities`, or its alias in the operation. */
  readonly entitiesKey: string
  /** The operation's variable for the representations. */
  readonly variable: string
  readonly paths: readonly PlanPath[]
  readonly builder: RepresentationBuilder
  /** Names of the fields that are sent in addition to the entity's key. */
  readonly required: ReadonlySet<string>
  fieldsOf(type: unknown): readonly FetchedField[]
  needsOf(type: unknown): readonly FieldNeed[]
}

export function compileEntitySource(
  { key, variable, paths, requires }: EntityList,
  subgraph: string,
  document: DocumentNode,
  supergraph: Supergraph,
): EntitySource {
  const fields = entityFields(document, key)
  const fieldsOf = fieldsByType(fields, supergraph)
  const required = requiredBesideKey(fields, subgraph, supergraph)
  const predictions = fields.filter(
    ({ condition, name }) => condition !== undefined && supergraph.isPrediction(condition, name),
  )
  const asTheyAre = requiredBesideKey(predictions, subgraph, supergraph)
  const soleType = soleTypeCondition(requires)
  return {
    subgraph,
    entitiesKey: key,
    variable,
    required,
    paths: paths.map((path) => compilePlanPath(path, supergraph)),
    builder: compileRepresentation(requires, required, asTheyAre, subgraph, supergraph),
    fieldsOf,
    needsOf: memoizedUpTo(mostTypes, (known: unknown) => {
      const type = known === undefined ? soleType : known
      return typeof type === 'string'
        ? compileFieldNeeds(subgraph, type, fieldsOf(type), requires, supergraph)
        : []
    }),
  }
}

/** Names of the fields that the fetched fields require, without the key fields. */
function requiredBesideKey(
  fields: readonly FetchedField[],
  subgraph: string,
  supergraph: Supergraph,
): ReadonlySet<string> {
  const required = new Set<string>()
  for (const { condition, name } of fields) {
    if (condition === undefined) continue
    for (const selection of supergraph.requiredBy(subgraph, condition, name)?.selections ?? []) {
      if (selection.kind !== Kind.FIELD || supergraph.isKeyField(subgraph, condition, selection.name.value))
        continue
      required.add(selection.name.value)
    }
  }
  return required
}

/** A fetch that needs no representations: the executor reads and fills the entities in place. */
export interface EntityColumns {
  /** The one type of its entities. */
  readonly type: string
  /** The response key of the list at the root that its entities are the items of; undefined if they are elsewhere. */
  readonly listKey: string | undefined
  /** Key fields. An entity needs at least one of them to be found. */
  readonly keys: readonly string[]
  readonly executor: ColumnExecutor
}

/**
 * Undefined unless the fetch's executor can answer it by columns: all fields must be column fields, and the entities
 * must hold all that the fetch requires under the names that it would send.
 */
export function compileEntityColumns(
  { executor, operation }: { readonly executor: SubgraphExecutor; readonly operation: SubgraphOperation },
  planned: EntityList,
  { required, fieldsOf }: EntitySource,
  supergraph: Supergraph,
): EntityColumns | undefined {
  const [only, ...others] = planned.requires
  if (only?.kind !== 'InlineFragment' || others.length > 0) return undefined
  const { typeCondition: type, selections } = only
  if (supergraph.possibleTypes(type).size !== 1 || !supergraph.possibleTypes(type).has(type)) return undefined
  if (!keepNames(selections)) return undefined
  const sent = new Set(selections.flatMap((field) => (field.kind === 'Field' ? [field.name] : [])))
  const columns = executor.columns?.({
    operation,
    entitiesKey: planned.key,
    type,
    sent,
    isFlat: selections.every((field) => field.kind === 'Field' && (field.selections ?? []).length === 0),
    isForPredictions: fieldsOf(type).every(({ name }) => supergraph.isPrediction(type, name)),
  })
  const keys = [...sent].filter((name) => name !== '__typename' && !required.has(name))
  const [[first, ...rest], ...paths] = planned.paths
  const listKey = rest.length === 0 && paths.length === 0 && 'Field' in first ? first.Field : undefined
  return columns && { type, listKey, keys, executor: columns }
}

/** Whether no field, at any depth, is sent under another name than it has in the data. */
function keepNames(requires: readonly RequiresSelection[]): boolean {
  return requires.every((selection) => {
    if (selection.kind === 'InlineFragment') return false
    const isSame =
      selection.alias === undefined || selection.alias === null || selection.alias === selection.name
    return isSame && keepNames(selection.selections ?? [])
  })
}
