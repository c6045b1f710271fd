import fs, {
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Clock, systemClock } from '../../../lib/clock'
import { RepositoryWatch } from '../../../models/repository/repositoryWatch'
import { type Appearances, scanRepository } from '../../../models/repository/scanRepository'
import { until as soon } from '../../support/until'

const watches: RepositoryWatch[] = []

afterEach(() => {
  jest.restoreAllMocks()
  for (const watch of watches.splice(0)) watch.stop()
})

/** A watched root with one objective and one version; `told` are the names that stood still, one list each time. */
function watched({
  root = mkdtempSync(join(tmpdir(), 'presage-repository-')),
  ...options
}: {
  root?: string
  pollMs?: number
  quietMs?: number
  clock?: Clock
  first?: Appearances
} = {}) {
  const put = (path: string, text = '') => {
    mkdirSync(join(root, path, '..'), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  put('objectives/RISK.yaml')
  put('models/risk/1/model.yaml')
  const told: string[][] = []
  const lines: string[] = []
  let last: Appearances | undefined
  let wake = () => {}
  const watch = new RepositoryWatch({
    roots: [root],
    pollMs: 20,
    quietMs: 10,
    clock: systemClock,
    log: (line) => lines.push(line.replaceAll(root, 'ROOT')),
    onSettled(settled) {
      last = settled
      const paths = [...settled.objectives.keys(), ...settled.versions.keys()]
      told.push(paths.map((path) => path.slice(root.length + 1)))
      wake()
    },
    ...options,
  })
  watches.push(watch)
  return {
    root,
    put,
    told,
    lines,
    watch,
    appearance: (path: string) => last?.versions.get(join(root, path)),
    /** Settles when it has been told so often. */
    async until(count: number): Promise<readonly string[][]> {
      while (told.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return told
    },
  }
}

const first = ['objectives/RISK.yaml', 'models/risk/1']

test('objectives and version directories are told when they stand still, and again when one comes or goes', async () => {
  const { root, put, until } = watched()
  expect(await until(1)).toEqual([first])
  put('models/risk/2/model.yaml')
  expect((await until(2))[1]).toEqual([...first, 'models/risk/2'])
  rmSync(join(root, 'models/risk/1'), { recursive: true })
  expect((await until(3))[2]).toEqual(['objectives/RISK.yaml', 'models/risk/2'])
})

test('what comes is found by a word of the system, long before the next look is due', async () => {
  const { put, until } = watched({ pollMs: 60_000 })
  await until(1)
  put('models/risk/2/model.yaml')
  expect((await until(2))[1]).toContain('models/risk/2')
  put('models/other/1/model.yaml')
  expect((await until(3))[2]).toContain('models/other/1')
})

test.each([
  ['deleted', (folder: string) => rmSync(folder, { recursive: true })],
  ['renamed', (folder: string) => renameSync(folder, `${folder}-before`)],
])('a folder that was %s is watched anew if another one takes its place at once', async (_, takeAway) => {
  const { root, put, until, appearance } = watched({ pollMs: 60_000 })
  await until(1)
  for (const [at, folder] of ['models/risk/1', ''].entries()) {
    takeAway(join(root, folder))
    put('objectives/RISK.yaml')
    put('models/risk/1/model.onnx')
    await until(2 * at + 2)
    put('models/risk/1/model.yaml')
    await until(2 * at + 3)
    expect(appearance('models/risk/1')).toContain('\nmodel.yaml ')
  }
})

test('what comes after the first look at its folder, and before the system watches that, is found soon', async () => {
  const { root, put, watch } = watched()
  watch.stop()
  const first = await scanRepository([root])
  const watchReally = fs.watch
  jest.spyOn(fs, 'watch').mockImplementationOnce((folder) => {
    put('models/risk/2/model.yaml')
    return watchReally(folder)
  })
  const settled = await new Promise<Appearances>((onSettled) => {
    const clock = systemClock
    const options = { roots: [root], first, pollMs: 60_000, quietMs: 10, clock, log: () => {}, onSettled }
    watches.push(new RepositoryWatch(options))
  })
  expect([...settled.versions.keys()]).toContain(join(root, 'models/risk/2'))
})

test('without a word from the system it is found by looking', async () => {
  jest.spyOn(fs, 'watch').mockImplementation(() => {
    throw new Error('ENOSPC')
  })
  const { put, until } = watched()
  await until(1)
  put('models/risk/2/model.yaml')
  expect((await until(2))[1]).toContain('models/risk/2')
})

test('a directory that is written to again and again is not told before it is left alone, and holds up no other', async () => {
  let isCopying = false
  let text = ''
  const copy = () => {
    text += 'more'
    put('models/big/1/model.onnx', text)
  }
  /** Each look asks it for the time: so much more of the copy is there at the next one, however long that takes. */
  const clock = {
    ...systemClock,
    now() {
      if (isCopying) copy()
      return systemClock.now()
    },
  }
  const { put, until, told, appearance } = watched({ clock })
  await until(1)
  isCopying = true
  copy()
  put('models/risk/2/model.yaml')
  expect((await until(2))[1]).toEqual([...first, 'models/risk/2'])
  const { length } = text
  await soon(() => text.length > length + 20 * 'more'.length)
  expect(told).toHaveLength(2)
  isCopying = false
  expect((await until(3))[2]).toContain('models/big/1')
  expect(appearance('models/big/1')).toContain(` ${text.length} `)
})

test('a version whose file is written over is told again with another appearance', async () => {
  const { put, until, appearance } = watched()
  await until(1)
  const before = appearance('models/risk/1')
  put('models/risk/1/model.yaml', 'other')
  await until(2)
  expect(appearance('models/risk/1')).not.toBe(before)
})

test('a root that cannot be looked at has lost nothing', async () => {
  const { root, watch, until, told, lines } = watched()
  await until(1)
  renameSync(root, `${root}-away`)
  expect(await watch.settle(60_000)).toEqual([])
  expect(lines).toEqual(['ROOT: cannot be read (ENOENT); its last known content stays in use'])
  renameSync(`${root}-away`, root)
  expect(await watch.settle(60_000)).toEqual([])
  expect(lines[1]).toBe('ROOT: can be read again')
  expect(told).toHaveLength(1)
})

test('who asks it to settle waits until nothing moves, or hears what still does', async () => {
  const { put, watch, until, told, root } = watched({ pollMs: 60_000, quietMs: 200 })
  await until(1)
  put('models/risk/2/model.yaml')
  expect(await watch.settle(60_000)).toEqual([])
  expect(told.at(-1)).toContain('models/risk/2')
  let text = ''
  const copy = () => {
    text += 'more'
    put('models/big/1/model.onnx', text)
  }
  copy()
  const copying = setInterval(copy, 10)
  expect(await watch.settle(300)).toEqual([join(root, 'models/big/1')])
  clearInterval(copying)
})

test('nothing is told once it has stopped', async () => {
  const { put, until, told, watch } = watched()
  await until(1)
  watch.stop()
  put('models/risk/2/model.yaml')
  await new Promise((resolve) => setTimeout(resolve, 80))
  expect(told).toHaveLength(1)
})

test('a version that is written to as the watch begins stays as it was read, and is told once it is at rest', async () => {
  const { root, put, watch } = watched()
  watch.stop()
  const before = await scanRepository([root])
  put('models/risk/1/model.yaml', 'other')
  put('models/risk/2/model.yaml')
  const settled: Appearances[] = []
  let now = 0
  const second = new RepositoryWatch({
    roots: [root],
    first: before,
    pollMs: Number.POSITIVE_INFINITY,
    quietMs: 100,
    usesSystem: false,
    clock: { ...systemClock, now: () => now },
    log: () => {},
    onSettled: (state) => settled.push(state),
  })
  watches.push(second)
  const directory = join(root, 'models/risk/1')
  await second.settle(0)
  now = 50
  put('models/risk/1/model.yaml', 'a third')
  await second.settle(0)
  now = 120
  await second.settle(0)
  expect(settled).toHaveLength(1)
  expect(settled[0].versions.get(directory)).toBe(before.versions.get(directory))
  now = 200
  await second.settle(0)
  expect(settled).toHaveLength(2)
  expect(settled[1].versions.get(directory)).not.toBe(before.versions.get(directory))
})

test('where the system reports all changes, those inside a version too, the repository is looked at less often', async () => {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'presage-repository-')))
  const waits: number[] = []
  const clock: Clock = {
    now: () => systemClock.now(),
    after(ms, callback) {
      waits.push(ms)
      return systemClock.after(ms, callback)
    },
  }
  const { until, put, appearance, watch } = watched({ root, clock, pollMs: 50_000, quietMs: 20 })
  await until(1)
  await soon(() => waits.includes(600_000))
  const before = appearance('models/risk/1')
  put('models/risk/1/model.yaml', 'longer')
  await until(2)
  expect(appearance('models/risk/1')).not.toBe(before)
  // Under a link, which may lead elsewhere without a report; and with one inside, as a mount may be.
  const link = `${root}-link`
  symlinkSync(root, link)
  const linked = realpathSync(mkdtempSync(join(tmpdir(), 'presage-repository-')))
  symlinkSync(join(root, 'models'), join(linked, 'models'))
  watch.stop()
  for (const other of [link, linked]) {
    waits.splice(0)
    const second = watched({ root: other, clock, pollMs: 50_000, quietMs: 20 })
    await second.until(1)
    await soon(() => waits.includes(50_000) || waits.includes(600_000))
    second.watch.stop()
    expect(waits).not.toContain(600_000)
  }
})

it('keeps the content of one folder that cannot be read, and follows the rest', async () => {
  const { root, put, told, lines, until } = watched()
  await until(1)
  const model = join(root, 'models/risk')
  renameSync(model, `${root}-risk`)
  symlinkSync('risk', model)
  await soon(() => lines.length > 0)
  put('objectives/LATER.yaml')
  await until(2)
  expect(told[1]).toEqual(['objectives/LATER.yaml', 'objectives/RISK.yaml', 'models/risk/1'])
  rmSync(model)
  renameSync(`${root}-risk`, model)
  await soon(() => lines.length > 1)
  expect(lines).toEqual([
    'ROOT/models/risk: cannot be read (ELOOP); its last known content stays in use',
    'ROOT/models/risk: can be read again',
  ])
})
