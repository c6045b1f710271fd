import { type ConstDirectiveNode, type ConstValueNode, type DocumentNode, Kind } from 'graphql'
import { argumentOf, objectsAndInterfaces } from './definitions'
import { linkedNames } from './linkedNames'

/** The `@listSize` of a field (https://specs.apollo.dev/cost/v0.1). */
export interface ListSize {
  /** The assumed number of items if no argument gives it. */
  readonly assumed: number | undefined
  /** Arguments that give the maximum number of items. */
  readonly slicingArguments: readonly string[]
  /** The fields of the value to which the size applies; empty if it is the value itself. */
  readonly sizedFields: readonly string[]
}

/** By `Type.field`. */
export type ListSizes = ReadonlyMap<string, ListSize>

export function readListSizes(document: DocumentNode): ListSizes {
  const { listSize } = linkedNames(document.definitions)
  const sizes = new Map<string, ListSize>()
  for (const type of objectsAndInterfaces(document)) {
    for (const { name, directives } of type.fields ?? []) {
      const directive = directives?.find((one) => listSize.has(one.name.value))
      if (directive !== undefined) sizes.set(`${type.name.value}.${name.value}`, read(directive))
    }
  }
  return sizes
}

function read(directive: ConstDirectiveNode): ListSize {
  const assumed = argumentOf(directive, 'assumedSize')
  return {
    assumed: assumed?.kind === Kind.INT ? Number(assumed.value) : undefined,
    slicingArguments: names(argumentOf(directive, 'slicingArguments')),
    sizedFields: names(argumentOf(directive, 'sizedFields')),
  }
}

function names(value: ConstValueNode | undefined): readonly string[] {
  const values = value?.kind === Kind.LIST ? value.values : []
  return values.flatMap((one) => (one.kind === Kind.STRING ? one.value : []))
}
