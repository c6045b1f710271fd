import { LineCounter, parseDocument } from 'yaml'
import type { z } from 'zod'
import { LoadError } from '../errors'
import { fewProblems, inFile, placeOfLine } from './fileProblems'
import { parseShape } from './shapeProblems'
import { shortLine } from './shortLine'
import { yamlPlaces } from './yamlPlaces'
import { checkNesting, yamlProblems } from './yamlProblems'

/** More than any manifest, objective or configuration needs, and little enough to be parsed quickly. */
const defaultCharacters = 256 * 1024

/** Parses a YAML 1.2 file and checks its shape. Throws `LoadError` with every problem, each with its place. */
export function parseYaml<T>(text: string, file: string, shape: z.ZodType<T>): T {
  return parseShape(shape, readYaml(text, file), file, yamlPlaces(text, file))
}

export interface ReadYamlOptions {
  /** Keeps the key `__proto__`, which the caller must handle. */
  readonly keepsPrototypeKeys?: boolean
  /** The longest text that is read; default 256 Ki characters. */
  readonly maxCharacters?: number
}

/**
 * Reads one YAML 1.2 document (so `no` and `off` are strings) as plain values. Refuses duplicate keys, unknown tags,
 * further documents, keys that are not scalars, the key `__proto__` (unless kept), and excessive length, nesting and
 * aliases. Throws `LoadError` with every problem, each with its line and column.
 */
export function readYaml(
  text: string,
  file: string,
  { keepsPrototypeKeys = false, maxCharacters = defaultCharacters }: ReadYamlOptions = {},
): unknown {
  if (text.length > maxCharacters)
    throw new LoadError([inFile(file, `must have at most ${maxCharacters} characters, got ${text.length}`)])
  checkNesting(text, file)
  const lines = new LineCounter()
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: false, // compares every key with every other; `yamlProblems` finds them
  })
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return placeOfLine(file, line, col)
  }
  const problems: string[] = []
  const toldLines = new Set<number>()
  for (const { code, message, pos } of [...document.errors, ...document.warnings]) {
    const { line } = lines.linePos(pos[0])
    if (toldLines.has(line)) continue // One mistake causes several errors in its line; the first one names it.
    toldLines.add(line)
    // The library's message is advice for programs that call it.
    if (code === 'MULTIPLE_DOCS') {
      problems.push(`${place(pos[0])}: must be one document, got another`)
      continue
    }
    problems.push(
      `${place(pos[0])}: must be ${/\.json$/.test(file) ? 'JSON' : 'YAML'}, got: ${shortLine(message.split('\n')[0])}`,
    )
  }
  if (problems.length > 0) throw new LoadError(fewProblems(problems, file))
  // The most values that a text of that length can hold without aliases.
  const maxValues = maxCharacters / 2
  const refusals = yamlProblems(document, { file, place, keepsPrototypeKeys, maxValues })
  if (refusals.length > 0) throw new LoadError(fewProblems(refusals, file))
  // `yamlProblems` has counted the values of aliases.
  return document.toJS({ maxAliasCount: -1 })
}
