import { type GraphQLOutputType, getNullableType, isListType, isNonNullType, isScalarType } from 'graphql'
import type { Place, Shape } from '../../federation/operations/normalOperation'
import { memoized, memoizedWeakly } from '../../lib/memoized'
import { isResponseObject, type ResponseObject } from '../graphql/responseData'
import { AnswerText } from './answerText'
import {
  type AreAll,
  compileOutput,
  compilePlace,
  type NullViolation,
  Serialization,
  type Serializer,
  scalarOf,
  textField,
  tooLong,
} from './compilePlace'

/**
 * Writes a value of the merged data bit by bit, and yields where other requests may run. Returns true if it was
 * written, false if the value is null and nothing was written, and undefined if null is not allowed.
 */
type LongSerializer = (
  value: unknown,
  writing: LongWriting,
  depth: number,
) => Generator<void, boolean | undefined>

/** The request of a long answer. */
export interface LongWork {
  isTurnOver(): boolean
  later(resume: () => void): void
  /** Throws if an answer with this many values and bytes is too large. `where` names the field being written. */
  checkSize(values: number, bytes: number, where: string): void
  /** Throws if nobody waits for the answer any more. */
  checkWanted(): void
}

/** How much is written without a look at the turn. */
export interface Part {
  readonly values: number
  readonly characters: number
}

/** Short compared with a share of a turn. */
const usualPart: Part = { values: 500, characters: 16_384 }

/** One long answer while it is written. */
class LongWriting {
  readonly text = new AnswerText()
  readonly serialization = new Serialization()

  constructor(
    readonly work: LongWork,
    readonly part: Part,
  ) {}

  /** Throws if the answer is too large. `where` names the field being written. */
  checkSize(where: string): void {
    this.work.checkSize(this.serialization.values, this.text.bytes, where)
  }

  /** Writes a value at once if it is no longer than a part; else nothing is written. */
  writeAtOnce(serialize: Serializer, value: unknown, depth: number): boolean | undefined | 'too long' {
    const { serialization, part } = this
    const { values, violations } = serialization
    const before = violations.length
    serialization.characters = 0
    serialization.mostValues = values + part.values
    serialization.mostCharacters = part.characters
    try {
      return this.append(serialize(value, serialization, depth))
    } catch (error) {
      if (error !== tooLong) throw error
      serialization.values = values
      violations.length = before
      return 'too long'
    }
  }

  append(json: string | null | undefined): boolean | undefined {
    if (json === undefined) return undefined
    if (json === null) return false
    this.text.append(json)
    return true
  }
}

export interface LongText {
  readonly pieces: readonly Buffer[]
  readonly violations: readonly NullViolation[]
}

/**
 * Compiles the writing of long answers: the same text as with `compilePlace`, written over several turns of the event
 * loop. Rejects with the errors of the checks.
 */
export function compileLongAnswer(
  root: Place,
  part = usualPart,
): (data: ResponseObject, work: LongWork) => Promise<LongText> {
  const serialize = longPlace(root)
  return (data, work) =>
    new Promise((resolve, reject) => {
      const writing = new LongWriting(work, part)
      const { text, serialization } = writing
      const parts = serialize(data, writing, 0)
      const goOn = (): void => {
        try {
          work.checkWanted()
          const { done, value } = parts.next()
          if (!done) {
            work.later(goOn)
            return
          }
          if (value !== true) text.append('null')
          resolve({ pieces: text.end(), violations: serialization.violations })
        } catch (error) {
          reject(error)
        }
      }
      goOn()
    })
}

/** Compiles the selection at a place that has lists below it. */
function longPlace(place: Place): LongSerializer {
  const [only] = place.shapes.values()
  const byName = memoized((name: unknown) => {
    const shape = place.shapes.get(name as string)
    return shape && longShape(shape, place)
  })
  const nameOf = (value: ResponseObject) => (place.needsTypename ? value.__typename : only?.type.name)
  return function* (value, writing, depth) {
    if (!isResponseObject(value)) {
      writing.serialization.misshaped(value, 'an object', depth)
      return false
    }
    const serialize = byName(nameOf(value))
    return serialize === undefined ? false : yield* serialize(value, writing, depth)
  }
}

/** A field of a long object. */
interface LongField {
  readonly key: string
  readonly coordinate: string
  /** Its name as JSON, and the colon. */
  readonly head: string
  readonly serialize: Serializer
  /** For what is too long for `serialize`; undefined if it contains no lists. */
  readonly long: LongSerializer | undefined
}

