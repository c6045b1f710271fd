import { type Document, isAlias, isCollection, isPair, isScalar, type Node, type Pair } from 'yaml'
import { LoadError } from '../errors'
import { inFile, placeOfLine } from './fileProblems'

/** Deeper than any real file, and shallow enough for recursive code. */
const maxNesting = 200
/** The library searches the document for each alias; more are an attack or an accident. */
const maxAliases = 100
const maxKeyCharacters = 1_000

export interface YamlProblemOptions {
  readonly file: string
  /** Converts an offset to a place for people. */
  readonly place: (offset: number) => string
  readonly keepsPrototypeKeys: boolean
  /** The most values that a reader may visit, counting an alias's values once per use. */
  readonly maxValues: number
}

/** The size of a value: itself and everything in it, with aliases expanded. */
interface Extent {
  readonly values: number
  readonly levels: number
}

/**
 * The problems of a well-formed YAML document: its keys, and values that would grow or never end when read. Aliases are
 * counted and not followed, so the check takes time proportional to the text.
 */
export function yamlProblems(
  document: Document.Parsed,
  { file, place, keepsPrototypeKeys, maxValues }: YamlProblemOptions,
): readonly string[] {
  const problems: string[] = []
  /** Of each anchor so far; undefined while its own value is visited. */
  const anchors = new Map<string, Extent | undefined>()
  let aliases = 0
  const problem = (node: Partial<Node> | null, text: string) => {
    problems.push(`${place(node?.range?.[0] ?? 0)}: ${text}`)
  }

  function extentOf(node: unknown, depth: number): Extent {
    if (depth > maxNesting) return { values: 1, levels: maxNesting + 1 }
    if (isAlias(node)) {
      aliases++
      const extent = anchors.get(node.source)
      if (extent !== undefined) return extent
      const must = anchors.has(node.source)
        ? 'a value must not contain itself'
        : 'an alias must come after its anchor'
      problem(node, `${must}, got *${show(node.source)}`)
    }
    if (!isCollection(node)) {
      if (isScalar(node) && node.anchor !== undefined) anchors.set(node.anchor, one)
      return one
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, undefined)
    const keys = new Set<unknown>()
    let values = 1
    let levels = 0
    for (const item of node.items) {
      if (isPair(item)) checkKey(item, keys)
      const within = extentOf(isPair(item) ? item.value : item, depth + 1)
      values += within.values
      levels = Math.max(levels, within.levels)
    }
    const extent = { values, levels: levels + 1 }
    if (node.anchor !== undefined) anchors.set(node.anchor, extent)
    return extent
  }

  function checkKey({ key }: Pair, keys: Set<unknown>): void {
    const at = key as Node | null
    if (!isScalar(key) || (typeof key.value === 'object' && key.value !== null)) {
      problem(at, 'a key must be text')
      return
    }
    const name = key.value
    if (keys.has(name)) problem(at, 'must be YAML, got: Map keys must be unique')
    keys.add(name)
    if (key.anchor !== undefined) anchors.set(key.anchor, one)
    const text = String(name)
    if (text.length > maxKeyCharacters)
      problem(at, `a key must have at most ${maxKeyCharacters} characters, got ${text.length}`)
    if (!keepsPrototypeKeys && text === '__proto__') problem(at, 'no key may be named __proto__')
  }

  const { values, levels } = extentOf(document.contents, 0)
  if (levels > maxNesting) problems.push(inFile(file, `must not be nested deeper than ${maxNesting} levels`))
  if (aliases > maxAliases) {
    problems.push(inFile(file, `must use at most ${maxAliases} aliases, got ${aliases}`))
  }
  if (values > maxValues) {
    problems.push(
      inFile(
        file,
        `must hold at most ${maxValues} values, each alias counted as what it stands for, got more`,
      ),
    )
  }
  return problems
}

/**
 * Brackets, and the marks of lists and keys behind each other, are what nests deep in few characters: minutes of work, or the
 * end of the process, for the library. Brackets inside quotes count too, which costs nobody anything.
 */
export function checkNesting(text: string, file: string): void {
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
    throw new LoadError([`${placeOfLine(file, line)}: must not be nested deeper than ${maxNesting} levels`])
  }
}

const one: Extent = { values: 1, levels: 0 }

function show(name: string): string {
  return name.length > 80 ? `${name.slice(0, 77)}...` : name
}
