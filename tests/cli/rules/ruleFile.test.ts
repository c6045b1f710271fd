import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RuleFile } from '../../../cli/rules/ruleFile'
import { PresageError } from '../../../lib/errors'
import { readRuleSet } from '../../../routing/apart/readRuleSet'
import { RuleNode } from '../../../routing/node/ruleNode'
import { canonicalJson } from '../../../routing/ruleSet/canonicalJson'
import type { KnownNames } from '../../../routing/ruleSet/knownNames'
import { createMemoryStore, MemoryBackend } from '../../../routing/store/memoryStore'
import { RuleStore } from '../../../routing/store/ruleStore'
import { until } from '../../support/until'

const names: KnownNames = {
  objectives: new Map([['O', { inputs: [] }]]),
  models: new Set(['m@1', 'm@2', 'm@3']),
  serves: new Map(),
  asked: new Map([['O', 'A.o']]),
  fieldShards: new Map(),
  pins: [],
  contextTypes: new Map(),
  freeKeys: new Set(),
}

/** A process that follows a rule file, with what it tells. `prepare` tells what its node lacks for a version. */
async function openFollower(
  file: string,
  store: ReturnType<typeof createMemoryStore>,
  known = names,
  prepare: (version: { readonly number: number }) => Promise<string[]> = async () => [],
) {
  const lines: string[] = []
  const log = (line: string) => void lines.push(line)
  const node = await RuleNode.start({ node: 'dev', store, prepare, activate: () => {}, log: () => {} })
  const follower = new RuleFile({ file, store, node, nodeName: 'dev', knownNames: () => known, log })
  const stop = async () => {
    await follower.stop()
    await node.dispose()
  }
  return { follower, node, lines, stop }
}

/** A rule file that is not there yet. `save` writes rules to it that have `model` as the default, and `end` after them. */
function newRuleFile() {
  const file = join(mkdtempSync(join(tmpdir(), 'presage-rule-file-')), 'rules.yaml')
  const save = (model: string, end = '') =>
    writeFileSync(file, `objectives: { O: { default: ${model} } }\n${end}`)
  return { file, save }
}

it('two processes that follow one file at the same moment publish it once', async () => {
  const { file, save } = newRuleFile()
  save('m@1')
  const store = createMemoryStore()
  const lines: string[] = []
  const log = (line: string) => void lines.push(line)
  const nodes = await Promise.all(
    ['dev', 'start'].map((node) =>
      RuleNode.start({ node, store, prepare: async () => [], activate: () => {}, log: () => {} }),
    ),
  )
  // Nobody of this name has a lease, so neither waits for the other.
  const followers = nodes.map(
    (node) => new RuleFile({ file, store, node, nodeName: 'unknown', knownNames: () => names, log }),
  )
  try {
    await followers[0].create()
    save('m@2')
    await Promise.all(followers.map((follower) => follower.follow()))
    expect((await store.history()).map(({ number, author }) => [number, author])).toEqual([
      [2, 'file'],
      [1, 'file'],
    ])
    expect(lines.filter((line) => line.includes('is published as'))).toHaveLength(1)
  } finally {
    for (const follower of followers) await follower.stop()
    for (const node of nodes) await node.dispose()
  }
})

it('a file that is missing when a process starts leaves the rules in effect, and is taken when it comes', async () => {
  const { file, save } = newRuleFile()
  const store = createMemoryStore()
  const first = await openFollower(file, store)
  await expect(first.follower.follow()).rejects.toThrow('must be a readable file, got no such file')
  save('m@1')
  await first.follower.create()
  await first.stop()
  rmSync(file)
  const { follower, lines, stop } = await openFollower(file, store)
  try {
    await follower.follow()
    await until(() => lines.some((line) => line.endsWith('got no such file; the rules in effect stay')))
    save('m@2')
    await until(async () => (await store.head()).active?.number === 2)
  } finally {
    await stop()
  }
})

