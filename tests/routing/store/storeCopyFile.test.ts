import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { CopyFile } from '../../../routing/node/copyFile'
import { type NodeCopy, parseNodeCopy, readNodeCopy } from '../../../routing/store/nodeCopy'
import { sha256Of } from '../../../routing/store/ruleSetVersion'
import { textOf } from '../../contracts/ruleStore'

function copy(highest: number): NodeCopy {
  const version = (number: number) => {
    const text = textOf(number)
    return {
      number,
      sha256: sha256Of(text),
      author: 'ada',
      time: '2026-01-01T00:00:00.000Z',
      message: '',
      text,
    }
  }
  return {
    id: 'x',
    highest,
    active: { ...version(1), epoch: 1, kind: 'create', by: 'ada' },
    trail: [],
    pins: { __proto__x: 1 },
    hashes: { 1: version(1).sha256 },
    versions: [version(1), version(2)],
  }
}

const newFile = () => join(mkdtempSync(join(tmpdir(), 'presage-copy-')), 'rules.json')

test('it reads back as what was written, the last of many', async () => {
  const file = newFile()
  const lines: string[] = []
  const copies = new CopyFile(file, (line) => lines.push(line))
  for (let n = 1; n <= 20; n++) copies.write(copy(n))
  await copies.settled()
  expect(readNodeCopy(file)).toMatchObject({ ...copy(20), active: { number: 1, epoch: 1 } })
  expect(readdirSync(dirname(file))).toEqual(['rules.json'])
  expect(lines).toEqual([])
})

test('what is written already is not written again, and does not keep back what follows', async () => {
  const file = newFile()
  const copies = new CopyFile(file, () => {})
  copies.write(copy(1))
  await copies.settled()
  rmSync(file)
  copies.write(copy(1))
  await copies.settled()
  expect(readNodeCopy(file)).toBeUndefined()
  copies.write(copy(2))
  await copies.settled()
  expect(readNodeCopy(file)?.highest).toBe(2)
})

test('the texts of what is written already are not looked at again, since they may be long', async () => {
  const copies = new CopyFile(newFile(), () => {})
  const first = copy(1)
  copies.write(first)
  await copies.settled()
  let reads = 0
  const versions = first.versions.map(({ text, ...version }) => ({
    ...version,
    get text() {
      reads++
      return text
    },
  }))
  copies.write({ ...first, versions })
  await copies.settled()
  expect(reads).toBe(0)
})

test('a failure is told once, and again when it worked in between', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'presage-copy-'))
  const file = join(folder, 'kept', 'rules.json')
  const lines: string[] = []
  const copies = new CopyFile(file, (line) => lines.push(line))
  const write = async (highest: number) => {
    copies.write(copy(highest))
    await copies.settled()
  }
  const block = () => writeFileSync(dirname(file), 'in the way')
  const unblock = () => rmSync(dirname(file), { recursive: true })
  block()
  await write(1)
  await write(2)
  unblock()
  await write(3)
  expect(readNodeCopy(file)?.highest).toBe(3)
  unblock()
  block()
  await write(4)
  expect(lines).toEqual(Array(2).fill(expect.stringContaining('cannot be written to disk')))
})

test.each([
  ['no JSON', 'half', 'got "half"'],
  ['a wrong value', { ...copy(1), highest: -1 }, 'highest: '],
  [
    'a text of another hash',
    { ...copy(1), versions: [{ ...copy(1).versions[0], text: '{}' }] },
    'does not match its hash',
  ],
  ['no text of what is active', { ...copy(1), versions: [] }, 'got no text of version 1, which is active'],
])('%s is refused with one sentence', (_, value, expected) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  expect(() => parseNodeCopy(text, 'rules.json')).toThrow(`rules.json: must be a copy of a rule store, `)
  expect(() => parseNodeCopy(text, 'rules.json')).toThrow(expected)
})
