import { getNullableType, isListType } from 'graphql'
import type {
  FetchedField,
  NormalVariable,
  Place,
  Shape,
  ShownField,
} from '../../federation/operations/normalOperation'
import type { ListSize, ListSizes } from '../../federation/supergraph/listSizes'

/** Reads the value of a variable of the normal form. */
export type ReadVariable = (variable: NormalVariable) => unknown

/** An estimate of how many values an answer has: fields of objects and items of lists. */
export interface AnswerEstimate {
  values(read: ReadVariable): number
  /** The root's response key with the most values. */
  largest(read: ReadVariable): string
}

/** A number of values: constant, or computed from the variables. */
type Count = number | ((read: ReadVariable) => number)

/**
 * Compiles an estimate from the arguments that give the lengths of lists: those of `@listSize`, else `first`, `last`
 * and `limit`, else a list argument. A list of unknown length counts as one item; those of a prediction are believed up
 * to a point. Undefined if the estimate is constant
 * and at most `most`.
 */
export function compileEstimate(root: Place, sizes: ListSizes, most: number): AnswerEstimate | undefined {
  const [shape] = root.shapes.values()
  if (shape === undefined) return undefined
  const fields = shape.shown.map((field) => ({
    name: field.responseKey,
    count: countOfField(shape, field, sizes, undefined),
  }))
  const total = sum(fields.map(({ count }) => count))
  if (typeof total === 'number' && total <= most) return undefined
  return {
    values: (read) => countWith(total, read),
    largest(read) {
      const counts = fields.map(({ count }) => countWith(count, read))
      return fields[counts.indexOf(Math.max(...counts))].name
    },
  }
}

/** `sized` is the length that the parent field gives for this list, if any. */
function countOfField(shape: Shape, field: ShownField, sizes: ListSizes, sized: Count | undefined): Count {
  if (field.key === undefined || field.place === undefined) return 1
  const size = sizes.get(`${shape.type.name}.${field.name}`)
  const items = itemsOf(shape, field, size)
  const isSizing = size !== undefined && size.sizedFields.length > 0
  const below = countOfPlace(field.place, sizes, isSizing ? size.sizedFields : [], items)
  if (!isListType(getNullableType(field.type))) return sum([1, below])
  return sum([1, product(sized ?? (isSizing ? 1 : items), sum([1, below]))])
}

function countOfPlace(place: Place, sizes: ListSizes, sizedFields: readonly string[], items: Count): Count {
  const counts = [...place.shapes.values()].map((shape) =>
    sum(
      shape.shown.map((field) =>
        countOfField(shape, field, sizes, sizedFields.includes(field.name) ? items : undefined),
      ),
    ),
  )
  // For an abstract type, the object type with the most values counts.
  if (counts.every((count) => typeof count === 'number')) return Math.max(0, ...counts)
  return (read) => Math.max(0, ...counts.map((count) => countWith(count, read)))
}

/** How many items a field's arguments ask for. */
function itemsOf({ type }: Shape, field: FetchedField, size: ListSize | undefined): Count {
  const slicing = new Set(size?.slicingArguments ?? ['first', 'last', 'limit'])
  const defaults = type.getFields()[field.name]?.args ?? []
  const { assumed = 1, most = Infinity } = size ?? {}
  const given = field.args.map(({ name, variable }) => ({ isSlicing: slicing.has(name), variable }))
  const named = new Set(field.args.map(({ name }) => name))
  const byDefault = defaults.flatMap(({ name, defaultValue }) =>
    slicing.has(name) && !named.has(name) && typeof defaultValue === 'number' ? defaultValue : [],
  )
  if (given.length === 0) return byDefault.length > 0 ? Math.min(most, Math.max(...byDefault)) : assumed
  return (read) => {
    let slice = Math.max(-1, ...byDefault)
    let longest = -1
    for (const { isSlicing, variable } of given) {
      const value = read(variable)
      if (isSlicing && typeof value === 'number') slice = Math.max(slice, value)
      else if (Array.isArray(value)) longest = Math.max(longest, value.length)
    }
    if (slice >= 0) return Math.min(most, slice)
    return longest >= 0 ? Math.min(most, longest) : assumed
  }
}

function sum(counts: readonly Count[]): Count {
  const open = counts.filter((count) => typeof count === 'function')
  const known = counts.reduce<number>(
    (total, count) => (typeof count === 'number' ? total + count : total),
    0,
  )
  if (open.length === 0) return known
  return (read) => open.reduce((total, count) => total + count(read), known)
}

function product(one: Count, other: Count): Count {
  if (typeof one === 'number' && typeof other === 'number') return one * other
  return (read) => countWith(one, read) * countWith(other, read)
}

function countWith(count: Count, read: ReadVariable): number {
  return typeof count === 'number' ? count : count(read)
}