it('an edit that brings back the text published last from the file replaces what a command has activated', async () => {
  const { file, save } = newRuleFile()
  save('m@1')
  const store = createMemoryStore()
  const { follower, lines, stop } = await openFollower(file, store)
  try {
    await follower.create()
    await follower.follow()
    const text = (await store.get(1))!.text.replace('m@1', 'm@2')
    await store.publish({ text, author: 'ada', message: '' })
    // Refused until the node is prepared for it.
    await until(async () => (await store.activate(2, { expected: 1, by: 'ada' })).kind === 'activated')
    const active = async () => (await store.head()).active?.number
    // The same rules: nothing is taken back.
    save('m@1', '# a comment')
    await until(() => lines.some((line) => line.includes('version 2 is active')))
    expect(await active()).toBe(2)
    const looks = jest.spyOn(store, 'history')
    save('m@2')
    await until(() => looks.mock.calls.length > 0)
    save('m@1')
    await until(async () => (await active()) === 3)
  } finally {
    await stop()
  }
})

it('only a process with something to publish waits for its turn', async () => {
  const { file, save } = newRuleFile()
  save('m@1')
  const store = createMemoryStore()
  const turns = jest.spyOn(store, 'leases')
  const publish = jest.spyOn(store, 'publish')
  const { follower, lines, stop } = await openFollower(file, store)
  try {
    await follower.create()
    await follower.follow()
    expect(turns).not.toHaveBeenCalled()
    save('m@2')
    await until(() => lines.some((line) => line.endsWith('is published as version 2')))
    expect(turns.mock.invocationCallOrder[0]).toBeLessThan(publish.mock.invocationCallOrder[0])
  } finally {
    await stop()
  }
})

it('a file that somebody has published already is not published again, and takes effect when it is edited', async () => {
  const { file, save } = newRuleFile()
  const store = createMemoryStore()
  const published = async (model: string) => {
    const ruleSet = await readRuleSet(`objectives: { O: { default: ${model} } }`, '', names)
    return { text: canonicalJson(ruleSet), message: '', author: 'ada' }
  }
  await store.create(await published('m@1'))
  save('m@1')
  const first = await openFollower(file, store)
  try {
    await first.follower.create()
    await first.follower.follow()
  } finally {
    await first.stop()
  }
  expect((await store.history()).map(({ author }) => author)).toEqual(['ada'])
  expect(first.lines).toEqual([])

  await store.publish(await published('m@2'), { after: 1 })
  await store.activate(2, { expected: 1, by: 'ada', force: true })
  const second = await openFollower(file, store)
  try {
    await second.follower.follow()
    expect((await store.head()).active?.number).toBe(2)
    expect(second.lines).toEqual([expect.stringContaining('version 2')])
    save('m@3')
    await until(() => second.lines.some((line) => line.endsWith('is published as version 3')))
    save('m@1')
    await until(() => second.lines.some((line) => line.endsWith('is published as version 4')))
  } finally {
    await second.stop()
  }
})

it.each([
  ['takes effect', false],
  ['is left alone if a command has activated another one since', true],
])(
  'a file that was edited, while no process ran, to what a command had only published %s',
  async (_, isLate) => {
    const { file } = newRuleFile()
    const store = createMemoryStore()
    const publication = async (model: string) => {
      const ruleSet = await readRuleSet(`objectives: { O: { default: ${model} } }`, '', names)
      return { text: canonicalJson(ruleSet), message: '', author: 'ada' }
    }
    await store.create(await publication('m@1'))
    await store.publish(await publication('m@2'))
    await store.publish(await publication('m@3'))
    if (isLate) await store.activate(3, { expected: 1, by: 'ada', force: true })
    writeFileSync(file, 'objectives: { O: { default: m@2 } }\n')
    const { follower, lines, stop } = await openFollower(file, store)
    try {
      await follower.follow()
      if (!isLate) await until(async () => (await store.head()).active?.number === 2)
      expect(await store.head()).toMatchObject({ highest: 3, active: { number: isLate ? 3 : 2 } })
      expect(lines.at(-1)).toContain(
        isLate ? 'is version 2, but version 3 is active' : 'version 2 from the file',
      )
    } finally {
      await stop()
    }
  },
)

