import {
  type FieldNode,
  type GraphQLSchema,
  getArgumentValues,
  getNamedType,
  isInterfaceType,
  isLeafType,
  isNonNullType,
  isObjectType,
  Kind,
  type SelectionSetNode,
} from 'graphql'
import { faulty, type Hardness, isNulled } from '../faults'
import type { Trial } from '../trial'
import { type FederationFacts, fieldsOf } from './federationFacts'
import type { GraphSource, Resolve, Thing, Values } from './graph'
import { show } from './things'

/** One field of one type, as the whole graph and as subgraphs answer it. */
export interface FieldCode {
  inWhole(thing: Thing, args: Values, trial: Trial): unknown
  inSubgraph(thing: Thing, args: Values, trial: Trial): unknown
}

export interface FieldCodes {
  of(type: string, field: string): FieldCode
  /** What a gateway would bring of a thing. */
  evaluate(thing: Thing, selection: SelectionSetNode, trial: Trial): Values
}

/** Makes the code of fields: the same function with the same faults for both, but for where required fields come from. */
export function fieldCodes(source: GraphSource, facts: FederationFacts, whole: GraphQLSchema): FieldCodes {
  const hardnesses = readHardnesses(facts, whole)

  function resolveOf(type: string, field: string): Resolve {
    const own = source.fields[type]?.[field]
    if (own !== undefined) return own
    const definition = whole.getType(type)
    const interfaces = isObjectType(definition) ? definition.getInterfaces() : []
    const inherited = interfaces
      .map(({ name }) => source.fields[name]?.[field])
      .find((it) => it !== undefined)
    return inherited ?? ((thing) => thing[field])
  }

  function evaluate(thing: Thing, selection: SelectionSetNode, trial: Trial): Values {
    const values: Record<string, unknown> = {}
    for (const selected of selection.selections) {
      if (selected.kind === Kind.INLINE_FRAGMENT) {
        const condition = selected.typeCondition?.name.value
        if (condition === undefined || isOf(thing, condition)) {
          Object.assign(values, evaluate(thing, selected.selectionSet, trial))
        }
      } else if (selected.kind === Kind.FIELD) {
        const name = selected.name.value
        values[name] = name === '__typename' ? thing.__typename : evaluateField(thing, selected, trial)
      }
    }
    return values
  }

  function evaluateField(thing: Thing, node: FieldNode, trial: Trial): unknown {
    const { name, selectionSet: inside } = node
    const coordinate = `${thing.__typename}.${name.value}`
    const type = whole.getType(thing.__typename)
    const field = isObjectType(type) ? type.getFields()[name.value] : undefined
    if (field === undefined) throw new Error(`no such field: ${coordinate}`)
    const args = getArgumentValues(field, node)
    const hardness = hardnesses.get(coordinate) ?? 'any'
    if (isNulled(trial.faultSeed, hardness, name.value, thing.key, args)) return null
    const needed = facts.requires.get(coordinate)
    const given = needed ? evaluate(thing, needed, trial) : nothing
    const value = resolveOf(thing.__typename, name.value)(thing, args, trial, given)
    const leaf = getNamedType(field.type)
    return complete(value, (item) =>
      inside ? evaluate(item as Thing, inside, trial) : isLeafType(leaf) ? leaf.serialize(item) : item,
    )
  }

  function isOf(thing: Thing, condition: string): boolean {
    const type = whole.getType(condition)
    return isInterfaceType(type)
      ? whole.getPossibleTypes(type).some(({ name }) => name === thing.__typename)
      : condition === thing.__typename
  }

  function codeOf(type: string, field: string): FieldCode {
    const coordinate = `${type}.${field}`
    const resolve = resolveOf(type, field)
    const hardness = hardnesses.get(coordinate) ?? 'any'
    const needed = facts.requires.get(coordinate)
    const isMutation = type === 'Mutation'
    const code =
      (givenOf: (thing: Thing, trial: Trial) => Values) => (thing: Thing, args: Values, trial: Trial) => {
        if (isMutation) trial.log.push(`${field} ${show(args)}`)
        return faulty(trial, hardness, field, thing.key, args, () =>
          resolve(thing, args, trial, givenOf(thing, trial)),
        )
      }
    return {
      inWhole: code(needed ? (thing, trial) => evaluate(thing, needed, trial) : () => nothing),
      inSubgraph: code(needed ? ({ given }) => sentOf(given, needed) : () => nothing),
    }
  }

  return { of: codeOf, evaluate }
}

/** Fields of keys and required ones, by `Type.field`; what an interface's key names counts for its types. */
function readHardnesses(facts: FederationFacts, whole: GraphQLSchema): ReadonlyMap<string, Hardness> {
  const hardnesses = new Map<string, Hardness>()
  function mark(typeName: string, selection: SelectionSetNode, hardness: Hardness): void {
    const type = whole.getType(typeName)
    if (isInterfaceType(type)) {
      for (const { name } of whole.getPossibleTypes(type)) mark(name, selection, hardness)
      // Where it is an interface object, it has them itself.
      for (const { name } of fieldsOf(selection)) hardnesses.set(`${typeName}.${name.value}`, 'key')
    }
    for (const selected of selection.selections) {
      if (selected.kind === Kind.INLINE_FRAGMENT) {
        mark(selected.typeCondition?.name.value ?? typeName, selected.selectionSet, hardness)
      }
    }
    if (!isObjectType(type)) return
    for (const { name, selectionSet } of fieldsOf(selection)) {
      const coordinate = `${typeName}.${name.value}`
      const field = type.getFields()[name.value]
      if (field === undefined) continue
      const isStrict = hardness === 'key' || isNonNullType(field.type)
      if (hardnesses.get(coordinate) !== 'key') hardnesses.set(coordinate, isStrict ? 'key' : 'required')
      if (selectionSet) mark(getNamedType(field.type).name, selectionSet, hardness)
    }
  }
  for (const [coordinate, selection] of facts.requires) mark(coordinate.split('.')[0], selection, 'required')
  for (const [type, keys] of facts.keys) for (const selection of keys.values()) mark(type, selection, 'key')
  return hardnesses
}

/** Of what the gateway sent, what is required; what it did not send says so. */
function sentOf(given: unknown, selection: SelectionSetNode): Values {
  const values: Record<string, unknown> = {}
  for (const selected of selection.selections) {
    if (selected.kind === Kind.INLINE_FRAGMENT) {
      const { typeCondition, selectionSet } = selected
      const type = (given as Values | undefined)?.['__typename']
      if (type === undefined || type === typeCondition?.name.value)
        Object.assign(values, sentOf(given, selectionSet))
    }
    if (selected.kind !== Kind.FIELD) continue
    const { name, selectionSet } = selected
    const sent = (given as Values | undefined)?.[name.value]
    values[name.value] =
      sent === undefined
        ? 'was not sent'
        : complete(sent, (item) => (selectionSet ? sentOf(item, selectionSet) : item))
  }
  return values
}

function complete(value: unknown, one: (item: unknown) => unknown): unknown {
  if (value === null || value === undefined) return null
  return Array.isArray(value) ? value.map((item) => complete(item, one)) : one(value)
}

const nothing: Values = Object.freeze({})
