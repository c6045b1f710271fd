import {
  type GraphQLOutputType,
  getNamedType,
  getNullableType,
  isCompositeType,
  isListType,
  isNonNullType,
} from 'graphql'
import type { Place, Shape } from '../../federation/operations/normalOperation'
import { memoized } from '../../lib/memoized'
import { isResponseObject, type ResponseObject } from '../graphql/responseData'
import { AnswerText } from './answerText'
import {
  compileOutput,
  compilePlace,
  type NullViolation,
  Serialization,
  type Serializer,
  textField,
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

/** One long answer while it is written. */
class LongWriting {
  readonly text = new AnswerText()
  readonly serialization = new Serialization()

  constructor(readonly work: LongWork) {}
}

export interface LongText {
  readonly pieces: readonly Buffer[]
  readonly violations: readonly NullViolation[]
}

/**
 * Compiles the writing of long answers: the same text as with `compilePlace`, written over several turns of the event
 * loop. Rejects with the errors of the checks.
 */
export function compileLongAnswer(root: Place): (data: ResponseObject, work: LongWork) => Promise<LongText> {
  const serialize = longPlace(root)
  return (data, work) =>
    new Promise((resolve, reject) => {
      const writing = new LongWriting(work)
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

/** Compiles the selection at a place that has lists of objects below it. */
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

/** A field of a long object: written item by item if it contains lists of objects, else at once. */
interface LongField {
  readonly key: string
  /** Its name as JSON, and the colon. */
  readonly head: string
  readonly serialize: Serializer
  readonly long: LongSerializer | undefined
}

function longShape(shape: Shape, place: Place): LongSerializer {
  if (shape.failure !== undefined) return atOnce(compilePlace(place))
  const fields = shape.shown.map((shown): LongField => {
    const { key, responseKey, serialize } = textField(shape.type.name, shown)
    const head = `${JSON.stringify(responseKey)}:`
    const hasLists = shown.key !== undefined && holdsLists(shown.type, shown.place)
    const coordinate = `${shape.type.name}.${shown.name}`
    return {
      key,
      head,
      serialize,
      long: hasLists ? longOutput(shown.type, coordinate, shown.place!) : undefined,
    }
  })
  return function* (value, writing, depth) {
    const { text, serialization } = writing
    const before = text.mark()
    serialization.values += fields.length
    let separator = '{'
    for (const field of fields) {
      serialization.path[depth] = field.key
      text.append(separator + field.head)
      separator = ','
      const member = (value as ResponseObject)[field.key]
      const written =
        field.long === undefined
          ? writeAtOnce(field.serialize, member, writing, depth + 1)
          : yield* field.long(member, writing, depth + 1)
      if (written === false) text.append('null')
      if (written !== undefined) continue
      text.backTo(before)
      return false
    }
    text.append(separator === '{' ? '{}' : '}')
    return true
  }
}

function longOutput(type: GraphQLOutputType, coordinate: string, place: Place): LongSerializer {
  if (isNonNullType(type)) return longNonNull(longOutput(type.ofType, coordinate, place), coordinate)
  if (isListType(type)) return longList(type.ofType, coordinate, place)
  return longPlace(place)
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

function longList(type: GraphQLOutputType, coordinate: string, place: Place): LongSerializer {
  const long = holdsLists(type, place) ? longOutput(type, coordinate, place) : undefined
  const serialize = compileOutput(type, coordinate, place)
  return function* (value, writing, depth) {
    const { text, serialization, work } = writing
    if (!Array.isArray(value)) {
      serialization.misshaped(value, 'a list', depth)
      return false
    }
    const before = text.mark()
    serialization.values += value.length
    for (let i = 0; i < value.length; i++) {
      work.checkSize(serialization.values, text.bytes, coordinate)
      if (work.isTurnOver()) yield
      serialization.path[depth] = i
      text.append(i === 0 ? '[' : ',')
      const written =
        long === undefined
          ? writeAtOnce(serialize, value[i], writing, depth + 1)
          : yield* long(value[i], writing, depth + 1)
      if (written === false) text.append('null')
      if (written !== undefined) continue
      text.backTo(before)
      return false
    }
    text.append(value.length === 0 ? '[]' : ']')
    work.checkSize(serialization.values, text.bytes, coordinate)
    return true
  }
}

function atOnce(serialize: Serializer): LongSerializer {
  // biome-ignore lint/correctness/useYield: it is short.
  return function* (value, writing, depth) {
    return writeAtOnce(serialize, value, writing, depth)
  }
}

function writeAtOnce(
  serialize: Serializer,
  value: unknown,
  { text, serialization }: LongWriting,
  depth: number,
): boolean | undefined {
  const json = serialize(value, serialization, depth)
  if (json === undefined) return undefined
  if (json === null) return false
  text.append(json)
  return true
}

/** Whether the value may contain lists of objects. */
function holdsLists(type: GraphQLOutputType, place: Place | undefined): boolean {
  if (place === undefined || !isCompositeType(getNamedType(type))) return false
  if (isListType(getNullableType(type))) return true
  for (const { shown } of place.shapes.values())
    for (const field of shown) if (field.key !== undefined && holdsLists(field.type, field.place)) return true
  return false
}
