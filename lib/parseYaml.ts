import { isScalar, LineCounter, visit } from 'yaml'
import type { z } from 'zod'
import { LoadError } from './errors'
import { parseShape } from './shapeProblems'
import { shortLine } from './shortLine'
import { atOnce, type Pieces } from './turns'
import { documentPieces } from './yamlDocument'

/** An alias may stand for a whole tree; more uses than this in one file are an attack or an accident. */
const maxAliases = 100

/** Parses a YAML 1.2 file and checks its shape. Throws `LoadError` with every problem, each with its place. */
export function parseYaml<T>(text: string, file: string, shape: z.ZodType<T>): T {
  return parseShape(shape, readYaml(text, file), file)
}

export interface ReadYamlOptions {
  /** The caller looks after the key `__proto__`. */
  readonly keepsPrototypeKeys?: boolean
}

/**
 * Reads one YAML 1.2 document (so `no` and `off` are strings) as plain values. Refuses duplicate keys, unknown tags,
 * further documents, keys that are no scalars, the key `__proto__` (unless the caller looks after it), nesting and aliases
 * beyond any honest use. Throws `LoadError` with every problem, each with its line and column.
 */
export function readYaml(text: string, file: string, options: ReadYamlOptions = {}): unknown {
  return atOnce(yamlPieces(text, file, options))
}

/** The same in pieces. */
export function* yamlPieces(
  text: string,
  file: string,
  { keepsPrototypeKeys = false }: ReadYamlOptions = {},
): Pieces<unknown> {
  checkNesting(text, file)
  const lines = new LineCounter()
  const document = yield* documentPieces(text, lines, {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false, // compares every key with every other; see below
  })
  yield
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `${file}:${line}:${col}`
  }
  const problems: string[] = []
  const toldLines = new Set<number>()
  for (const { message, pos } of [...document.errors, ...document.warnings]) {
    const { line } = lines.linePos(pos[0])
    if (toldLines.has(line)) continue // One slip brings forth several errors in its line; the first one names it.
    toldLines.add(line)
    problems.push(`${place(pos[0])}: must be YAML, got: ${shortLine(message.split('\n')[0])}`)
  }
  if (problems.length > 0) throw new LoadError(problems)
  const keysOf = new Map<unknown, Set<unknown>>()
  visit(document, {
    Pair(_, { key }, path) {
      const offset = (key as { range?: readonly number[] } | null)?.range?.[0] ?? 0
      const map = path[path.length - 1]
      const keys = keysOf.get(map) ?? new Set()
      keysOf.set(map, keys)
      const name = isScalar(key) ? key.value : key
      if (keys.has(name)) problems.push(`${place(offset)}: must be YAML, got: Map keys must be unique`)
      keys.add(name)
      if (!isScalar(key) || (typeof key.value === 'object' && key.value !== null))
        problems.push(`${place(offset)}: a key must be text`)
      if (!keepsPrototypeKeys && String(key) === '__proto__')
        problems.push(`${place(offset)}: no key may be named __proto__`)
    },
  })
  if (problems.length > 0) throw new LoadError(problems)
  yield
  try {
    return document.toJS({ maxAliasCount: maxAliases })
  } catch (error) {
    throw new LoadError([`${file}: ${(error as Error).message}`])
  }
}

/** More than any honest file has, and few enough for a reader that calls itself for each level. */
const maxNesting = 200

/**
 * Brackets, and the marks of lists and keys behind each other, are what nests deep in few characters: minutes of work, or the
 * end of the process, for the library. Brackets inside quotes count too, which costs nobody anything.
 */
function checkNesting(text: string, file: string): void {
  let brackets = 0
  let marks = 0
  for (let at = 0, line = 1; at < text.length; at++) {
    const character = text[at]
    if (character === '[' || character === '{') brackets++
    else if ((character === ']' || character === '}') && brackets > 0) brackets--
    if (character === '\n') line++
    if ((character === '-' || character === '?') && text[at + 1] === ' ') marks++
    else if (character !== ' ') marks = 0
    if (brackets <= maxNesting && marks <= maxNesting) continue
    throw new LoadError([`${file}:${line}: must not be nested deeper than ${maxNesting} levels`])
  }
}