it('a file that cannot be published is published when it is saved again, as it is', async () => {
  const { file, save } = newRuleFile()
  save('m@1')
  const store = createMemoryStore()
  const { follower, lines, stop } = await openFollower(file, store)
  try {
    await follower.create()
    await follower.follow()
    const publish = jest.spyOn(store, 'publish')
    publish.mockRejectedValueOnce(new PresageError('STORE_UNREACHABLE', 'no space left on device'))
    save('m@2')
    await until(() => lines.some((line) => line.endsWith('; save it again when the store can be used')))
    save('m@2')
    await until(async () => (await store.head()).active?.number === 2)
  } finally {
    await stop()
  }
})

it('a file that is refused at the start, and valid later, does not take back a rollback either', async () => {
  const { file } = newRuleFile()
  const store = createMemoryStore()
  const publish = async (model: string) => {
    const text = `objectives: { O: { default: ${model} } }\n`
    writeFileSync(file, text)
    return { text: canonicalJson(await readRuleSet(text, '')), message: '', author: 'ada' }
  }
  await store.create(await publish('m@1'))
  await store.publish(await publish('m@4'), { after: 1 })
  await store.activate(2, { expected: 1, by: 'ada', force: true })
  await store.rollback({ by: 'ada' })
  const models = new Set(names.models)
  const { follower, lines, stop } = await openFollower(file, store, { ...names, models })
  try {
    await follower.follow()
    expect(lines.at(-1)).toMatch(/not published; the rules in effect stay$/)
    models.add('m@4')
    follower.retry()
    await until(() => lines.at(-1)!.includes('is version 2, but version 1 is active'))
    expect(await store.head()).toMatchObject({ highest: 2, active: { number: 1 } })
  } finally {
    await stop()
  }
})

it('a restart does not take back the rollback from a version that commands have published and activated', async () => {
  const { file } = newRuleFile()
  const store = createMemoryStore()
  const publish = async (model: string) => {
    const text = `objectives: { O: { default: ${model} } }\n`
    writeFileSync(file, text)
    return { text: canonicalJson(await readRuleSet(text, '', names)), message: '', author: 'ada' }
  }
  await store.create(await publish('m@1'))
  await store.publish(await publish('m@2'), { after: 1 })
  await store.activate(2, { expected: 1, by: 'ada', force: true })
  await store.rollback({ by: 'ada' })
  const { follower, lines, stop } = await openFollower(file, store)
  try {
    await follower.follow()
    expect(lines).toEqual([expect.stringContaining('version 2')])
    expect(await store.head()).toMatchObject({ highest: 2, active: { number: 1 } })
  } finally {
    await stop()
  }
})

it('a file that is deleted and restored is told both times', async () => {
  const { file } = newRuleFile()
  const text = 'objectives: { O: { default: m@1 } }\n'
  writeFileSync(file, text)
  const { follower, lines, stop } = await openFollower(file, createMemoryStore())
  try {
    await follower.create()
    await follower.follow()
    lines.length = 0
    rmSync(file)
    await until(() => lines.length === 1)
    writeFileSync(file, text)
    await until(() => lines.length === 2)
    expect(lines).toEqual([
      expect.stringContaining(
        'rules.yaml: must be a readable file, got no such file; the rules in effect stay',
      ),
      expect.stringContaining('rules.yaml: can be read again'),
    ])
  } finally {
    await stop()
  }
})

