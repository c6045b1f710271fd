import fs, {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { FileWatch, type FileWatchOptions } from '../../../lib/files/fileWatch'
import { FakeClock, settle } from '../../support/fakeClock'
import { until as waitUntil } from '../../support/until'

const watches: FileWatch[] = []

afterEach(() => {
  jest.restoreAllMocks()
  for (const watch of watches.splice(0)) watch.stop()
})

/** A watched file that held `first`, and what was told of it. */
function watched(options: Partial<FileWatchOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'presage-watch-'))
  const file = join(folder, 'supergraph.graphql')
  if (options.file === undefined) writeFileSync(file, 'first')
  const told: string[] = []
  let waiting: { count: number; resolve: () => void } | undefined
  const tell = (what: string) => {
    told.push(what)
    if (waiting !== undefined && told.length >= waiting.count) waiting.resolve()
  }
  const watch = new FileWatch({
    file,
    text: 'first',
    onChange: tell,
    onMissing: ({ message }) => tell(message.replace(/.*got /, 'missing: ')),
    pollMs: 20,
    quietMs: 10,
    ...options,
  })
  watches.push(watch)
  return {
    folder,
    file,
    watch,
    told,
    /** Settles when so much has been told in all. */
    async until(count: number): Promise<readonly string[]> {
      if (told.length < count) {
        await new Promise<void>((resolve) => {
          waiting = { count, resolve }
        })
      }
      return told
    },
    replace(text: string) {
      writeFileSync(join(folder, 'next'), text)
      renameSync(join(folder, 'next'), file)
    },
  }
}

test('a file that is written over, or that another is renamed to, is told with its new text', async () => {
  const { file, replace, until } = watched()
  writeFileSync(file, 'written')
  await until(1)
  replace('renamed')
  expect(await until(2)).toEqual(['written', 'renamed'])
})

test('it is told by the system, long before the next look is due', async () => {
  const { replace, until } = watched({ pollMs: 60_000 })
  replace('second')
  expect(await until(1)).toEqual(['second'])
})

test('so it is after another folder has taken the place of its own', async () => {
  const { folder, file, replace, until } = watched({ pollMs: 60_000 })
  replace('second')
  await until(1)
  mkdirSync(`${folder}-next`)
  writeFileSync(join(`${folder}-next`, basename(file)), 'third')
  renameSync(folder, `${folder}-old`)
  renameSync(`${folder}-next`, folder)
  await until(2)
  replace('fourth')
  expect(await until(3)).toEqual(['second', 'third', 'fourth'])
})

test('without a word from the system it is found by looking', async () => {
  const watch = jest.spyOn(fs, 'watch').mockImplementation(() => {
    throw new Error('ENOSPC')
  })
  const { replace, until } = watched()
  replace('second')
  expect(await until(1)).toEqual(['second'])
  expect(watch).toHaveBeenCalled()
})

test('one that is written bit by bit is read when it is left alone', async () => {
  const clock = new FakeClock()
  const { file, told } = watched({ clock, quietMs: 100 })
  writeFileSync(file, '')
  for (let i = 0; i < 20; i++) {
    appendFileSync(file, `${i} `)
    clock.advance(99)
    await settle()
  }
  expect(told).toEqual([])
  while (told.length === 0) {
    clock.advance(100)
    await settle()
  }
  expect(told).toEqual([Array.from({ length: 20 }, (_, i) => `${i} `).join('')])
})

test('one with the same text again is not told', async () => {
  const { replace, until } = watched()
  replace('first')
  replace('first')
  replace('second')
  expect(await until(1)).toEqual(['second'])
})

test('one that goes away is told once, and told again when it is back', async () => {
  const { file, until, told } = watched()
  rmSync(file)
  await until(1)
  writeFileSync(file, 'back')
  await until(2)
  expect(told).toEqual(['missing: no such file', 'back'])
})

test('one that is there but cannot be read is told once, and told again when it can be', async () => {
  const { file, until, told } = watched()
  rmSync(file)
  fs.mkdirSync(file)
  await until(1)
  fs.rmdirSync(file)
  writeFileSync(file, 'back')
  await until(2)
  expect(told).toEqual(['missing: a folder', 'back'])
})

test('one that is back is told, whether its text is the same or another', async () => {
  const told: string[] = []
  const { file, until } = watched({ onFound: () => told.push('found') })
  for (const text of ['first', 'second']) {
    rmSync(file)
    await until(told.length + 1)
    writeFileSync(file, text)
    await waitUntil(() => told.length === (text === 'first' ? 1 : 2))
  }
  expect(await until(3)).toEqual(['missing: no such file', 'missing: no such file', 'second'])
})

test('a link that is turned to another folder is followed, as Kubernetes exchanges mounted files', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-watch-'))
  for (const version of ['first', 'second']) {
    fs.mkdirSync(join(folder, version))
    writeFileSync(join(folder, version, 'supergraph.graphql'), version)
  }
  symlinkSync('first', join(folder, 'data'))
  symlinkSync(join('data', 'supergraph.graphql'), join(folder, 'supergraph.graphql'))
  const { until } = watched({ file: join(folder, 'supergraph.graphql'), pollMs: 60_000 })
  symlinkSync('second', join(folder, 'next'))
  renameSync(join(folder, 'next'), join(folder, 'data'))
  expect(await until(1)).toEqual(['second'])
})

test('nothing is told after it was stopped', async () => {
  const stopped = watched()
  const other = watched()
  stopped.watch.stop()
  stopped.replace('second')
  other.replace('second')
  await other.until(1)
  other.replace('third')
  await other.until(2)
  expect(stopped.told).toEqual([])
})
