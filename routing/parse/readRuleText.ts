import { LoadError } from '../../lib/errors'
import { readYaml } from '../../lib/files/parseYaml'
import { keyText } from '../../lib/files/shapeProblems'

/** In characters: JSON for a thousand objectives with a hundred rules each, YAML for what people write; both are read in seconds. */
const maxJson = 16 * 2 ** 20
const maxYaml = 4 * 2 ** 20

/**
 * Reads a rule file, JSON or YAML, as plain values; the key `__proto__` stays, for a check that knows its path. Throws a
 * LoadError for what is neither, for keys that stand twice, and for texts that are too long or nested too deep to be meant.
 */
export function readRuleText(text: string, file: string): unknown {
  if (text.length > maxJson)
    throw new LoadError([`${file}: must have at most ${maxJson} characters, got ${text.length}`])
  const json = readJson(text)
  if (json === undefined) return readYaml(text, file, { keepsPrototypeKeys: true, maxCharacters: maxYaml })
  const repeated = repeatedKeys(text)
  if (repeated.length === 0) return json.value
  throw new LoadError(repeated.map((path) => `${file}: ${path}: must stand once`))
}

/** What JSON says is the same in YAML, but read a hundred times faster. */
function readJson(text: string): { value: unknown } | undefined {
  if (!/^\s*\{/.test(text)) return undefined
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined // The YAML reader names the place of a slip.
  }
}

/** Paths of the keys that stand twice in one object of a JSON text, which JSON.parse passes over. */
function repeatedKeys(text: string): string[] {
  const repeated: string[] = []
  /** For each object or list around the place: the keys seen, or undefined for a list; and the key or position now. */
  const seen: (Set<string> | undefined)[] = []
  const path: (string | number)[] = []
  let last: string | undefined
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]/g)) {
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
    } else last = token
  }
  return repeated
}
