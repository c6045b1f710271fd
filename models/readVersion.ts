import { createHash } from 'node:crypto'
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { shortPath } from '../lib/compiled'
import { LoadError } from '../lib/errors'
import { atOnce, inTurns, type Pieces } from '../lib/turns'
import { fileDigest } from './fileDigest'
import type { Manifest, VocabularySource } from './manifest'
import { manifestPieces } from './parseManifest'
import { sharedVocabulary } from './sharedVocabularies'
import { createVocabulary, parseVocabulary, type Vocabulary } from './vocabulary'

export interface FoundVersion {
  readonly state: 'found'
  /** `name@version` */
  readonly key: string
  readonly name: string
  readonly version: string
  readonly directory: string
  readonly manifest: Manifest
  readonly graphPath: string
  readonly goldenPath?: string
  readonly vocabularies: Readonly<Record<string, Vocabulary>>
  /** SHA-256 of every file that was read, by its name in the directory, `model.yaml` included. */
  readonly digests: Readonly<Record<string, string>>
}

export interface RefusedVersion {
  readonly state: 'refused'
  readonly key: string
  readonly name: string
  readonly version: string
  readonly directory: string
  /** There if it parsed, and it is other files that are wrong. */
  readonly manifest?: Manifest
  /** One line: `step: where: expectation, got what`. */
  readonly reason: string
}

export type RepositoryVersion = FoundVersion | RefusedVersion

/**
 * Reads the version in `<model>/<version>/`: manifest, then files. Never throws.
 */
export function readVersion(directory: string): RepositoryVersion {
  return atOnce(readPieces(directory, fileDigest))
}

/** The same beside what this thread does else. `digest` knows the files' digests already. Never rejects. */
export function readVersionInTurns(directory: string, digest: Digest): Promise<RepositoryVersion> {
  return inTurns(readPieces(directory, digest))
}

function* readPieces(directory: string, digest: Digest): Pieces<RepositoryVersion> {
  const version = basename(directory)
  const name = basename(dirname(directory))
  const identity = { key: `${name}@${version}`, name, version, directory }
  let manifest: Manifest
  try {
    manifest = yield* readManifest(directory, name, version)
  } catch (error) {
    return { state: 'refused', ...identity, reason: reasonOf('manifest', error) }
  }
  yield
  try {
    const files = yield* readFiles(directory, manifest, digest)
    return { state: 'found', ...identity, manifest, ...files }
  } catch (error) {
    return { state: 'refused', ...identity, manifest, reason: reasonOf('files', error) }
  }
}

function reasonOf(step: string, error: unknown): string {
  const problems = error instanceof LoadError ? error.problems : [(error as Error).message]
  return `${step}: ${problems.join('; ').replaceAll('\n', ' ')}`
}

function* readManifest(directory: string, name: string, version: string): Pieces<Manifest> {
  const path = join(directory, 'model.yaml')
  const file = shortPath(path)
  // It is written last: without it the version is still being copied.
  requireFile(path)
  const manifest = yield* manifestPieces(readFileSync(path, 'utf8'), file)
  const problems: string[] = []
  if (manifest.name !== name) {
    problems.push(`${file}: name: must be ${name} as the folder is called, got ${manifest.name}`)
  }
  if (manifest.version !== version) {
    problems.push(`${file}: version: must be "${version}" as the folder is called, got "${manifest.version}"`)
  }
  if (problems.length > 0) throw new LoadError(problems)
  return manifest
}

type Digest = (path: string) => { readonly sha256: string }

type Files = Pick<FoundVersion, 'graphPath' | 'goldenPath' | 'vocabularies' | 'digests'>

function* readFiles(directory: string, manifest: Manifest, digest: Digest): Pieces<Files> {
  const { graph, golden } = manifest
  const digests: Record<string, string> = { 'model.yaml': digest(join(directory, 'model.yaml')).sha256 }
  const graphPath = inside(directory, graph.file)
  const { size } = statSync(graphPath)
  if (size !== graph.bytes) throw mismatch(graphPath, `must have ${graph.bytes} bytes`, `${size}`)
  digests[graph.file] = verified(graphPath, graph.sha256, digest)
  yield
  const vocabularies: Record<string, Vocabulary> = {}
  for (const [name, source] of Object.entries(manifest.vocabularies)) {
    vocabularies[name] = yield* readVocabulary(directory, name, source, digests, digest)
  }
  yield
  const goldenPath = golden === undefined ? undefined : inside(directory, golden)
  if (golden !== undefined && goldenPath !== undefined) digests[golden] = digest(goldenPath).sha256
  return { graphPath, ...(goldenPath && { goldenPath }), vocabularies, digests }
}

function readVocabulary(
  directory: string,
  name: string,
  source: VocabularySource,
  digests: Record<string, string>,
  digest: Digest,
): Pieces<Vocabulary> {
  if ('entries' in source) return createVocabulary(source.entries, `vocabularies.${name}`)
  const path = inside(directory, source.file)
  const sha256 = verified(path, source.sha256, digest)
  digests[source.file] = sha256
  return sharedVocabulary(sha256, () => {
    const bytes = readFileSync(path)
    // Other versions are given it by this digest, so it must be that of these very bytes.
    verified(path, sha256, () => ({ sha256: createHash('sha256').update(bytes).digest('hex') }))
    return parseVocabulary(bytes.toString(), shortPath(path))
  })
}

/** The path of a file that the version names; links may not lead out of the version's folder. */
function inside(directory: string, file: string): string {
  const path = join(directory, file)
  requireFile(path)
  if (!realpathSync(path).startsWith(realpathSync(directory) + sep)) {
    throw mismatch(path, 'must lie in the folder of its version', `a link to ${realpathSync(path)}`)
  }
  return path
}

/** A pipe, too, is no file: reading it would wait for ever. */
function requireFile(path: string): void {
  if (!existsSync(path)) throw mismatch(path, 'must be there', 'no file')
  const found = statSync(path)
  if (!found.isFile())
    throw mismatch(path, 'must be a file', found.isDirectory() ? 'a folder' : 'something else')
}

function verified(path: string, expected: string, digest: Digest): string {
  const { sha256 } = digest(path)
  if (sha256 !== expected) throw mismatch(path, `must have SHA-256 ${expected}`, sha256)
  return sha256
}

function mismatch(path: string, expectation: string, got: string): LoadError {
  return new LoadError([`${shortPath(path)}: ${expectation}, got ${got}`])
}