function longShape(shape: Shape, place: Place): LongSerializer {
  if (shape.failure !== undefined) return withoutLists(compilePlace(place))
  const fields = shape.shown.map((shown): LongField => {
    const { key, responseKey, serialize } = textField(shape.type.name, shown)
    const head = `${JSON.stringify(responseKey)}:`
    const coordinate = `${shape.type.name}.${shown.name}`
    const hasLists = shown.key !== undefined && holdsLists(shown.type, shown.place)
    const long = hasLists ? longOutput(shown.type, coordinate, shown.place) : undefined
    return { key, coordinate, head, serialize, long }
  })
  return function* (value, writing, depth) {
    const { text, serialization, work } = writing
    const before = text.mark()
    serialization.values += fields.length
    let separator = '{'
    for (const { key, coordinate, head, serialize, long } of fields) {
      if (long !== undefined && work.isTurnOver()) yield
      serialization.path[depth] = key
      text.append(separator + head)
      separator = ','
      const member = (value as ResponseObject)[key]
      let written = writing.writeAtOnce(serialize, member, depth + 1)
      if (written === 'too long') written = yield* long!(member, writing, depth + 1)
      writing.checkSize(coordinate)
      if (written === false) text.append('null')
      if (written !== undefined) continue
      text.backTo(before)
      return false
    }
    text.append(separator === '{' ? '{}' : '}')
    return true
  }
}

function longOutput(type: GraphQLOutputType, coordinate: string, place: Place | undefined): LongSerializer {
  if (isNonNullType(type)) return longNonNull(longOutput(type.ofType, coordinate, place), coordinate)
  if (!isListType(type)) return longPlace(place!)
  const item: GraphQLOutputType = type.ofType
  const serialize = compileOutput(item, coordinate, place)
  const named = getNullableType(item)
  const areAll = isScalarType(named) ? scalarOf(named).areAll : undefined
  if (areAll !== undefined) return longScalars(serialize, areAll, coordinate)
  return longList(
    serialize,
    holdsLists(item, place) ? longOutput(item, coordinate, place) : undefined,
    coordinate,
  )
}

function longNonNull(inner: LongSerializer, coordinate: string): LongSerializer {
  return function* (value, writing, depth) {
    const { serialization } = writing
    const before = serialization.violations.length
    if ((yield* inner(value, writing, depth)) === true) return true
    serialization.addNullViolation(before, depth, coordinate)
    return undefined
  }
}

/** `long` writes the items that are too long for `serialize`. */
function longList(
  serialize: Serializer,
  long: LongSerializer | undefined,
  coordinate: string,
): LongSerializer {
  return function* (value, writing, depth) {
    const { text, serialization, work } = writing
    if (!Array.isArray(value)) {
      serialization.misshaped(value, 'a list', depth)
      return false
    }
    const before = text.mark()
    serialization.values += value.length
    for (let i = 0; i < value.length; i++) {
      writing.checkSize(coordinate)
      if (work.isTurnOver()) yield
      serialization.path[depth] = i
      text.append(i === 0 ? '[' : ',')
      let written = writing.writeAtOnce(serialize, value[i], depth + 1)
      if (written === 'too long') written = yield* long!(value[i], writing, depth + 1)
      if (written === false) text.append('null')
      if (written !== undefined) continue
      text.backTo(before)
      return false
    }
    text.append(value.length === 0 ? '[]' : ']')
    return true
  }
}

/** Writes a list of scalars part by part; item by item, with `serialize`, where not all of a part are of the type. */
function longScalars(serialize: Serializer, areAll: AreAll, coordinate: string): LongSerializer {
  return function* (value, writing, depth) {
    const { text, serialization, work } = writing
    if (!Array.isArray(value)) {
      serialization.misshaped(value, 'a list', depth)
      return false
    }
    const before = text.mark()
    serialization.values += value.length
    /** Items before this index are written one by one. */
    let apart = 0
    for (let i = 0; i < value.length; ) {
      writing.checkSize(coordinate)
      if (work.isTurnOver()) yield
      text.append(i === 0 ? '[' : ',')
      if (i >= apart) {
        const items = partOf(value, i, writing.part)
        if (areAll(items)) {
          text.append(JSON.stringify(items).slice(1, -1))
          i += items.length
          continue
        }
        apart = i + items.length
      }
      serialization.path[depth] = i
      const written = writing.append(serialize(value[i++], serialization, depth + 1))
      if (written === false) text.append('null')
      if (written !== undefined) continue
      text.backTo(before)
      return false
    }
    text.append(value.length === 0 ? '[]' : ']')
    return true
  }
}

/** The items from an index on that make one part; one at least. */
function partOf(items: readonly unknown[], from: number, { values, characters }: Part): readonly unknown[] {
  let length = 0
  let to = from
  while (to < items.length && to - from < values && length < characters) {
    const item = items[to++]
    if (typeof item === 'string') length += item.length
  }
  return items.slice(from, to)
}

function withoutLists(serialize: Serializer): LongSerializer {
  // biome-ignore lint/correctness/useYield: it is short.
  return function* (value, writing, depth) {
    return writing.append(serialize(value, writing.serialization, depth))
  }
}

/** Whether the value may contain lists. */
function holdsLists(type: GraphQLOutputType, place: Place | undefined): boolean {
  return isListType(getNullableType(type)) || (place !== undefined && hasLists(place))
}

/** Once for each place: all types of the place above share it, level by level. */
const hasLists = memoizedWeakly((place: Place) => {
  for (const { shown } of place.shapes.values())
    for (const field of shown) if (field.key !== undefined && holdsLists(field.type, field.place)) return true
  return false
})
