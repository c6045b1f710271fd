import { isScalar, LineCounter, parseDocument, visit } from 'yaml'
import type { z } from 'zod'
import { LoadError } from './errors'
import { parseShape } from './shapeProblems'

/** An alias may stand for a whole tree; more uses than this in one file are an attack or an accident. */
const maxAliases = 100

/** Parses a YAML 1.2 file and checks its shape. Throws `LoadError` with every problem, each with its place. */
export function parseYaml<T>(text: string, file: string, shape: z.ZodType<T>): T {
  return parseShape(shape, readYaml(text, file), file)
}

/**
 * Reads one YAML 1.2 document (so `no` and `off` are strings) as plain values. Refuses duplicate keys, unknown tags,
 * further documents, keys that are no scalars, the key `__proto__`, and aliases beyond any honest use. Throws `LoadError`
 * with every problem, each with its line and column.
 */
export function readYaml(text: string, file: string): unknown {
  const lines = new LineCounter()
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    uniqueKeys: true,
    prettyErrors: false,
    lineCounter: lines,
  })
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
    problems.push(`${place(pos[0])}: must be YAML, got: ${message.split('\n')[0]}`)
  }
  if (problems.length > 0) throw new LoadError(problems)
  visit(document, {
    Pair(_, { key }) {
      const offset = (key as { range?: readonly number[] } | null)?.range?.[0] ?? 0
      if (!isScalar(key) || (typeof key.value === 'object' && key.value !== null))
        problems.push(`${place(offset)}: a key must be text`)
      if (String(key) === '__proto__') problems.push(`${place(offset)}: no key may be named __proto__`)
    },
  })
  if (problems.length > 0) throw new LoadError(problems)
  try {
    return document.toJS({ maxAliasCount: maxAliases })
  } catch (error) {
    throw new LoadError([`${file}: ${(error as Error).message}`])
  }
}