it('a store that cannot be written at the start gets its first version once it can, and tells the reason once', async () => {
  const { file } = newRuleFile()
  writeFileSync(file, 'objectives: { O: { default: m@1 } }\n')
  const store = createMemoryStore()
  const full = new PresageError('STORE_UNREACHABLE', 'no space left on device')
  const create = jest.spyOn(store, 'create').mockRejectedValue(full)
  const { follower, lines, stop } = await openFollower(file, store)
  try {
    await follower.create()
    await follower.follow()
    await until(() => create.mock.calls.length === 2)
    create.mockRestore()
    await until(() => lines.length === 2)
    expect(lines).toEqual([
      'rules: no space left on device',
      expect.stringMatching(/^rules: .*rules\.yaml is version 1$/),
    ])
    writeFileSync(file, 'objectives: { O: { default: m@2 } }\n')
    await until(() => lines.some((line) => line.endsWith('is published as version 2')))
  } finally {
    await stop()
  }
})

it.each([
  ['is activated by the next process', 'file', 2],
  ['is left alone if a command has activated another one since', 'ada', 3],
])('a version from the file that waited for its models when the process ended %s', async (_, by, active) => {
  const { file, save } = newRuleFile()
  save('m@1')
  const store = createMemoryStore()
  const start = async (prepare: () => Promise<string[]>) => {
    const node = await RuleNode.start({ node: 'dev', store, prepare, activate: () => {}, log: () => {} })
    const follower = new RuleFile({
      file,
      store,
      node,
      nodeName: 'dev',
      knownNames: () => names,
      log: () => {},
    })
    await follower.create()
    await follower.follow()
    return async () => {
      await follower.stop()
      await node.dispose()
    }
  }
  await (await start(async () => []))()
  save('m@2')
  const stop = await start(async () => ['m@2 is not ready'])
  expect((await store.head()).active?.number).toBe(1)
  await stop()
  if (by !== 'file') {
    const text = '{"objectives":{"O":{"default":"m@1"}}}'
    await store.publish({ text, author: by, message: 'another' })
    await store.activate(3, { by, force: true, expected: 1 })
  }
  const end = await start(async () => [])
  try {
    if (active === 2) await until(async () => (await store.head()).active?.number === 2)
    expect(await store.head()).toMatchObject({ highest: active, active: { number: active, by } })
  } finally {
    await end()
  }
})

it('an edit that is taken back while its version waits for its models does not take effect later', async () => {
  const { file, save } = newRuleFile()
  save('m@1')
  const store = createMemoryStore()
  let problems = ['m@2 is not ready']
  const prepare = async ({ number }: { readonly number: number }) => (number === 2 ? problems : [])
  const { follower, node, lines, stop } = await openFollower(file, store, names, prepare)
  try {
    await follower.create()
    await follower.follow()
    save('m@2')
    await until(() => lines.some((line) => line.includes('version 2 waits')))
    const looks = jest.spyOn(store, 'history')
    save('m@1')
    await until(() => looks.mock.calls.length > 0)
    problems = []
    node.recheck()
    await until(() => node.status().prepared.includes(2))
    save('m@3')
    await until(async () => (await store.head()).active?.number === 3)
    expect((await store.head()).trail).toEqual([1])
  } finally {
    await stop()
  }
})

it('an edit with mistakes leaves a version of before that waits for its models as it is, and says so', async () => {
  const { file, save } = newRuleFile()
  save('m@1')
  const store = createMemoryStore()
  let problems = ['m@2 is not ready']
  const prepare = async ({ number }: { readonly number: number }) => (number === 2 ? problems : [])
  const { follower, node, lines, stop } = await openFollower(file, store, names, prepare)
  try {
    await follower.create()
    await follower.follow()
    save('m@2')
    await until(() => lines.some((line) => line.includes('version 2 waits')))
    save('m@99')
    const waits =
      'not published; the rules in effect stay, and the earlier version 2 still waits to take effect'
    await until(() => lines.some((line) => line.endsWith(waits)))
    problems = []
    node.recheck()
    await until(async () => (await store.head()).active?.number === 2)
  } finally {
    await stop()
  }
})

