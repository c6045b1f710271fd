import type { OutputSpec } from '../../models/contracts/objective'
import type { ValueType } from '../../models/types/valueType'
import { type OutputPart, partsOf } from './outputParts'

/** How two answers to one row differ. */
export interface Difference {
  readonly agrees: boolean
  /** For numbers, the absolute difference; for lists of numbers, the largest one of an item. */
  readonly difference?: number
  /** For lists, the share of the first k items that both contain at any position, 0 to 1. */
  readonly overlap?: number
}

/** Compares one part of an output. */
export interface Measure extends Omit<OutputPart, 'type'> {
  compare(answered: unknown, shadow: unknown): Difference
}

export interface MeasureSettings {
  /** Numbers agree if they differ by at most this share of the larger one, or of 1 if both are smaller. */
  readonly tolerance: number
  /** How many items of a list count, from the first. */
  readonly k: number
}

const same: Difference = Object.freeze({ agrees: true })
const other: Difference = Object.freeze({ agrees: false })

/** How an output is compared. */
export function measuresOf(output: OutputSpec, settings: MeasureSettings): readonly Measure[] {
  return partsOf(output).map(({ name, type, read }) => {
    const compare = comparing(type, settings)
    return {
      name,
      read,
      compare(answered, shadow) {
        const isNull = (answered ?? null) === null
        if (isNull || (shadow ?? null) === null) return isNull && (shadow ?? null) === null ? same : other
        return compare(answered, shadow)
      },
    }
  })
}

function comparing(type: ValueType, { tolerance, k }: MeasureSettings): Measure['compare'] {
  switch (type.kind) {
    case 'Int':
    case 'Float':
      return (one, two) => compareNumbers(one as number, two as number, tolerance)
    case 'list':
      return isNumber(type.of)
        ? (one, two) => compareVectors(one as readonly number[], two as readonly number[], tolerance)
        : compareRanks(identityOf(type.of), k)
    default: {
      const identity = identityOf(type)
      return (one, two) => (identity(one) === identity(two) ? same : other)
    }
  }
}

function compareNumbers(one: number, two: number, tolerance: number): Difference {
  const difference = Math.abs(one - two)
  return { agrees: difference <= tolerance * Math.max(1, Math.abs(one), Math.abs(two)), difference }
}

function compareVectors(one: readonly number[], two: readonly number[], tolerance: number): Difference {
  if (one.length !== two.length) return other
  let agrees = true
  let difference = 0
  for (let at = 0; at < one.length; at++) {
    const item = compareNumbers(one[at], two[at], tolerance)
    agrees &&= item.agrees
    difference = Math.max(difference, item.difference!)
  }
  return { agrees, difference }
}

/** Lists agree if their first k items are the same, in the same order. */
function compareRanks(identity: (item: unknown) => unknown, k: number): Measure['compare'] {
  return (answered, shadow) => {
    const one = (answered as readonly unknown[]).slice(0, k).map(identity)
    const two = (shadow as readonly unknown[]).slice(0, k).map(identity)
    const longest = Math.max(one.length, two.length)
    if (longest === 0) return { agrees: true, overlap: 1 }
    const there = new Set(one)
    const shared = new Set(two.filter((item) => there.has(item))).size
    const agrees = one.length === two.length && one.every((item, at) => item === two[at])
    return { agrees, overlap: shared / longest }
  }
}

/** The item itself, an id as text, or the first field of a record that is a name and not a quantity. */
function identityOf(type: ValueType): (value: unknown) => unknown {
  // A vocabulary may hold ids as numbers, and that of another version the same ids as text.
  if (type.kind === 'ID') return String
  if (type.kind === 'entity') return (value) => (value as { readonly id: unknown }).id
  if (type.kind === 'list') return (value) => JSON.stringify(value)
  if (type.kind !== 'record') return (value) => value
  const [name] = Object.keys(type.fields).filter((field) => namingKinds.has(type.fields[field].kind))
  if (name === undefined) return (value) => JSON.stringify(value)
  const identity = identityOf(type.fields[name])
  return (value) => identity((value as Readonly<Record<string, unknown>>)[name])
}

const namingKinds: ReadonlySet<ValueType['kind']> = new Set(['ID', 'String', 'enum', 'entity'])

function isNumber({ kind }: ValueType): boolean {
  return kind === 'Int' || kind === 'Float'
}
