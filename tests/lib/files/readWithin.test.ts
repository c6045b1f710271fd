import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readWithin } from '../../../lib/files/readWithin'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'presage-read-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string) => join(folder, name)

it('gives a file that is as long as it may be', () => {
  writeFileSync(at('a'), 'x'.repeat(100))
  expect(readWithin(at('a'), 100).toString()).toBe('x'.repeat(100))
})

it('refuses one that is a byte longer', () => {
  writeFileSync(at('a'), 'x'.repeat(101))
  expect(() => readWithin(at('a'), 100)).toThrow(/a: must have at most 100 bytes, got more$/)
})

it('follows a link, as mounted configurations are', () => {
  writeFileSync(at('a'), 'text')
  symlinkSync(at('a'), at('link'))
  expect(readWithin(at('link'), 100).toString()).toBe('text')
})

it('gives a file whose size the system does not tell', () => {
  expect(readWithin('/proc/self/stat', 10_000).toString()).toContain(`${process.pid} (`)
})

it('bounds a file whose size the system does not tell', () => {
  expect(() => readWithin('/proc/self/status', 10)).toThrow(/must have at most 10 bytes, got more$/)
})

it('refuses a pipe at once, which nobody writes to', () => {
  execFileSync('mkfifo', [at('pipe')])
  expect(() => readWithin(at('pipe'), 100)).toThrow(/pipe: must be a file, got something else$/)
})

it('refuses a device that never ends', () => {
  expect(() => readWithin('/dev/zero', 100)).toThrow('/dev/zero: must be a file, got something else')
})

it('refuses a folder', () => {
  mkdirSync(at('folder'))
  expect(() => readWithin(at('folder'), 100)).toThrow(/folder: must be a file, got a folder$/)
})

it("throws the system's error where there is no file", () => {
  expect(() => readWithin(at('none'), 100)).toThrow(expect.objectContaining({ code: 'ENOENT' }))
})