it('tells of each version why it waits, once as long as the reason is the same', async () => {
  const { file, save } = newRuleFile()
  save('m@1')
  const store = createMemoryStore()
  const prepare = async ({ number }: { readonly number: number }) =>
    number === 1 ? [] : ['m@2 is not ready']
  const { follower, lines, stop } = await openFollower(file, store, names, prepare)
  const waiting = () => lines.filter((line) => line.includes(' waits: '))
  try {
    await follower.create()
    await follower.follow()
    save('m@2')
    await until(() => waiting().length === 1)
    save('m@1')
    const looks = jest.spyOn(store, 'history')
    await until(() => looks.mock.calls.length > 0)
    save('m@3')
    await until(() => waiting().length === 2)
    const attempts = jest
      .spyOn(store, 'activate')
      .mockRejectedValue(new PresageError('STORE_UNREACHABLE', 'the rule store is away'))
    await until(() => attempts.mock.calls.length >= 3)
    expect(waiting()).toEqual([
      'rules: version 2 waits: dev: m@2 is not ready',
      'rules: version 3 waits: dev: m@2 is not ready',
      'rules: version 3 waits: the rule store is away',
    ])
  } finally {
    await stop()
  }
})

it('a version whose activation is refused while the store goes away is tried again, as the log says', async () => {
  const { file, save } = newRuleFile()
  save('m@1')
  const store = createMemoryStore()
  const { follower, lines, stop } = await openFollower(file, store)
  try {
    await follower.create()
    await follower.follow()
    let isAway = false
    const readHead = store.head.bind(store)
    jest.spyOn(store, 'head').mockImplementation(async () => {
      if (isAway) throw new PresageError('STORE_UNREACHABLE', 'the rule store is away')
      return readHead()
    })
    jest.spyOn(store, 'activate').mockImplementationOnce(async () => {
      isAway = true
      return { kind: 'conflict', active: undefined }
    })
    save('m@2')
    await until(() => lines.includes('rules: version 2 waits: the rule store is away'))
    isAway = false
    await until(async () => (await readHead()).active?.number === 2)
  } finally {
    await stop()
  }
})

it('an edit while the store has lost everything is told, and taken when it is saved again after a restore', async () => {
  const { file, save } = newRuleFile()
  save('m@1')
  const backend = new MemoryBackend()
  const store = new RuleStore(backend)
  const { follower, node, lines, stop } = await openFollower(file, store)
  try {
    await follower.create()
    await follower.follow()
    backend.empty()
    await node.look()
    save('m@2')
    await until(() => lines.some((line) => line.includes('the store has lost its versions up to 1')))
    expect(lines.at(-1)).toMatch(/rules\.yaml: not published: Nothing was changed: the store has lost/)
    await store.restore(node.copy()!, 'ada')
    save('m@2')
    await until(async () => (await store.head()).active?.number === 2)
  } finally {
    await stop()
  }
})

it('the file of a start while the store is away is published when the store answers; one cause is told once', async () => {
  const { file, save } = newRuleFile()
  const backend = new Cuttable()
  const store = new RuleStore(backend)
  save('m@1')
  const before = await openFollower(file, store)
  await before.follower.create()
  await before.stop()
  save('m@2')
  backend.isCut = true
  const { follower, node, lines, stop } = await openFollower(file, store)
  try {
    expect(node.status().state).toMatchObject({ why: 'the rule store: is cut' })
    await follower.create()
    await follower.follow()
    expect(lines).toEqual([
      expect.stringMatching(
        /: not published; the rules in effect stay; it is tried again when the store can be used$/,
      ),
    ])
    backend.isCut = false
    await node.look()
    await until(async () => (await store.head()).active?.number === 2)
    expect(lines.slice(1)).toEqual([expect.stringMatching(/rules\.yaml is published as version 2$/)])
  } finally {
    await stop()
  }
})

/** A store that a test can take away. */
class Cuttable extends MemoryBackend {
  isCut = false

  override async readHead() {
    if (this.isCut) throw new PresageError('STORE_UNREACHABLE', 'the rule store: is cut')
    return super.readHead()
  }
}
