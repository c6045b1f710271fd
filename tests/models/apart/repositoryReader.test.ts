import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../lib/packagePaths'
import { RepositoryReader } from '../../../models/apart/repositoryReader'
import { readObjective } from '../../../models/objectives/readObjective'
import { readVersion } from '../../../models/repository/readVersion'
import { yamlBombs } from '../../support/yamlBombs'

const movielens = join(packageRoot, 'examples/streaming/movielens')
const search = join(movielens, 'models/title-search/2')

let reader: RepositoryReader
let root: string
beforeEach(() => {
  reader = new RepositoryReader()
  root = mkdtempSync(join(tmpdir(), 'presage-reader-'))
})
afterEach(() => {
  reader.stop()
  rmSync(root, { recursive: true })
})

/** A copy of a version whose vocabulary nobody has read yet. */
function copyWithOwnVocabulary(entries: readonly (string | number)[]): string {
  const folder = join(root, 'models/title-search/2')
  cpSync(search, folder, { recursive: true })
  const text = JSON.stringify(entries)
  const sha256 = createHash('sha256').update(text).digest('hex')
  writeFileSync(join(folder, 'titles.json'), text)
  const manifest = readFileSync(join(folder, 'model.yaml'), 'utf8')
  const before = createHash('sha256')
    .update(readFileSync(join(search, 'titles.json')))
    .digest('hex')
  expect(manifest).toContain(before)
  writeFileSync(join(folder, 'model.yaml'), manifest.replaceAll(before, sha256))
  return folder
}

it('reads a version as it is read at a start, its vocabularies in order', async () => {
  const entries = Array.from({ length: 10_000 }, (_, at) => (at % 2 === 0 ? at : `word ${at}`))
  const folder = copyWithOwnVocabulary(entries)
  const version = await reader.version(folder)
  expect(version).toEqual(readVersion(folder))
  if (version.state !== 'found') throw new Error(version.reason)
  const [vocabulary] = Object.values(version.vocabularies).filter(
    ({ positions }) => positions.size === 10_000,
  )
  expect(vocabulary.entries).toEqual(entries)
  expect(vocabulary.positions.get('word 9999')).toBe(9_999)
  expect(Object.isFrozen(version.manifest)).toBe(true)
})

it('reads a vocabulary once for a version that has two names for it', async () => {
  const folder = copyWithOwnVocabulary(['a', 'b', 'c'])
  const path = join(folder, 'model.yaml')
  const twice = readFileSync(path, 'utf8')
    .replace(/^ {2}titles: (.*)$/m, '$&\n  words: $1')
    .replace('\npostprocess:\n', '$&  again: { lookup: titles, vocabulary: words, first: 1 }\n')
  writeFileSync(path, twice)
  const version = await reader.version(folder)
  if (version.state !== 'found') throw new Error(version.reason)
  expect(version).toEqual(readVersion(folder))
  expect(version.vocabularies['words']).toBe(version.vocabularies['titles'])
})

it('gives versions with the same vocabulary the same one', async () => {
  const held = readVersion(search)
  const version = await reader.version(search)
  if (held.state !== 'found' || version.state !== 'found') throw new Error('not found')
  for (const [name, vocabulary] of Object.entries(held.vocabularies)) {
    expect(version.vocabularies[name]).toBe(vocabulary)
  }
})

it('refuses what a start refuses, with the same reason', async () => {
  const folder = copyWithOwnVocabulary(['a', 'b', 'a'])
  const { state, ...version } = await reader.version(folder)
  expect({ state, ...version }).toEqual(readVersion(folder))
  expect(version).toHaveProperty('reason', expect.stringContaining('entry 2: must differ from entry 0'))
  writeFileSync(join(folder, 'model.yaml'), yamlBombs['lists of lists'])
  expect(await reader.version(folder)).toEqual(readVersion(folder))
})

it('refuses a version that takes longer than it may, with the file that it was at', async () => {
  reader.stop()
  reader = new RepositoryReader(1)
  expect(await reader.version(search)).toMatchObject({
    state: 'refused',
    key: 'title-search@2',
    reason: expect.stringMatching(/^files: .*title-search\/2.*: must be read within 0\.001 s$/),
  })
})

it('reads an objective as it is read at a start', async () => {
  const path = join(packageRoot, 'examples/streaming/objectives/PAYMENT_RISK.yaml')
  const objective = await reader.objective(path)
  expect(objective).toEqual(readObjective(path))
  expect(Object.isFrozen(objective.inputs)).toBe(true)
})
