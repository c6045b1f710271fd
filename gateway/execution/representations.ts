import { getNamedType, isNonNullType } from 'graphql'
import type { RequiredField, RequiresSelection } from '../../federation/queryPlan'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { memoizedUpTo } from '../../lib/memoized'
import { isResponseObject, type ResponseObject } from '../graphql/responseData'
import { mostTypes } from './fetchedFields'

/** Builds the representations that an entity fetch sends. */
export interface RepresentationBuilder {
  /** Undefined if the object has none of its key fields. */
  represent(object: ResponseObject): ResponseObject | undefined
  /** The fields of the object that are sent. */
  sentOf(object: ResponseObject): readonly string[]
  /** Equal for equal keys, and rarely equal for others. */
  identify(representation: ResponseObject): unknown
}

/**
 * Compiles the selections that a fetch requires. In them, `name` is the key in the fetched data and `alias` the key to
 * send. `required` names what the fetch needs in addition to the entity's key; `asTheyAre` those that are left out where
 * their owner does not know the entity. Instead of others null is sent, if they may be null.
 */
export function compileRepresentation(
  requires: readonly RequiresSelection[],
  required: ReadonlySet<string>,
  asTheyAre: ReadonlySet<string>,
  subgraph: string,
  supergraph: Supergraph,
): RepresentationBuilder {
  const onlyType = soleTypeCondition(requires)
  const byType = memoizedUpTo(mostTypes, (type: string): Projected => {
    const sentAs = supergraph.typenameFor(subgraph, type)
    const fields = compileProjections(requires, type, sentAs, subgraph, supergraph)
    return { sentAs, fields }
  })
  function projectedOf(object: ResponseObject): Projected | undefined {
    const type = typeof object.__typename === 'string' ? object.__typename : onlyType
    return type === undefined ? undefined : byType(type)
  }
  function represent(object: ResponseObject): ResponseObject | undefined {
    const projected = projectedOf(object)
    if (projected === undefined) return undefined
    const { sentAs, fields } = projected
    const representation: ResponseObject = { __typename: sentAs }
    let hasKey = false
    for (const field of fields) {
      let value = object[field.from]
      if (value === undefined) {
        if (!field.isNullable || !required.has(field.to) || asTheyAre.has(field.to)) continue
        value = null
      }
      representation[field.to] = field.project === undefined ? value : field.project(value)
      if (value !== null && !required.has(field.to)) hasKey = true
    }
    return hasKey ? representation : undefined
  }
  return {
    represent,
    sentOf: (object) => projectedOf(object)?.fields.map(({ from }) => from) ?? [],
    identify: (representation) => identify(representation, required),
  }
}

/** The distinct representations of one fetch. */
export class RepresentationList {
  readonly items: ResponseObject[] = []
  /** From an identity to the indexes of its items. There are several if an entity was seen with different values. */
  private readonly byIdentity = new Map<unknown, number | number[]>()

  /** Adds the representation unless an equal one is there. Returns its index. */
  add(representation: ResponseObject, identity: unknown): number {
    const known = this.byIdentity.get(identity)
    if (known === undefined) {
      this.byIdentity.set(identity, this.items.length)
      return this.items.push(representation) - 1
    }
    const candidates = typeof known === 'number' ? [known] : known
    for (const index of candidates) if (isEqual(this.items[index], representation)) return index
    if (candidates.length < mostCompared) {
      candidates.push(this.items.length)
      this.byIdentity.set(identity, candidates)
    }
    return this.items.push(representation) - 1
  }
}

/**
 * With so many items of one key, others are compared at most. A subgraph may answer one key for all entities, and then
 * comparing each with each would take the time of all requests. What equals none of them is sent again.
 */
const mostCompared = 16

/** What is sent for objects of one type. */
interface Projected {
  readonly sentAs: string | undefined
  readonly fields: readonly Projection[]
}

interface Projection {
  readonly from: string
  readonly to: string
  readonly isNullable: boolean
  readonly project?: (value: unknown) => unknown
}

/** The type of objects whose plan asked for no __typename: the only one that the fetch is for. */
export function soleTypeCondition(requires: readonly RequiresSelection[]): string | undefined {
  const [only] = requires
  return requires.length === 1 && only.kind === 'InlineFragment' ? only.typeCondition : undefined
}

/** The fields that are sent of objects of the type; without a type, those outside type conditions. */
export function sentFields(
  requires: readonly RequiresSelection[],
  type: string | undefined,
  supergraph: Supergraph,
): readonly RequiredField[] {
  return requires.flatMap((selection) => {
    if (selection.kind === 'Field') return [selection]
    const isMet = type !== undefined && supergraph.possibleTypes(selection.typeCondition).has(type)
    return isMet ? sentFields(selection.selections, type, supergraph) : []
  })
}

/** `sentAs` is what the subgraph calls the type. */
function compileProjections(
  requires: readonly RequiresSelection[],
  type: string | undefined,
  sentAs: string | undefined,
  subgraph: string,
  supergraph: Supergraph,
): readonly Projection[] {
  return sentFields(requires, type, supergraph).flatMap(
    ({ name: from, alias: to = from, selections = [] }) => {
      if (from === '__typename') return []
      const declared = sentAs === undefined ? undefined : supergraph.reach.typeOf(subgraph, sentAs, to)
      const isNullable = declared !== undefined && !isNonNullType(declared)
      if (selections.length === 0) return { from, to, isNullable }
      const below = declared && getNamedType(declared).name
      return { from, to, isNullable, project: compileNested(selections, below, subgraph, supergraph) }
    },
  )
}

function compileNested(
  selections: readonly RequiresSelection[],
  declared: string | undefined,
  subgraph: string,
  supergraph: Supergraph,
): NonNullable<Projection['project']> {
  const withTypename = selections.some((one) => one.kind === 'InlineFragment' || one.name === '__typename')
  const fieldsOf = memoizedUpTo(mostTypes, (type: string | undefined) => {
    const sentAs = type === undefined ? declared : supergraph.typenameFor(subgraph, type)
    return compileProjections(selections, type, sentAs, subgraph, supergraph)
  })
  return function project(value): unknown {
    if (Array.isArray(value)) return value.map(project)
    if (!isResponseObject(value)) return value
    const type = typeof value.__typename === 'string' ? value.__typename : undefined
    const result: ResponseObject = {}
    if (withTypename && type !== undefined) result.__typename = type
    for (const field of fieldsOf(type)) {
      const member = value[field.from] ?? (field.isNullable ? null : undefined)
      if (member === undefined) continue
      result[field.to] = field.project === undefined ? member : field.project(member)
    }
    return result
  }
}

/** The value of the key field if there is just one and it is a scalar, as usual; else the key as text. */
function identify(representation: ResponseObject, required: ReadonlySet<string>): unknown {
  let identity: unknown
  let isFirst = true
  for (const name in representation) {
    if (name === '__typename' || required.has(name)) continue
    const value = representation[name]
    const scalar = typeof value === 'object' ? JSON.stringify(value) : value
    identity = isFirst ? scalar : `${identity} ${scalar}`
    isFirst = false
  }
  return identity
}

function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a)) {
    if (!Array.isArray(b) || a.length !== b.length) return false
    for (let i = 0; i < a.length; i++) if (!isEqual(a[i], b[i])) return false
    return true
  }
  if (!isResponseObject(a) || !isResponseObject(b)) return false
  let members = 0
  for (const name in a) {
    if (!isEqual(a[name], b[name])) return false
    members++
  }
  for (const _ in b) members--
  return members === 0
}
