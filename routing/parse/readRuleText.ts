import { LoadError } from '../../lib/errors'
import { inFile } from '../../lib/files/fileProblems'
import { readYaml } from '../../lib/files/parseYaml'
import { keyText } from '../../lib/files/shapeProblems'
import { readJson, stringEnd } from '../../lib/readJson'

/**
 * The most characters of a text. JSON may be generated for many objectives; YAML is written by people and slow to read.
 */
const maxJson = 16 * 2 ** 20
const maxYaml = 4 * 2 ** 20

/**
 * Reads a rule file, JSON or YAML, as plain values. The key `__proto__` is kept, so that a later check can report its
 * path. Throws a LoadError for invalid syntax, duplicate keys, and texts that are too long or nested too deep.
 */
export function readRuleText(text: string, file: string): unknown {
  if (text.length > maxJson)
    throw new LoadError([inFile(file, `must have at most ${maxJson} characters, got ${text.length}`)])
  // JSON is also valid YAML, but the JSON parser is much faster. The YAML reader reports the position of a mistake.
  const json = /^\s*[{[]/.test(text) ? readJson(text) : undefined
  if (json === undefined) return readYaml(text, file, { keepsPrototypeKeys: true, maxCharacters: maxYaml })
  const repeated = repeatedKeys(text)
  if (repeated.length === 0) return json
  throw new LoadError(repeated.map((path) => inFile(file, `${path}: must be given only once`)))
}

/** The paths of duplicate keys in the objects of a JSON text, which JSON.parse ignores. */
function repeatedKeys(text: string): string[] {
  const repeated: string[] = []
  /** For each enclosing object or list: the keys so far, or undefined for a list; and the current key or index. */
  const seen: (Set<string> | undefined)[] = []
  const path: (string | number)[] = []
  let last: string | undefined
  const marks = /["{}[\],:]/g
  for (let mark = marks.exec(text); mark !== null; mark = marks.exec(text)) {
    const [token] = mark
    const depth = seen.length - 1
    if (token === '{' || token === '[') {
      seen.push(token === '{' ? new Set() : undefined)
      path.push(token === '{' ? '' : 0)
    } else if (token === '}' || token === ']') {
      seen.pop()
      path.pop()
    } else if (token === ',') {
      if (seen[depth] === undefined) path[depth] = (path[depth] as number) + 1
    } else if (token === ':') {
      const key = JSON.parse(last!) as string
      path[depth] = key
      if (seen[depth]!.has(key)) repeated.push(path.map(keyText).join('.'))
      seen[depth]!.add(key)
    } else {
      const end = stringEnd(text, mark.index)
      last = text.slice(mark.index, end)
      marks.lastIndex = end
    }
  }
  return repeated
}
