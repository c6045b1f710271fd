import { getOrMake } from '../../lib/groups'
import type { FormatError } from './formatError'
import type { PlacedErrors } from './sharedErrors'

/** What stands before and after the index of each error. */
interface Parts {
  readonly start: string
  readonly end: string
}

/** A field of a document at which an error was, and from the second time on the text of the errors there. */
interface ErrorField {
  readonly placed: PlacedErrors
  readonly formatError: FormatError
  kept?: KeptErrors
}

/** The fields at which each error was lately, the last one first. */
const fields = new WeakMap<Error, ErrorField[]>()

/** For so many fields the texts of one error are kept. */
const mostFields = 4
/** The text of so many errors is kept at most: with about 300 bytes each. */
const mostErrors = 1024

/** From the second answer on with the same error at the same field, whichever items of the list it is then. */
export function keptErrors(
  placed: PlacedErrors,
  formatError: FormatError,
  read: () => Parts,
): KeptErrors | undefined {
  if (placed.count > mostErrors) return undefined
  const all = getOrMake(fields, placed.error, () => [])
  const at = all.findIndex((one) => one.formatError === formatError && isSameField(one.placed, placed))
  // Where no document comes twice, there is nothing to keep.
  const field: ErrorField = at === -1 ? { placed, formatError } : all.splice(at, 1)[0]
  all.unshift(field)
  all.length = Math.min(all.length, mostFields)
  if (at === -1) return undefined
  if (!field.kept?.covers(placed))
    field.kept = new KeptErrors(placed, field.kept?.parts ?? read(), field.kept)
  return field.kept
}

/** The errors of consecutive items of a list as JSON: a part of the text is that of some of the items. */
export class KeptErrors {
  /** The indexes of the items, the second one exclusive. */
  private readonly from: number
  private readonly to: number
  /** With `opening` before it. */
  private readonly bytes: Buffer
  /** By item, where its error ends. */
  private readonly ends: Uint32Array

  /** Of these errors, and of those of the same field that are `known`. */
  constructor(
    placed: PlacedErrors,
    readonly parts: Parts,
    known: KeptErrors | undefined,
  ) {
    const first = indexOf(placed)
    this.from = Math.min(first, known?.from ?? first)
    this.to = Math.max(first + placed.count, known?.to ?? 0)
    if (this.to - this.from > mostErrors) {
      this.from = first
      this.to = first + placed.count
    }
    const { start, end } = parts
    const indexes = Array.from({ length: this.to - this.from }, (_, at) => String(this.from + at))
    this.ends = new Uint32Array(indexes.length)
    let length = opening.length - 1
    for (const [at, index] of indexes.entries()) {
      length += 1 + Buffer.byteLength(start) + index.length + Buffer.byteLength(end)
      this.ends[at] = length
    }
    this.bytes = Buffer.from(`${opening}${start}${indexes.join(`${end},${start}`)}${end}`)
  }

  covers(placed: PlacedErrors): boolean {
    const first = indexOf(placed)
    return first >= this.from && first + placed.count <= this.to
  }

  /** The errors, with commas between them. */
  text(placed: PlacedErrors): string {
    return this.bytes.toString('utf8', ...this.range(placed))
  }

  /** `{"errors":[` and the errors, in pieces that are not copied. */
  beginning(placed: PlacedErrors): readonly Buffer[] {
    const [start, end] = this.range(placed)
    if (start === opening.length) return [this.bytes.subarray(0, end)]
    return [openingBytes, this.bytes.subarray(start, end)]
  }

  private range(placed: PlacedErrors): [start: number, end: number] {
    const first = indexOf(placed) - this.from
    const start = first === 0 ? opening.length : this.ends[first - 1] + 1
    return [start, this.ends[first + placed.count - 1]]
  }
}

const opening = '{"errors":['
const openingBytes = Buffer.from(opening)

function indexOf({ path, position }: PlacedErrors): number {
  return path[position] as number
}

/** Whichever item of the list it is. */
function isSameField({ position, path, nodes }: PlacedErrors, other: PlacedErrors): boolean {
  return (
    position === other.position &&
    areEqual(nodes, other.nodes) &&
    path.length === other.path.length &&
    path.every((key, at) => at === position || key === other.path[at])
  )
}

function areEqual(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, at) => item === other[at])
}
