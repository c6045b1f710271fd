import { statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isMap, isScalar, isSeq, type Node, parseDocument, type Range, type Scalar, type YAMLMap } from 'yaml'
import { LoadError, show } from '../../../lib/errors'
import { readYaml } from '../../../lib/files/parseYaml'
import { readTextFile } from '../../../lib/files/readTextFile'
import { fileName } from '../../../lib/files/shapes'
import { shortPath } from '../../../lib/packagePaths'
import { fileDigest } from '../../../models/repository/fileDigest'
import type { Config } from '../../config/config'
import { readRepositories } from '../../graph/repositories'
import { type JsonOption, printResult } from '../../terminal/printResult'
import { findVersion } from '../read/repositories'

/** A map of `model.yaml` that names a file and says its SHA-256, and for graphs and weights its size. */
interface Place {
  readonly path: string
  readonly map: YAMLMap
  readonly hasSize: boolean
}

interface Edit {
  readonly from: number
  readonly to: number
  readonly text: string
}

/**
 * Writes into `model.yaml` the size and the SHA-256 of each file that it names. All else of its text stays. Throws a
 * LoadError, with nothing written, if it cannot be read or names a file that is not there.
 */
export function digestFiles(config: Config, name: string, options: JsonOption): void {
  const { key, directory } = findVersion(readRepositories(config), name)
  const path = join(directory, 'model.yaml')
  const file = shortPath(path)
  const text = readTextFile(path)
  readYaml(text, file)
  const manifest = parseDocument(text).contents
  const problems: string[] = []
  if (!isMap(manifest) || !isMap(manifest.get('graph')))
    problems.push(`${file}: graph: must be a map with the key file, such as { file: model.onnx }`)
  const edits: Edit[] = []
  const written: { key: string; file: string; bytes: number; sha256: string }[] = []
  for (const place of placesOf(manifest)) {
    const node = place.map.get('file', true)
    const named = fileName.safeParse(isScalar(node) ? node.value : undefined)
    if (!named.success) {
      const came = isScalar(node) ? show(node.value) : 'nothing'
      problems.push(`${file}: ${place.path}.file: ${named.error.issues[0].message}, got ${came}`)
      continue
    }
    const source = join(directory, named.data)
    const found = statSync(source, { throwIfNoEntry: false })
    if (!found?.isFile()) {
      problems.push(`${shortPath(source)}: must be there, got ${found ? 'no file' : 'nothing'}`)
      continue
    }
    const sha256 = fileDigest(source)
    const more = editsOf(place, node as Scalar, text, { bytes: found.size, sha256 })
    if (more.length > 0) written.push({ key: place.path, file: named.data, bytes: found.size, sha256 })
    edits.push(...more)
  }
  if (problems.length > 0) throw new LoadError(problems)
  if (edits.length > 0) writeFileSync(path, edited(text, edits))
  const lines = written.map((one) => `${one.key}: ${one.file} has ${one.bytes} bytes, SHA-256 ${one.sha256}`)
  const last =
    lines.length > 0 ? `written to ${file}` : `${key}: ${file} has the sizes and SHA-256 of its files`
  printResult({ text: [...lines, last].join('\n'), value: { model: key, file, written } }, options)
}

function placesOf(manifest: unknown): Place[] {
  if (!isMap(manifest)) return []
  const graph = manifest.get('graph')
  const vocabularies = manifest.get('vocabularies')
  const data = isMap(graph) ? graph.get('data') : undefined
  const ofGraph = isMap(graph) ? [{ path: 'graph', map: graph, hasSize: true }] : []
  const ofData = isSeq(data)
    ? data.items.flatMap((map, at) => (isMap(map) ? [{ path: `graph.data.${at}`, map, hasSize: true }] : []))
    : []
  const ofVocabularies = isMap(vocabularies)
    ? vocabularies.items.flatMap(({ key, value }) =>
        isMap(value) ? [{ path: `vocabularies.${key}`, map: value, hasSize: false }] : [],
      )
    : []
  return [...ofGraph, ...ofData, ...ofVocabularies]
}

/** What is missing goes after the file's name; a value that differs is replaced. */
function editsOf(
  { map, hasSize }: Place,
  name: Scalar,
  text: string,
  { bytes, sha256 }: { readonly bytes: number; readonly sha256: string },
): Edit[] {
  const [, end] = name.range as Range
  const [start, over] = map.range as Range
  const indent = ' '.repeat(start - text.lastIndexOf('\n', start) - 1)
  const between = map.flow ? ', ' : `\n${indent}`
  const wanted = { ...(hasSize && { bytes }), sha256 }
  const edits = Object.entries(wanted).flatMap(([key, value]): Edit[] => {
    const written = JSON.stringify(value)
    const pair = map.items.find((one) => isScalar(one.key) && one.key.value === key)
    if (pair === undefined) return [{ from: end, to: end, text: `${between}${key}: ${written}` }]
    const node = pair.value as Node | null
    if (node === null) {
      // `{ file: a, sha256 }`
      const [, behind] = (pair.key as Scalar).range as Range
      return [{ from: behind, to: behind, text: `: ${written}` }]
    }
    if (isScalar(node) && node.value === value) return []
    const [from, to] = node.range as Range
    if (from < to) return [{ from, to, text: written }]
    // A key without a value ends with its colon, and a comment may be behind it.
    const colon = text.slice(0, from).trimEnd().length
    return [{ from: colon, to: colon, text: ` ${written}` }]
  })
  // The entry of a list in brackets, such as `[file: a]`, takes one key only.
  const isBare = map.flow === true && text[start] !== '{'
  if (!isBare || edits.length === 0) return edits
  return [{ from: start, to: start, text: '{ ' }, ...edits, { from: over, to: over, text: ' }' }]
}

/** Edits at one place keep their order. */
function edited(text: string, edits: readonly Edit[]): string {
  let result = ''
  let at = 0
  for (const { from, to, text: replacement } of [...edits].sort((one, other) => one.from - other.from)) {
    result += text.slice(at, from) + replacement
    at = to
  }
  return result + text.slice(at)
}
