import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { loadConfig } from '../../../cli/config/config'
import { LoadError } from '../../../lib/errors'
import { packageRoot } from '../../../lib/packagePaths'
import { atOnce } from '../../../lib/scheduling/turns'
import { compareGolden, parseGolden } from '../../../models/compile/golden'
import { parseVocabulary } from '../../../models/contracts/vocabulary'
import { parseManifest } from '../../../models/manifest/parseManifest'
import { parseObjective } from '../../../models/objectives/parseObjective'
import { loadSubgraphSources } from '../../../schema/sdl/subgraphSources'
import { editedBytes } from '../inputs/editedBytes'
import { filesLike } from '../inputs/filesLike'
import { textsBelow } from '../inputs/textsBelow'
import { yamlText } from '../inputs/yamlText'
import { requireProblems } from '../requireProblems'
import { type Kind, kindOf, type Outcome } from './kind'

interface FileInput {
  readonly reader: string
  readonly bytes: Buffer
}

/** The files that people write, with the readers that the product has for them. */
export async function startYaml(): Promise<Kind> {
  const folder = mkdtempSync(join(tmpdir(), 'presage-fuzz-files-'))
  const path = join(folder, 'file')
  const text = (bytes: Buffer) => bytes.toString()
  const fromFile = (bytes: Buffer, read: (path: string) => unknown) => {
    writeFileSync(path, bytes)
    return read(path)
  }
  const readers: Readonly<Record<string, (bytes: Buffer) => unknown>> = {
    'presage.yaml': (bytes) => fromFile(bytes, loadConfig),
    'rover.yaml': (bytes) => fromFile(bytes, loadSubgraphSources),
    objective: (bytes) => parseObjective(text(bytes), named),
    'model.yaml': (bytes) => parseManifest(text(bytes), named),
    vocabulary: (bytes) => atOnce(parseVocabulary(text(bytes), named)),
    golden(bytes) {
      const { cases, tolerance } = parseGolden(text(bytes), named)
      for (const [at, one] of cases.entries())
        compareGolden(one, cases[cases.length - 1 - at].output, [], tolerance)
    },
  }
  const feed = ({ reader, bytes }: FileInput): Outcome => {
    try {
      readers[reader](bytes)
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      requireProblems(error.problems, '')
      return 'refused'
    }
    return 'taken'
  }
  const inputs = fc.oneof(
    ...Object.keys(readers).map((reader) =>
      fc.record({ reader: fc.constant(reader), bytes: bytesLike(sourcesOf(reader)) }),
    ),
  )
  return kindOf({
    inputs,
    feed,
    limitMs: 5000,
    show: ({ reader, bytes }) => `${reader}: ${JSON.stringify(text(bytes)).slice(0, 1500)}`,
    close: async () => rmSync(folder, { recursive: true }),
  })
}

const named = 'file'

function bytesLike(sources: readonly string[]): fc.Arbitrary<Buffer> {
  const words = [
    'default',
    'type',
    'range',
    'length',
    'file',
    'kind',
    'from',
    'header',
    'host',
    'cases',
    'input',
  ]
  const texts = fc.oneof(
    { weight: 5, arbitrary: filesLike(sources, words) },
    { weight: 2, arbitrary: yamlText },
  )
  return fc.oneof(
    { weight: 8, arbitrary: texts.map((one) => Buffer.from(one)) },
    { weight: 2, arbitrary: editedBytes(fc.constantFrom(...sources.map((one) => Buffer.from(one)))) },
    { weight: 1, arbitrary: texts.map((one) => Buffer.from(`\ufeff${one}`, 'utf16le')) },
  )
}

function sourcesOf(reader: string): string[] {
  switch (reader) {
    case 'presage.yaml':
      return [readFileSync(join(packageRoot, reader), 'utf8')]
    case 'rover.yaml':
      return [
        readFileSync(join(packageRoot, reader), 'utf8').replaceAll(
          'subgraphs/',
          join(packageRoot, 'subgraphs/'),
        ),
      ]
    case 'objective':
      return textsBelow('examples', /objectives\/[^/]+\.yaml$/)
    case 'model.yaml':
      return textsBelow('examples', /model\.yaml$/)
    case 'golden':
      return textsBelow('examples', /golden\.json$/).filter((one) => one.length < 50_000)
    default:
      return ['["1", "2", 3]', '[1, 2, 9007199254740991, "a", "é", "__proto__", "-0"]']
  }
}
