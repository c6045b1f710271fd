import { type ConstDirectiveNode, type ConstValueNode, type DocumentNode, Kind } from 'graphql'
import { argumentOf, objectsAndInterfaces } from './definitions'
import { linkedNames } from './linkedNames'

/** What is known of the length of a field's list, such as by `@listSize` (https://specs.apollo.dev/cost/v0.1). */
export interface ListSize {
  /** The assumed number of items if no argument gives it. */
  readonly assumed?: number
  /** Arguments that give the maximum number of items, if they are named. */
  readonly slicingArguments?: readonly string[]
  /** The fields of the value to which the size applies; empty if it is the value itself. */
  readonly sizedFields: readonly string[]
  /** Whether the field carries @predict. */
  readonly isPrediction?: boolean
  /** The most that arguments can ask for, if they are not believed beyond it. */
  readonly most?: number
}

/** By `Type.field`, of fields of which something is known. */
export type ListSizes = ReadonlyMap<string, ListSize>

/**
 * An argument of a prediction that asks for more is beyond the range of its input, or of what a model yields. It fails
 * its row (`BAD_FEATURE`) or has no effect, so it is no reason to refuse the request.
 */
const mostPredicted = 1000

export function readListSizes(document: DocumentNode): ListSizes {
  const { listSize } = linkedNames(document.definitions)
  const sizes = new Map<string, ListSize>()
  for (const type of objectsAndInterfaces(document)) {
    for (const { name, directives } of type.fields ?? []) {
      const directive = directives?.find((one) => listSize.has(one.name.value))
      const isPrediction = directives?.some((one) => one.name.value === 'predict')
      if (directive === undefined && !isPrediction) continue
      sizes.set(`${type.name.value}.${name.value}`, {
        ...(directive === undefined ? { sizedFields: [] } : read(directive)),
        ...(isPrediction && { isPrediction, most: mostPredicted }),
      })
    }
  }
  return sizes
}

function read(directive: ConstDirectiveNode): ListSize {
  const assumed = argumentOf(directive, 'assumedSize')
  return {
    ...(assumed?.kind === Kind.INT && { assumed: Number(assumed.value) }),
    slicingArguments: names(argumentOf(directive, 'slicingArguments')),
    sizedFields: names(argumentOf(directive, 'sizedFields')),
  }
}

function names(value: ConstValueNode | undefined): readonly string[] {
  const values = value?.kind === Kind.LIST ? value.values : []
  return values.flatMap((one) => (one.kind === Kind.STRING ? one.value : []))
}
