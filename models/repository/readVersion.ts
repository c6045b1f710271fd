import { createHash } from 'node:crypto'
import { realpathSync, type Stats, statSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import { LoadError } from '../../lib/errors'
import { readWithin, refused } from '../../lib/files/readWithin'
import { yamlPlaces } from '../../lib/files/yamlPlaces'
import { shortPath } from '../../lib/packagePaths'
import { atOnce } from '../../lib/scheduling/turns'
import type { Manifest } from '../contracts/manifest'
import { createVocabulary, parseVocabulary, type Vocabulary } from '../contracts/vocabulary'
import { parseManifest } from '../manifest/parseManifest'
import { fileDigest } from './fileDigest'
import { sharedVocabulary } from './sharedVocabularies'

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
  /** The SHA-256 of every file that was read, including `model.yaml`, by its name in the directory. */
  readonly digests: Readonly<Record<string, string>>
}

export interface RefusedVersion {
  readonly state: 'refused'
  readonly key: string
  readonly name: string
  readonly version: string
  readonly directory: string
  /** Present if it parsed and the problem is in other files. */
  readonly manifest?: Manifest
  /** Each as `step: where: expectation, got what`. */
  readonly problems: readonly string[]
  /** All of them in one line, for logs and clients. */
  readonly reason: string
}

export type RepositoryVersion = FoundVersion | RefusedVersion

export interface ReadVersionOptions {
  /** Called with the path of each file, repeatedly while it is read. */
  readonly at?: (path: string) => void
  /** Returns the vocabulary of the file with this SHA-256; `read` reads it. */
  readonly vocabularyOf?: (sha256: string, read: () => Vocabulary) => Vocabulary
}

/** Reads the version in `<model>/<version>/`: manifest, then files. Never throws. */
export function readVersion(directory: string, options: ReadVersionOptions = {}): RepositoryVersion {
  const { at = () => {}, vocabularyOf = sharedVocabulary } = options
  const identity = versionIdentity(directory)
  let manifest: Manifest
  try {
    manifest = readManifest(directory, identity, at)
  } catch (error) {
    return { state: 'refused', ...identity, ...refusal('manifest', error) }
  }
  try {
    const files = readFiles(directory, manifest, { at, vocabularyOf })
    return { state: 'found', ...identity, manifest, ...files }
  } catch (error) {
    return { state: 'refused', ...identity, manifest, ...refusal('files', error) }
  }
}

/** A version's name and key, from its folder. */
export function versionIdentity(directory: string) {
  const version = basename(directory)
  const name = basename(dirname(directory))
  return { key: `${name}@${version}`, name, version, directory }
}

/** Far more than any version needs, and little enough to be read quickly. */
const maxManifestBytes = 256 * 1024
const maxVocabularyBytes = 64 * 2 ** 20

/** What is wrong with a version, found at this step. */
export function refusal(step: string, error: unknown): Pick<RefusedVersion, 'problems' | 'reason'> {
  const told = error instanceof LoadError ? error.problems : [(error as Error).message]
  const lines = told.map((problem) => problem.replaceAll('\n', ' '))
  return { problems: lines.map((line) => `${step}: ${line}`), reason: `${step}: ${lines.join('; ')}` }
}

function readManifest(
  directory: string,
  { name, version }: { readonly name: string; readonly version: string },
  at: (path: string) => void,
): Manifest {
  const path = join(directory, 'model.yaml')
  const file = shortPath(path)
  at(path)
  // It is written last: without it the version is still being copied.
  requireFile(path)
  const text = readWithin(path, maxManifestBytes).toString()
  const manifest = parseManifest(text, file)
  const place = yamlPlaces(text, file)
  const problems: string[] = []
  if (manifest.name !== name) {
    problems.push(`${place('name')}: name: must be ${name}, the name of the folder, got ${manifest.name}`)
  }
  if (manifest.version !== version) {
    problems.push(
      `${place('version')}: version: must be "${version}", the name of the folder, got "${manifest.version}"`,
    )
  }
  if (problems.length > 0) throw new LoadError(problems)
  return manifest
}

type Files = Pick<FoundVersion, 'graphPath' | 'goldenPath' | 'vocabularies' | 'digests'>

function readFiles(
  directory: string,
  manifest: Manifest,
  { at, vocabularyOf }: Required<ReadVersionOptions>,
): Files {
  const { graph, golden } = manifest
  const digest = (path: string) => fileDigest(path, () => at(path))
  const digests: Record<string, string> = { 'model.yaml': digest(join(directory, 'model.yaml')) }
  const graphPath = inside(directory, graph.file)
  for (const { file, bytes, sha256 } of [graph, ...(graph.data ?? [])]) {
    const path = inside(directory, file)
    const { size } = statSync(path)
    if (size !== bytes) throw refused(path, `must have ${bytes} bytes`, `${size}`)
    digests[file] = verified(path, sha256, digest(path))
  }
  const vocabularies: Record<string, Vocabulary> = {}
  for (const [name, source] of Object.entries(manifest.vocabularies)) {
    if ('entries' in source) {
      vocabularies[name] = atOnce(createVocabulary(source.entries, `vocabularies.${name}`))
      continue
    }
    const path = inside(directory, source.file)
    const sha256 = verified(path, source.sha256, digest(path))
    digests[source.file] = sha256
    vocabularies[name] = vocabularyOf(sha256, () => readVocabulary(path, sha256))
  }
  const goldenPath = golden === undefined ? undefined : inside(directory, golden)
  if (golden !== undefined && goldenPath !== undefined) digests[golden] = digest(goldenPath)
  return { graphPath, ...(goldenPath && { goldenPath }), vocabularies, digests }
}

function readVocabulary(path: string, sha256: string): Vocabulary {
  const bytes = readWithin(path, maxVocabularyBytes)
  // Other versions share the vocabulary by this digest, so it must be the digest of these very bytes.
  verified(path, sha256, createHash('sha256').update(bytes).digest('hex'))
  return atOnce(parseVocabulary(bytes.toString(), shortPath(path)))
}

/** The path of a file that the version names. Links must not lead out of the version's folder. */
function inside(directory: string, file: string): string {
  const path = join(directory, file)
  requireFile(path)
  if (!realpathSync(path).startsWith(realpathSync(directory) + sep)) {
    throw refused(path, 'must lie in the folder of its version', `a link to ${realpathSync(path)}`)
  }
  return path
}

/** A pipe is refused too: reading it would block forever. */
function requireFile(path: string): void {
  const found = lookAt(path)
  if (found === undefined) throw refused(path, 'must be there', 'no file')
  if (!found.isFile())
    throw refused(path, 'must be a file', found.isDirectory() ? 'a folder' : 'something else')
}

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    throw refused(path, 'must be readable', code ?? message)
  }
}

function verified(path: string, expected: string, sha256: string): string {
  if (sha256 !== expected) throw refused(path, `must have SHA-256 ${expected}`, sha256)
  return sha256
}
