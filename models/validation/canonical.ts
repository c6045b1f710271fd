import { areTexts } from '../../lib/execution/itemKinds'
import type { InputSpec } from '../contracts/objective'
import { float32Highest } from '../types/elementType'
import { areFloat32 } from '../types/numberList'
import type { ValueType } from '../types/valueType'

/** Whether every value of a column, or every item of a list, is canonical. */
type AllCanonical = (values: readonly unknown[]) => boolean

/** The same of a column; `isFloat32` says of lists that their items are known to be numbers within float32. */
type CanonicalColumn = (column: readonly unknown[], isFloat32: boolean) => boolean

/**
 * Tells whether a whole column is canonical already, as nearly all are, so that it can be taken as it is. One loop per
 * type, since a loop that knows its type makes no object of a number and calls nothing. False is no verdict: an admission
 * then says what is wrong with which row, if anything is.
 */
export function compileCanonical(spec: InputSpec, defaultMaxLength: number): CanonicalColumn {
  const { type, nullable, onNull } = spec
  const takesNull = nullable && onNull === 'missing'
  if (type.kind !== 'list') return scalars(type, spec.range, spec.maxLength, takesNull)
  const lowest = spec.length ?? 0
  const highest = spec.length ?? spec.maxLength ?? defaultMaxLength
  return lists(canonicalItems(spec)!, lowest, highest, takesNull)
}

/** Whether all items of a list are canonical; undefined for a spec that is no list. */
export function canonicalItems({ type, range }: InputSpec): AllCanonical | undefined {
  if (type.kind !== 'list') return undefined
  if (type.of.kind !== 'Float') return scalars(type.of, range, undefined, false)
  if (range === undefined) return areFloat32
  const lowest = Math.max(range[0], -float32Highest)
  const highest = Math.min(range[1], float32Highest)
  return (items) => areWithin(items, lowest, highest)
}

/** A loop of its own for lists of numbers, most of what there is to look at: the engine meets fewer kinds of arrays here. */
function areWithin(items: readonly unknown[], lowest: number, highest: number): boolean {
  for (let at = 0; at < items.length; at++) {
    const item = items[at]
    if (typeof item !== 'number' || !(item >= lowest && item <= highest)) return false
  }
  return true
}

function scalars(
  type: ValueType,
  range: InputSpec['range'],
  maxLength = Infinity,
  takesNull: boolean,
): AllCanonical {
  const [lowest, highest] = range ?? [-Infinity, Infinity]
  switch (type.kind) {
    case 'Int':
      return wholeNumbers(
        Math.max(lowest, Number.MIN_SAFE_INTEGER),
        Math.min(highest, Number.MAX_SAFE_INTEGER),
        takesNull,
      )
    case 'Float':
      return numbers(Math.max(lowest, -float32Highest), Math.min(highest, float32Highest), takesNull)
    case 'Boolean':
      return (values) => {
        for (let at = 0; at < values.length; at++) {
          const value = values[at]
          if (typeof value !== 'boolean' && !(takesNull && value === null)) return false
        }
        return true
      }
    case 'String':
    case 'ID':
      return texts(maxLength, takesNull)
    default: {
      const labels = new Set<unknown>(type.kind === 'enum' ? type.labels : [])
      return (values) => {
        for (let at = 0; at < values.length; at++) {
          if (!labels.has(values[at]) && !(takesNull && values[at] === null)) return false
        }
        return true
      }
    }
  }
}

function numbers(lowest: number, highest: number, takesNull: boolean): AllCanonical {
  return (values) => {
    for (let at = 0; at < values.length; at++) {
      const value = values[at]
      if (typeof value === 'number') {
        // Asked this way round, NaN is refused.
        if (!(value >= lowest && value <= highest)) return false
      } else if (!takesNull || value !== null) return false
    }
    return true
  }
}

function wholeNumbers(lowest: number, highest: number, takesNull: boolean): AllCanonical {
  return (values) => {
    for (let at = 0; at < values.length; at++) {
      const value = values[at]
      if (typeof value === 'number') {
        if (!(value >= lowest && value <= highest && Math.floor(value) === value)) return false
      } else if (!takesNull || value !== null) return false
    }
    return true
  }
}

/** By UTF-16 units, which are never fewer than characters: a text near the limit is left to the admission. */
function texts(maxLength: number, takesNull: boolean): AllCanonical {
  if (maxLength === Infinity && !takesNull) return areTexts
  return (values) => {
    for (let at = 0; at < values.length; at++) {
      const value = values[at]
      if (typeof value === 'string') {
        if (value.length > maxLength) return false
      } else if (!takesNull || value !== null) return false
    }
    return true
  }
}

function lists(allItems: AllCanonical, lowest: number, highest: number, takesNull: boolean): CanonicalColumn {
  return (column, isFloat32) => {
    const isKnown = isFloat32 && allItems === areFloat32
    for (let row = 0; row < column.length; row++) {
      const list = column[row]
      if (Array.isArray(list)) {
        if (list.length < lowest || list.length > highest || !(isKnown || allItems(list))) return false
      } else if (!takesNull || list !== null) return false
    }
    return true
  }
}
