import { existsSync, readFileSync } from 'node:fs'
import { type Document, isMap, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml'
import { shortPath } from '../packagePaths'
import { keyText, type PlaceOf } from './shapeProblems'
import { checkNesting } from './yamlProblems'

/** More than people write; a longer text is one that a program made, whose lines nobody looks for. */
const maxCharacters = 256 * 1024

/**
 * Finds where the values of a YAML or JSON text stand, for messages: a path that is not there, such as that of a missing key,
 * is where the nearest value above it is. A text of one line needs no line. The text is read again when first asked, and only
 * then.
 */
export function yamlPlaces(text: string, file: string): PlaceOf {
  let lineOf: ((path: string) => number | undefined) | undefined
  // A text that came over the network has no name to put a line behind.
  if (file === '') return () => ''
  return (path) => {
    lineOf ??= readLines(text, file)
    const line = lineOf(path)
    return line === undefined ? file : `${file}:${line}`
  }
}

/** As `yamlPlaces`, for a file whose text is not at hand any more. */
export function placeInFile(file: string, path: string): string {
  const name = shortPath(file)
  return existsSync(file) ? yamlPlaces(readFileSync(file, 'utf8'), name)(path) : name
}

/** The same with the path behind it, as messages about a value begin. */
export function pathInFile(file: string, path: string): string {
  return `${placeInFile(file, path)}: ${path}`
}

function readLines(text: string, file: string): (path: string) => number | undefined {
  const document = readDocument(text, file)
  if (document === undefined) return () => undefined
  const { contents, lines } = document
  const known: KnownChildren = new Map()
  return (path) => {
    const offset = offsetOf(contents, path, known)
    return offset === undefined ? undefined : lines.linePos(offset).line
  }
}

function readDocument(
  text: string,
  file: string,
): { contents: Document.Parsed['contents']; lines: LineCounter } | undefined {
  if (text.length > maxCharacters || !text.trim().includes('\n')) return undefined
  try {
    checkNesting(text, file)
    const lines = new LineCounter()
    const { contents } = parseDocument(text, {
      lineCounter: lines,
      version: '1.2',
      schema: 'core',
      uniqueKeys: false,
    })
    return { contents, lines }
  } catch {
    return undefined // Whoever reads the text tells what is wrong with it.
  }
}

/** Of the key or list item that the path leads to, as far as it can be followed. */
function offsetOf(root: Node | null, path: string, known: KnownChildren): number | undefined {
  let offset = root?.range?.[0]
  let here: unknown = root
  let rest = path
  while (rest !== '') {
    const step = stepInto(here, rest, known)
    if (step === undefined) break
    offset = step.offset
    here = step.value
    rest = step.rest
  }
  return offset
}

interface Child {
  /** Of the key, or of the list item. */
  readonly offset: number | undefined
  readonly value: unknown
}

/** What maps and lists hold, by the text of key or position: a file may have as many problems as values. */
type KnownChildren = Map<unknown, ReadonlyMap<string, Child>>

/** As `keyText` shortens it, with its quotes. */
const longestKey = 100

/** The longest key wins, since a key may hold dots itself. */
function stepInto(
  here: unknown,
  path: string,
  known: KnownChildren,
): (Child & { readonly rest: string }) | undefined {
  const children = known.get(here) ?? childrenOf(here)
  known.set(here, children)
  let end = path.length <= longestKey ? path.length : path.lastIndexOf('.', longestKey)
  for (; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const child = children.get(path.slice(0, end))
    if (child !== undefined) return { ...child, rest: path.slice(end + 1) }
  }
  return undefined
}

function childrenOf(here: unknown): ReadonlyMap<string, Child> {
  const children = new Map<string, Child>()
  const add = (name: string, at: unknown, value: unknown) => {
    if (!children.has(name)) children.set(name, { offset: (at as Node | null)?.range?.[0], value })
  }
  if (isMap(here)) {
    for (const { key, value } of here.items) if (isScalar(key)) add(keyText(String(key.value)), key, value)
  } else if (isSeq(here)) {
    for (const [place, item] of here.items.entries()) add(String(place), item, item)
  }
  return children
}
