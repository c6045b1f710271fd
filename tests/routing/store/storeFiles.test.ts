import { fork } from 'node:child_process'
import fs, {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { cp, mkdtemp, open, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { LoadError } from '../../../lib/errors'
import { RuleNode } from '../../../routing/node/ruleNode'
import { FileBackend, openFileStore } from '../../../routing/store/fileStore'
import { publication, ruleStoreContract, textOf } from '../../contracts/ruleStore'
import { brokenHeads, brokenReports } from '../../support/brokenStores'
import { FakeClock } from '../../support/fakeClock'

describe('files', () => {
  ruleStoreContract(async () => {
    const root = await mkdtemp(join(tmpdir(), 'presage-rules-'))
    const folder = join(root, 'store')
    const empty = async () => {
      for (const name of await readdir(folder)) {
        for (const file of await readdir(join(folder, name))) await rm(join(folder, name, file))
      }
    }
    return {
      open: () => openFileStore({ folder }),
      empty,
      async loseTexts() {
        for (const file of await readdir(join(folder, 'versions'))) await rm(join(folder, 'versions', file))
      },
      async remember() {
        await cp(folder, join(root, 'before'), { recursive: true })
        return async () => {
          await empty()
          await cp(join(root, 'before'), folder, { recursive: true })
        }
      },
      close: () => rm(root, { recursive: true }),
    }
  })
})

/** A store with versions 1 to `count`, the first one active. */
async function filled(count: number) {
  const folder = join(mkdtempSync(join(tmpdir(), 'presage-rules-')), 'store')
  const store = await openFileStore({ folder })
  if (count > 0) await store.create(publication(1))
  for (let number = 2; number <= count; number++) await store.publish(publication(number))
  const inFolder = (...names: string[]) => join(folder, ...names)
  const latestHead = () => {
    const names = readdirSync(inFolder('heads')).sort()
    return JSON.parse(readFileSync(inFolder('heads', names[names.length - 1]), 'utf8'))
  }
  return { folder, store, inFolder, latestHead }
}

test('a publisher that died after it was acknowledged, and before its version had a name, has published', async () => {
  const { folder, store, inFolder, latestHead } = await filled(2)
  const died = (number: number) => {
    const { file } = latestHead().adds.find((add: { number: number }) => add.number === number)
    renameSync(inFolder('versions', `0000000${number}.json`), inFolder('versions', file))
  }
  died(2)
  expect((await (await openFileStore({ folder })).get(2))?.text).toBe(textOf(2))
  await store.publish(publication(3))
  died(3)
  expect(await store.publish(publication(4))).toMatchObject({ version: { number: 4 } })
  expect((await store.get(3))?.text).toBe(textOf(3))
})

test('what a publisher left that died before is no version, and is taken away later', async () => {
  const { folder, store, inFolder } = await filled(1)
  const left = inFolder('versions', '.2-left')
  writeFileSync(left, 'half a vers')
  expect(await store.get(2)).toBeUndefined()
  expect(await store.publish(publication(2))).toMatchObject({ version: { number: 2, text: textOf(2) } })
  await openFileStore({ folder })
  expect(readdirSync(inFolder('versions'))).toContain('.2-left')
  utimesSync(left, 1, 1)
  await openFileStore({ folder })
  expect(readdirSync(inFolder('versions'))).toEqual(['00000001.json', '00000002.json'])
})

test('who may not write reads nevertheless, and tidies nothing up', async () => {
  const { folder, store, inFolder, latestHead } = await filled(3)
  // Its publisher died before it had a name.
  renameSync(inFolder('versions', '00000003.json'), inFolder('versions', latestHead().adds[0].file))
  const folders = ['versions', 'heads', 'nodes'].map((name) => inFolder(name))
  const [left, report] = [inFolder('versions', '.4-left'), inFolder('nodes', 'gone.json')]
  writeFileSync(left, 'half a vers')
  utimesSync(left, 1, 1)
  await store.report({ node: 'gone', epoch: 0, prepared: [], problems: {} }, -7_200_000)
  for (const above of [tmpdir(), join(folder, '..')]) chmodSync(above, 0o755)
  for (const one of folders) chmodSync(one, 0o555)
  const user = process.geteuid!()
  // Root may write everywhere.
  if (user === 0) process.seteuid!('nobody')
  try {
    const reader = await openFileStore({ folder })
    expect((await reader.history()).map(({ number }) => number)).toEqual([2, 1])
    expect(await reader.has(3)).toBe(false)
    expect(await reader.leases()).toEqual([])
    // The same words each time: a line is told once, and names no temporary file.
    await expect(reader.report({ node: 'a', epoch: 0, prepared: [], problems: {} }, 1_000)).rejects.toThrow(
      `the rule store in ${folder}: EACCES: permission denied, open '${inFolder('nodes')}'`,
    )
  } finally {
    process.seteuid!(user)
    for (const one of folders) chmodSync(one, 0o755)
  }
  expect([existsSync(left), existsSync(report)]).toEqual([true, true])
})

test('heads do not pile up', async () => {
  const { store, inFolder } = await filled(1)
  for (let n = 0; n < 100; n++) await store.pin('a', n % 2 === 0 ? 1 : null)
  expect(readdirSync(inFolder('heads'))).toHaveLength(64)
})

test('a writer that slept while many others wrote changes nothing', async () => {
  const { folder, store, inFolder } = await filled(1)
  const sleeper = new FileBackend({ folder })
  const seen = await sleeper.readHead()
  for (let n = 0; n < 70; n++) await store.pin('a', n % 2 === 0 ? 1 : null)
  const before = [await store.head(), readdirSync(inFolder('heads'))]
  expect(await sleeper.commit(seen, seen.head, [])).toBe(false)
  expect([await store.head(), readdirSync(inFolder('heads'))]).toEqual(before)
})

test('versions without a head are what is left of a store: it is not made anew', async () => {
  const { store, inFolder } = await filled(3)
  rmSync(inFolder('heads'), { recursive: true })
  const lost = { kind: 'nothing there', floor: { number: 3, epoch: 0 } }
  expect(await store.create(publication(9))).toEqual(lost)
  expect(await store.publish(publication(9))).toEqual(lost)
})

test('a change is told by the system at once, and a node looks for it where the system tells nothing', async () => {
  const { folder, store } = await filled(1)
  const watching = await openFileStore({ folder })
  let leave = () => {}
  const told = new Promise<void>((resolve) => {
    leave = watching.subscribe(resolve)
  })
  await Promise.all([told, store.pin('a', 1)])
  leave()
  const deaf = jest.spyOn(fs, 'watch').mockImplementation(() => {
    throw new Error('ENOSPC')
  })
  const clock = new FakeClock()
  const node = await RuleNode.start({
    node: 'a',
    store: await openFileStore({ folder, clock }),
    clock,
    prepare: async () => [],
    activate() {},
  })
  expect(node.isPinned).toBe(true)
  await store.pin('a', null)
  expect(node.isPinned).toBe(true)
  const looked = new Promise<void>((resolve) => {
    node.changed((status) => !status.state.kind.startsWith('pinned') && resolve())
  })
  clock.advance(1000)
  await looked
  expect(node.isPinned).toBe(false)
  deaf.mockRestore()
  await node.dispose()
})

test('a folder that is exchanged is watched again from the next look on', async () => {
  const { folder } = await filled(1)
  const watching = await openFileStore({ folder })
  let wake = () => {}
  const leave = watching.subscribe(() => wake())
  renameSync(folder, `${folder}-before`)
  const store = await openFileStore({ folder })
  await watching.head()
  const told = new Promise<void>((resolve) => {
    wake = resolve
  })
  await Promise.all([told, store.create(publication(1))])
  expect(await watching.head()).toMatchObject({ kind: 'made', active: { number: 1 } })
  leave()
})

test('a folder that cannot be one is told as unreachable', async () => {
  const { folder } = await filled(1)
  const inTheWay = join(folder, 'file')
  writeFileSync(inTheWay, '')
  await expect(openFileStore({ folder: inTheWay })).rejects.toMatchObject({
    code: 'STORE_UNREACHABLE',
    message: expect.stringContaining(inTheWay),
  })
})

test('a broken version is named, and keeps neither the others nor a node from their work', async () => {
  const { store, inFolder } = await filled(3)
  writeFileSync(inFolder('versions', '00000002.json'), 'broken')
  writeFileSync(
    inFolder('versions', '00000003.json'),
    readFileSync(inFolder('versions', '00000003.json'), 'utf8').replace('rater@3', 'rater@7'),
  )
  await expect(store.get(2)).rejects.toThrow(
    '00000002.json: must be a version of the rules in JSON, got "broken"',
  )
  await expect(store.get(3)).rejects.toThrow('version 3 of the rules: its text must have the hash')
  const node = await RuleNode.start({
    node: 'a',
    store,
    clock: new FakeClock(),
    prepare: async () => [],
    activate() {},
  })
  expect(node.status()).toMatchObject({
    state: { kind: 'current' },
    inEffect: { number: 1 },
    problems: {
      2: [expect.stringContaining('must be a version')],
      3: [expect.stringContaining('must have the hash')],
    },
  })
  await node.dispose()
})

test.each([
  ['null'],
  ['{}'],
  ['{"head":{"kind":"made","id":"a","highest":1},"adds":[]}'],
  ['{"head":{"kind":"nothing","floor":{"number":0,"epoch":0}},"adds":[null]}'],
  ...brokenHeads.map((head) => [JSON.stringify({ head, adds: [] })]),
])(
  'a head that is none is told with its file, at the start too, and nothing is written over it: %s',
  async (text) => {
    const { folder, store, inFolder } = await filled(0)
    const file = inFolder('heads', '00000001.json')
    writeFileSync(file, text)
    const refusal = `${file}: must be a head of a rule store in JSON, got ${text.slice(0, 77)}`
    await expect(store.head()).rejects.toThrow(refusal)
    await expect(store.publish(publication(2))).rejects.toThrow(refusal)
    await expect(openFileStore({ folder })).rejects.toThrow(LoadError)
    expect(readdirSync(inFolder('heads'))).toEqual(['00000001.json'])
    expect(readFileSync(file, 'utf8')).toBe(text)
  },
)

test.each(['null', '{}', '{"number":1}'])(
  'a version that is none is told with its file: %s',
  async (text) => {
    const { store, inFolder } = await filled(2)
    writeFileSync(inFolder('versions', '00000001.json'), text)
    await expect(store.get(1)).rejects.toThrow(
      `${inFolder('versions', '00000001.json')}: must be a version of the rules in JSON, got ${text}`,
    )
    expect((await store.history()).map(({ number }) => number)).toEqual([2])
  },
)

test('reports that are none hide no others, and nothing waits for them', async () => {
  const { store, inFolder } = await filled(2)
  await store.report({ node: 'a', inEffect: 1, epoch: 1, prepared: [1, 2], problems: {} }, 60_000)
  const reports = [{ node: 'zz' }, null, ...brokenReports]
  const texts = reports.map((report) => JSON.stringify({ report, until: 99999999999999, writer: 'a' }))
  for (const [at, text] of ['', 'nonsense', 'null', '{}', ...texts].entries()) {
    writeFileSync(inFolder('nodes', `odd-${at}.json`), text)
  }
  expect((await store.leases()).map(({ node }) => node)).toEqual(['a'])
  expect(await store.activate(2, { expected: 1, by: 'ada' })).toMatchObject({ kind: 'activated' })
})

test('of publishers in several processes that are killed, none gives a number twice and nothing acknowledged is lost', async () => {
  const { folder, store } = await filled(1)
  const acknowledged: { number: number; text: string }[] = []
  const publishUntilKilled = (own: number, count: number) =>
    new Promise<void>((done) => {
      const child = fork(resolve(__dirname, '../../support/publisherChild.js'), [folder, String(own)])
      let left = count
      child.on('message', (version: { number: number; text: string }) => {
        acknowledged.push(version)
        if (--left === 0) child.kill('SIGKILL')
      })
      child.once('exit', () => done())
    })
  for (let round = 0; round < 3; round++) {
    await Promise.all([0, 1, 2].map((i) => publishUntilKilled(round * 3 + i, 10 + 3 * i)))
  }
  const numbers = acknowledged.map(({ number }) => number)
  expect(acknowledged.length).toBeGreaterThanOrEqual(3 * 39)
  expect(new Set(numbers).size).toBe(numbers.length)
  for (const { number, text } of acknowledged) expect((await store.get(number))?.text).toBe(text)
  const next = await store.publish(publication(9))
  expect(next).toMatchObject({ version: { number: (await store.history()).length } })
})

test('a head is read again only after its folder has changed', async () => {
  const { folder, store, inFolder } = await filled(1)
  const clock = new FakeClock()
  const other = await openFileStore({ folder, clock })
  const file = inFolder('heads', readdirSync(inFolder('heads'))[0])
  const own = readFileSync(file, 'utf8')
  const breakHead = () => writeFileSync(file, 'broken')

  // So soon after a change, another one could look the same.
  await other.head()
  breakHead()
  await expect(other.head()).rejects.toThrow('must be a head')

  writeFileSync(file, own)
  clock.advance(2500)
  const head = await other.head()
  breakHead()
  expect(await other.head()).toEqual(head)

  writeFileSync(file, own)
  await store.publish(publication(2))
  expect(await other.head()).toMatchObject({ highest: 2 })
})

test("where file handles have no sync, as under Yarn's Plug'n'Play, versions are published all the same", async () => {
  const handle = await open(__filename)
  await handle.close()
  const missing = () => Promise.reject(new Error('Method not implemented.'))
  const spy = jest.spyOn(Object.getPrototypeOf(handle), 'sync').mockImplementation(missing)
  try {
    const { folder } = await filled(2)
    expect((await (await openFileStore({ folder })).get(2))?.text).toBe(textOf(2))
  } finally {
    spy.mockRestore()
  }
})

describe('a full disk', () => {
  const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  let restore = () => {}
  afterEach(() => restore())

  /** Lets the first `writes` files be written, and none after them. */
  function fillAfter(writes: number) {
    const { fsync } = fs
    const spy = jest.spyOn(fs, 'fsync').mockImplementation((descriptor, callback) => {
      if (writes-- > 0) fsync(descriptor, callback)
      else callback(full)
    })
    restore = () => spy.mockRestore()
  }

  it.each([0, 1])('leaves nothing of a version that could not be published (%i files written)', async (n) => {
    const { store, inFolder } = await filled(1)
    const before = [readdirSync(inFolder('versions')), readdirSync(inFolder('heads'))]
    fillAfter(n)
    await expect(store.publish(publication(2))).rejects.toThrow('ENOSPC')
    expect([readdirSync(inFolder('versions')), readdirSync(inFolder('heads'))]).toEqual(before)
  })

  it('leaves nothing of a report that could not be written', async () => {
    const { folder, inFolder } = await filled(1)
    const backend = new FileBackend({ folder })
    // No file can take the place of a folder.
    mkdirSync(inFolder('nodes', 'a.json'))
    const report = { node: 'a', inEffect: 1, epoch: 1, prepared: [1], problems: {} }
    await expect(backend.writeReport(report, 1000, 'writer')).rejects.toThrow('a.json')
    expect(readdirSync(inFolder('nodes'))).toEqual(['a.json'])
  })
})
