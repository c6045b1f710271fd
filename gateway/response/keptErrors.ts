import type { FormatError } from './formatError'
import type { PlacedErrors } from './sharedErrors'

/** What stands before and after the index of each error. */
interface Parts {
  readonly start: string
  readonly end: string
}

/** The fields at which each error was lately, the last one first. */
const fields = new WeakMap<Error, ErrorField[]>()

/** For so many fields the texts of one error are kept. */
const mostFields = 4
/** The text of so many errors is kept at most: with about 300 bytes each. */
const mostErrors = 1024

/**
 * The text of these errors, if it is kept: from the second answer on with the same error at the same field, whichever
 * items of the list it is then. Undefined otherwise, if they are too many, and if the text is not ASCII alone.
 */
export function keptErrors(
  placed: PlacedErrors,
  formatError: FormatError,
  read: () => Parts,
): KeptErrors | undefined {
  if (placed.count > mostErrors) return undefined
  let all = fields.get(placed.error)
  if (all === undefined) {
    all = []
    fields.set(placed.error, all)
  }
  const at = all.findIndex((one) => one.isOf(placed, formatError))
  if (at === -1) {
    // Where no document comes twice, there is nothing to keep.
    all.unshift(new ErrorField(placed, formatError))
    if (all.length > mostFields) all.pop()
    return undefined
  }
  const [field] = at === 0 ? all : all.splice(at, 1)
  if (at > 0) all.unshift(field)
  if (!field.kept?.covers(placed)) field.kept = KeptErrors.of(placed, field.kept?.parts ?? read(), field.kept)
  return field.kept
}

/** A field of a document, and the errors there. */
class ErrorField {
  kept: KeptErrors | undefined

  constructor(
    private readonly placed: PlacedErrors,
    private readonly formatError: FormatError,
  ) {}

  isOf({ position, path, nodes }: PlacedErrors, formatError: FormatError): boolean {
    const { placed } = this
    if (this.formatError !== formatError || placed.position !== position) return false
    if (placed.path.length !== path.length) return false
    for (let at = 0; at < path.length; at++) if (at !== position && path[at] !== placed.path[at]) return false
    return areEqual(nodes, placed.nodes)
  }
}

/** The errors of consecutive items of a list as JSON: a part of the text is that of some of the items. */
export class KeptErrors {
  private constructor(
    readonly parts: Parts,
    /** The indexes of the items, the second one exclusive. */
    private readonly from: number,
    private readonly to: number,
    /** With `opening` before it. */
    private readonly whole: string,
    private readonly bytes: Buffer,
    /** By item, where its error ends. */
    private readonly ends: Uint32Array,
  ) {}

  /** Of these errors, and of those of the same field that are `known`. */
  static of(placed: PlacedErrors, parts: Parts, known: KeptErrors | undefined): KeptErrors | undefined {
    const { start, end } = parts
    const first = indexOf(placed)
    let from = Math.min(first, known?.from ?? first)
    let to = Math.max(first + placed.count, known?.to ?? 0)
    if (to - from > mostErrors) {
      from = first
      to = first + placed.count
    }
    if (!isAscii(start) || !isAscii(end)) return undefined
    const indexes = Array.from({ length: to - from }, (_, at) => String(from + at))
    const ends = new Uint32Array(indexes.length)
    let length = opening.length - 1
    for (let at = 0; at < indexes.length; at++) {
      length += 1 + start.length + indexes[at].length + end.length
      ends[at] = length
    }
    const whole = `${opening}${start}${indexes.join(`${end},${start}`)}${end}`
    return new KeptErrors(parts, from, to, whole, Buffer.from(whole, 'latin1'), ends)
  }

  covers(placed: PlacedErrors): boolean {
    const first = indexOf(placed)
    return first >= this.from && first + placed.count <= this.to
  }

  /** The errors, with commas between them. */
  text(placed: PlacedErrors): string {
    const [start, end] = this.range(placed)
    return this.whole.slice(start, end)
  }

  /** `{"errors":[` and the errors. */
  beginning(placed: PlacedErrors): Buffer {
    const [start, end] = this.range(placed)
    if (start === opening.length) return this.bytes.subarray(0, end)
    return Buffer.concat([openingBytes, this.bytes.subarray(start, end)])
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

function areEqual(one: readonly unknown[], other: readonly unknown[]): boolean {
  if (one.length !== other.length) return false
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return false
  return true
}

function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length
}
