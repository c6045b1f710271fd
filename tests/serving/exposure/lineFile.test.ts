import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { compiledPath } from '../../../lib/packagePaths'
import { LineFile, type LineFileParts } from '../../../serving/exposure/lineFile'
import { FakeClock } from '../../support/fakeClock'

/** A file that nobody waits for. */

const folder = mkdtempSync(join(tmpdir(), 'lines-'))
afterAll(() => rmSync(folder, { recursive: true }))

let files = 0
function lineFile(more: Partial<LineFileParts> = {}) {
  const path = join(folder, `${++files}`, 'exposures.jsonl')
  const clock = new FakeClock()
  const lost: [string, number][] = []
  const log: string[] = []
  const file = new LineFile({
    path,
    clock,
    lost: (reason, lines) => lost.push([reason, lines]),
    log: (line) => log.push(line),
    ...more,
  })
  return { file, path, clock, lost, log, text: () => readFileSync(path, 'utf8') }
}

it('lines are gathered for a moment and appended together', async () => {
  const { file, clock, text } = lineFile()
  await file.open()
  file.add('one')
  file.add('two')
  clock.advance(199)
  expect(text()).toBe('')
  clock.advance(1)
  await file.flush()
  expect(text()).toBe('one\ntwo\n')
  expect(clock.pending).toBe(0)
  await file.close()
})

it('closing writes what waits', async () => {
  const { file, text } = lineFile()
  file.add('one')
  await file.close()
  expect(text()).toBe('one\n')
})

it('what is there already stays', async () => {
  const { file, path, text } = lineFile()
  file.add('one')
  await file.close()
  const next = new LineFile({ path, clock: new FakeClock(), lost: () => {}, log: () => {} })
  next.add('two')
  await next.close()
  expect(text()).toBe('one\ntwo\n')
})

it('a line that was never finished is ended first', async () => {
  const { file, path, text } = lineFile()
  await file.open()
  writeFileSync(path, 'whole\nhal')
  await file.close()
  file.add('one')
  await file.close()
  expect(text()).toBe('whole\nhal\none\n')
})

it('a line that another process tears while the file is open is ended first', async () => {
  const { file, path, text } = lineFile()
  file.add('one')
  await file.flush()
  appendFileSync(path, 'hal')
  file.add('two')
  file.add('three')
  await file.flush()
  file.add('four')
  await file.close()
  expect(text()).toBe('one\nhal\ntwo\nthree\nfour\n')
})

it.each([
  ['within a line', 'eins\nzwei\ndr', 2, 'eins\nzwei\ndr\nvier\n'],
  ['before a line break', 'eins\nzwei', 2, 'eins\nzwei\nvier\n'],
  ['between lines', 'eins\n', 1, 'eins\nvier\n'],
  ['at once', '', 0, 'vier\n'],
])(
  'where a disk is full %s, lines in the file count as written, others as lost',
  async (_, room, count, after) => {
    const { file, path, text } = lineFile()
    const before = 'null\n'
    mkdirSync(dirname(path))
    writeFileSync(path, before)
    // A process that may make no file longer, which fails as writing to a full disk does. Jest would end at its signal.
    const limits = [`--fsize=${before.length + room.length}`, process.execPath]
    const told = execFileSync('prlimit', [...limits, '--eval', writer, path], { encoding: 'utf8' })
    expect(JSON.parse(told)).toEqual({
      written: count,
      lost: [['write-failed', 3 - count]],
      log: [expect.stringContaining('cannot be written to: EFBIG')],
    })
    file.add('vier')
    await file.close()
    expect(text()).toBe(before + after)
  },
)

const writer = `
const { LineFile } = require(${JSON.stringify(compiledPath('serving/exposure/lineFile'))})
const told = { written: 0, lost: [], log: [] }
const file = new LineFile({
  path: process.argv[1],
  clock: { after: () => () => {} },
  lost: (...of) => told.lost.push(of),
  log: (line) => told.log.push(line),
})
for (const line of ['eins', 'zwei', 'drei']) file.add(line, { inc: () => told.written++ })
void file.close().then(() => process.stdout.write(JSON.stringify(told)))
`

it('a file that was moved away gets no more lines: a new one is opened in its place', async () => {
  const { file, path, text } = lineFile()
  file.add('one')
  await file.flush()
  renameSync(path, `${path}.1`)
  file.add('two')
  await file.flush()
  expect([readFileSync(`${path}.1`, 'utf8'), text()]).toEqual(['one\n', 'two\n'])
  rmSync(path)
  file.add('three')
  await file.close()
  expect(text()).toBe('three\n')
})

it('lines beyond the buffer are lost and counted', async () => {
  const { file, lost, text } = lineFile({ maxBytes: 8 })
  for (const line of ['one', 'two', 'three']) file.add(line)
  expect(lost).toEqual([['buffer-full', 1]])
  await file.flush()
  file.add('four')
  await file.close()
  expect(text()).toBe('one\ntwo\nfour\n')
})

it('more than one write takes is written whole, in order', async () => {
  const { file, text } = lineFile()
  const lines = Array.from({ length: 5_000 }, (_, line) => `${line} ${'x'.repeat(200)}`)
  for (const line of lines) file.add(line)
  await file.close()
  expect(text()).toBe(`${lines.join('\n')}\n`)
})

it('a path that cannot be written to is known when it is opened', async () => {
  const { file, path } = lineFile()
  mkdirSync(path, { recursive: true })
  await expect(file.open()).rejects.toThrow('EISDIR')
})

it('lines that cannot be written are lost and counted, and it goes on when it can again', async () => {
  const { file, path, lost, log, text } = lineFile()
  mkdirSync(path, { recursive: true })
  file.add('one')
  file.add('two')
  await file.flush()
  file.add('three')
  await file.flush()
  expect(lost).toEqual([
    ['write-failed', 2],
    ['write-failed', 1],
  ])
  expect(log).toEqual([expect.stringContaining('exposures.jsonl: cannot be written to: EISDIR')])
  rmSync(path, { recursive: true })
  file.add('four')
  await file.close()
  expect(existsSync(path) && text()).toBe('four\n')
  expect(log[1]).toContain('can be written to again')
})

it('a folder that the system does not make is refused, and not tried for ever', async () => {
  const { file } = lineFile({ path: '/proc/presage/exposures.jsonl' })
  await expect(file.open()).rejects.toThrow(/ENOENT.*\/proc\/presage/)
})

it('folders above it are made, however many are missing', async () => {
  const path = join(folder, 'a/b/c/exposures.jsonl')
  const { file } = lineFile({ path })
  await file.open()
  await file.close()
  expect(readFileSync(path, 'utf8')).toBe('')
})
