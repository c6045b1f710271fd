import { isNonNullType, Kind, type SelectionSetNode } from 'graphql'
import { argumentsText } from '../../federation/planner/wants'
import type { RequiresSelection, RequiredField as SentField } from '../../federation/queryPlan'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { addTo } from '../../lib/groups'
import { isResponseObject, type ResponseObject } from '../graphql/responseData'
import type { PlanRun } from '../run/planRun'
import type { FetchedField } from './fetchedFields'
import { sentFields } from './representations'

/**
 * Why a field is not asked for: fetching a prediction's input failed (`failed`), or the owner of what it requires does
 * not know the entity (`unknown`). Other missing values are left to the model.
 */
export type MissingRequirement =
  | { readonly kind: 'failed'; readonly steps: readonly Step[] }
  | { readonly kind: 'unknown' }

/** Part of the path to a value that failed: a required field, or the index of an item. */
export type Step = RequiredField | number

/**
 * Fields of one entity fetch that need the same fields of other subgraphs: predictions, and fields that require
 * something that must not be null.
 */
export interface FieldNeed {
  readonly fields: readonly FetchedField[]
  /** Checks one entity as it is before the fetch. */
  missing(entity: ResponseObject, run: PlanRun): MissingRequirement | undefined
}

/** The needs of a fetch's fields, for entities of one type; empty if no field has any. */
export function compileFieldNeeds(
  subgraph: string,
  type: string,
  fields: readonly FetchedField[],
  requires: readonly RequiresSelection[],
  supergraph: Supergraph,
): readonly FieldNeed[] {
  const sent = sentFields(requires, type, supergraph)
  const ofPredictions = new Map<SelectionSetNode, FetchedField[]>()
  const ofOthers = new Map<SelectionSetNode, FetchedField[]>()
  for (const field of fields) {
    const owner = field.condition ?? type
    const selection = supergraph.requiredBy(subgraph, owner, field.name)
    if (selection === undefined) continue
    addTo(supergraph.isPrediction(owner, field.name) ? ofPredictions : ofOthers, selection, field)
  }
  const sentAs = supergraph.typenameFor(subgraph, type)
  const isNonNull = ({ name }: RequiredField) =>
    sentAs !== undefined && isNonNullType(supergraph.reach.typeOf(subgraph, sentAs, name))
  return [
    ...[...ofPredictions].map(([selection, alike]): FieldNeed => {
      const required = compileRequired(selection, sent)
      return { fields: alike, missing: (entity, run) => findMissing(entity, required, run) }
    }),
    ...[...ofOthers].flatMap(([selection, alike]): readonly FieldNeed[] => {
      const required = compileRequired(selection, sent).filter(isNonNull)
      return required.length === 0
        ? []
        : [{ fields: alike, missing: (entity) => findUnknown(entity, required) }]
    }),
  ]
}

interface RequiredField {
  /** In the fetched data. */
  readonly key: string
  /** In the schema. */
  readonly name: string
  /** The name with the required arguments, as the client may have the field with others. */
  readonly call: string
  readonly members: readonly RequiredField[]
}

function compileRequired(
  selectionSet: SelectionSetNode,
  sent: readonly SentField[],
): readonly RequiredField[] {
  return selectionSet.selections.flatMap((selection) => {
    if (selection.kind === Kind.INLINE_FRAGMENT) return compileRequired(selection.selectionSet, sent)
    if (selection.kind !== Kind.FIELD) return []
    const name = selection.name.value
    const field = sent.find((candidate) => (candidate.alias ?? candidate.name) === name)
    if (field === undefined || name === '__typename') return []
    const members = selection.selectionSet
      ? compileRequired(selection.selectionSet, allFields(field.selections ?? []))
      : []
    return [{ key: field.name, name, call: `${name}${argumentsText(selection)}`, members }]
  })
}

function findMissing(
  entity: ResponseObject,
  required: readonly RequiredField[],
  run: PlanRun,
): MissingRequirement | undefined {
  if (run.hasFailures) {
    const steps = findFailure(entity, required, run)
    if (steps !== undefined) return { kind: 'failed', steps }
  }
  return findUnknown(entity, required)
}

function findUnknown(
  entity: ResponseObject,
  required: readonly RequiredField[],
): MissingRequirement | undefined {
  // The owner was asked for the value and did not answer even with null, so it does not know the entity.
  for (const { key } of required) if (entity[key] === undefined) return { kind: 'unknown' }
  return undefined
}

function findFailure(
  object: ResponseObject,
  required: readonly RequiredField[],
  run: PlanRun,
): readonly Step[] | undefined {
  for (const field of required) {
    const below = findFailedValue(object, field.key, field.members, run)
    if (below !== undefined) return [field, ...below]
  }
  return undefined
}

/** The path below `container[key]` to the value that failed; empty if it is that value itself. */
function findFailedValue(
  container: object,
  key: string | number,
  members: readonly RequiredField[],
  run: PlanRun,
): readonly Step[] | undefined {
  const value = (container as Record<string | number, unknown>)[key]
  if (value === null || value === undefined) return run.failures.has(container, key) ? itself : undefined
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) {
      const below = findFailedValue(value, i, members, run)
      if (below !== undefined) return [i, ...below]
    }
    return undefined
  }
  return isResponseObject(value) ? findFailure(value, members, run) : undefined
}

const itself: readonly Step[] = Object.freeze([])

function allFields(requires: readonly RequiresSelection[]): readonly SentField[] {
  return requires.flatMap((selection) =>
    selection.kind === 'Field' ? [selection] : allFields(selection.selections),
  )
}
