import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PresageError } from '../../../lib/errors'
import { RuleNode, type RuleNodeOptions } from '../../../routing/node/ruleNode'
import { MemoryBackend } from '../../../routing/store/memoryStore'
import { readNodeCopy } from '../../../routing/store/nodeCopy'
import { sha256Of } from '../../../routing/store/ruleSetVersion'
import { RuleStore } from '../../../routing/store/ruleStore'
import { publication, textOf } from '../../contracts/ruleStore'
import { FakeClock, settle } from '../../support/fakeClock'

/** A store that a test can take away, and that counts what is asked of it. */
class Cuttable extends MemoryBackend {
  isCut = false
  isReadOnly = false
  /** The version whose text is not what was published. */
  broken: number | undefined
  reads = 0

  override async readHead() {
    this.reads++
    this.check()
    return super.readHead()
  }

  override async readVersion(number: number) {
    this.check()
    const version = await super.readVersion(number)
    return version && number === this.broken ? { ...version, text: `${version.text} ` } : version
  }

  override async writeReport(...args: Parameters<MemoryBackend['writeReport']>) {
    this.check()
    if (this.isReadOnly) throw new PresageError('STORE_UNREACHABLE', 'the rule store: is read-only')
    return super.writeReport(...args)
  }

  private check() {
    if (this.isCut) throw new PresageError('STORE_UNREACHABLE', 'the rule store: is cut')
  }
}

const nodes: RuleNode[] = []

afterEach(async () => {
  for (const node of nodes.splice(0)) await node.dispose()
})

function world() {
  const backend = new Cuttable()
  const store = new RuleStore(backend)
  const clock = new FakeClock()
  const file = join(mkdtempSync(join(tmpdir(), 'presage-node-')), 'kept', 'rules.json')
  const activate = async (number: number, options: object = {}) => {
    const head = await store.head()
    const expected = head.kind === 'made' ? (head.active?.number ?? null) : null
    const outcome = await store.activate(number, { expected, by: 'ada', ...options })
    await settle()
    return outcome
  }
  const publish = async (number: number) => {
    const outcome = await store.publish(publication(number))
    await settle()
    return outcome
  }
  const startNode = async (name: string, options: Partial<RuleNodeOptions> = {}) => {
    /** What was prepared and what was put into effect, in order. */
    const prepared: number[] = []
    const activated: number[] = []
    const lines: string[] = []
    /** Versions whose preparation waits for the test, and what is to come of the others. */
    const held = new Map<number, (problems: readonly string[]) => void>()
    const problems = new Map<number, readonly string[]>()
    const holds = new Set<number>()
    const node = await RuleNode.start({
      node: name,
      store,
      clock,
      prepare({ number }) {
        prepared.push(number)
        if (!holds.has(number)) return Promise.resolve(problems.get(number) ?? [])
        return new Promise((resolve) => held.set(number, resolve))
      },
      activate({ number }) {
        activated.push(number)
      },
      log: (line) => lines.push(line),
      ...options,
    })
    nodes.push(node)
    await settle()
    const serves = () => {
      const { inEffect, state } = node.status()
      return [inEffect?.number, inEffect?.epoch, state.kind]
    }
    return { node, prepared, activated, lines, held, holds, problems, serves }
  }
  const poll = async () => {
    clock.advance(1000)
    await settle()
  }
  return { backend, store, clock, file, activate, publish, startNode, poll }
}

/** Version 2 is active, and the copy of node `a`, which has left, says so. */
async function worldLeftAt2() {
  const made = world()
  const { store, file, activate, publish, startNode } = made
  await store.create(publication(1))
  const first = await startNode('a', { file })
  await publish(2)
  await activate(2)
  await first.node.dispose()
  return made
}

describe('what the operator is told', () => {
  test('nothing of what passes by itself, such as that nothing is published yet', async () => {
    const { store, clock, startNode, poll } = world()
    const a = await startNode('a')
    expect(a.serves()).toEqual([undefined, undefined, 'waiting'])
    clock.advance(3_000)
    await store.create(publication(1))
    await poll()
    clock.advance(60_000)
    expect(a.lines).toEqual(['rules: version 1 is in effect, epoch 1, current'])
  })

  test('what lasts', async () => {
    const { clock, startNode } = world()
    const a = await startNode('a')
    clock.advance(4_999)
    expect(a.lines).toEqual([])
    clock.advance(1)
    expect(a.lines).toEqual([
      'rules: no version is in effect, waiting (nothing has been published yet; `presage rules publish FILE --create` does)',
    ])
  })
})

test('a version that was broken in the store is no problem any more once it is not', async () => {
  const { backend, store, publish, startNode, poll } = world()
  await store.create(publication(1))
  const a = await startNode('a')
  backend.broken = 2
  await publish(2)
  expect(a.node.status()).toMatchObject({
    prepared: [1],
    problems: { 2: [expect.stringMatching(/its text must have the hash .*; once it is removed there, /)] },
  })
  backend.broken = undefined
  await poll()
  expect(a.node.status()).toMatchObject({ prepared: [1, 2] })
  expect(a.node.status().problems).toEqual({})
})

test('a node without a copy that finds a store which has lost everything waits, and says what helps', async () => {
  const { store, startNode } = world()
  await store.remember({ number: 3, epoch: 2 })
  const a = await startNode('a')
  expect(a.node.status().state).toEqual({
    kind: 'waiting',
    why: 'the store has lost its versions up to 3: `presage rules restore` brings them back from the copy of a node; without a copy, begin with another folder or name',
  })
})

describe('following', () => {
  test('a version is prepared when it is published, and answers when the pointer flips', async () => {
    const { store, activate, publish, startNode } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    expect(a.serves()).toEqual([1, 1, 'current'])
    await publish(2)
    expect(a.prepared).toEqual([1, 2])
    expect(a.activated).toEqual([1])
    expect(await store.leases()).toEqual([
      { node: 'a', inEffect: 1, epoch: 1, prepared: [1, 2], problems: {} },
    ])
    expect(await activate(2)).toMatchObject({ kind: 'activated' })
    expect(a.activated).toEqual([1, 2])
    expect(a.serves()).toEqual([2, 2, 'current'])
    expect(await store.leases()).toMatchObject([{ inEffect: 2, epoch: 2 }])
  })

  test('a version that any node cannot prepare is not activated, and the reason is told', async () => {
    const { store, activate, publish, startNode } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    const b = await startNode('b')
    b.problems.set(2, ['rater@2: its golden cases fail'])
    await publish(2)
    expect(await activate(2)).toEqual({
      kind: 'not prepared',
      prepared: 1,
      leased: 2,
      missing: [{ node: 'b', problems: ['rater@2: its golden cases fail'] }],
    })
    expect(a.activated).toEqual([1])
    b.problems.delete(2)
    b.node.recheck()
    await settle()
    expect(await activate(2)).toMatchObject({ kind: 'activated' })
    expect([a.activated, b.activated]).toEqual([
      [1, 2],
      [1, 2],
    ])
  })

  test('when the fields change, all but the version in effect is prepared again, and nothing counts from before', async () => {
    const { store, activate, publish, startNode } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    await publish(2)
    a.holds.add(3)
    await publish(3)
    expect(a.prepared).toEqual([1, 2, 3])
    for (const number of [2, 3]) a.problems.set(number, ['objectives.NEW: must have a default'])
    a.node.prepareAgain()
    a.holds.delete(3)
    a.held.get(3)!([])
    await settle()
    expect(a.prepared).toEqual([1, 2, 3, 3, 2])
    expect(a.node.status()).toMatchObject({ isReady: true, prepared: [1] })
    expect(Object.keys(a.node.status().problems)).toEqual(['2', '3'])
    expect(await activate(2)).toMatchObject({ kind: 'not prepared' })
  })

  test('a failure is tried again if models have come while the version was prepared', async () => {
    const { store, publish, startNode } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    a.holds.add(2)
    await publish(2)
    a.node.recheck()
    a.holds.delete(2)
    a.held.get(2)!(['rater@2 is not ready: it is not in the repository'])
    await settle()
    expect(a.prepared).toEqual([1, 2, 2])
    expect(a.node.status()).toMatchObject({ prepared: [1, 2], problems: {} })
  })

  test('preparing that throws is a problem like others', async () => {
    const { store, activate, publish, startNode } = world()
    await store.create(publication(1))
    const { node } = await startNode('a', {
      prepare: ({ number }) => {
        if (number === 2) throw new Error('no room')
        return number === 3 ? Promise.reject(new Error('no time')) : Promise.resolve([])
      },
    })
    for (const number of [2, 3, 4]) await publish(number)
    expect(node.status()).toMatchObject({ problems: { 2: ['no room'], 3: ['no time'] }, prepared: [1, 4] })
    expect(await activate(2)).toMatchObject({ kind: 'not prepared' })
  })

  test('with a quorum the others go on as before until they are prepared', async () => {
    const { store, activate, publish, startNode } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    const b = await startNode('b')
    b.holds.add(2)
    await publish(2)
    expect(await activate(2, { quorum: 0.5 })).toMatchObject({ kind: 'activated' })
    expect(a.serves()).toEqual([2, 2, 'current'])
    expect(b.serves()).toEqual([1, 1, 'behind'])
    expect(await store.leases()).toMatchObject([
      { node: 'a' },
      { node: 'b', inEffect: 1, note: 'behind: version 2 is being prepared' },
    ])
    b.held.get(2)!([])
    await settle()
    expect(b.serves()).toEqual([2, 2, 'current'])
  })

  test('a forced version answers at once, prepared or not', async () => {
    const { store, activate, publish, startNode } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    a.holds.add(2)
    await publish(2)
    await activate(2, { force: true })
    expect(a.serves()).toEqual([2, 2, 'current'])
    expect(a.node.status().isReady).toBe(false)
    a.held.get(2)!([])
    await settle()
    expect(a.node.status().isReady).toBe(true)
  })

  test('a rollback takes effect at once, also while a version is being prepared', async () => {
    const { store, activate, publish, startNode } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    await publish(2)
    await activate(2)
    a.holds.add(3)
    await publish(3)
    await store.rollback({ by: 'bob' })
    await settle()
    expect(a.serves()).toEqual([1, 3, 'current'])
    expect(a.activated).toEqual([1, 2, 1])
  })

  test('a version that cannot be put into effect leaves the one before, and is tried again at every look', async () => {
    const { store, activate, publish, startNode, poll } = world()
    await store.create(publication(1))
    let isFit = false
    const { node, lines } = await startNode('a', {
      activate({ number }) {
        if (number === 2 && !isFit) throw new Error('objectives.X: is unknown')
      },
    })
    await publish(2)
    await activate(2, { force: true })
    expect(node.status()).toMatchObject({
      inEffect: { number: 1, epoch: 1 },
      state: { kind: 'behind', target: 2, why: 'objectives.X: is unknown' },
      problems: { 2: ['objectives.X: is unknown'] },
    })
    expect(await store.leases()).toMatchObject([
      { note: 'behind: version 2 cannot be used', problems: { 2: ['objectives.X: is unknown'] } },
    ])
    isFit = true
    await poll()
    expect(node.status()).toMatchObject({
      inEffect: { number: 2, epoch: 2 },
      state: { kind: 'current' },
      problems: {},
    })
    expect(lines[lines.length - 1]).toBe('rules: version 2 is in effect, epoch 2, current')
  })

  test('an older version that is wanted is prepared, so that it can be activated', async () => {
    const { store, activate, publish, startNode } = world()
    await store.create(publication(1))
    for (let number = 2; number <= 12; number++) await publish(number)
    await activate(12)
    const a = await startNode('a')
    expect(a.prepared).toEqual([12, 1])
    expect(await activate(2)).toMatchObject({ kind: 'not prepared' })
    expect(a.prepared).toEqual([12, 1, 2])
    expect(await activate(2)).toMatchObject({ kind: 'activated' })
    expect(a.serves()).toEqual([2, 3, 'current'])
  })

  test('what was wanted is prepared no more once another version is active', async () => {
    const { store, activate, publish, startNode } = world()
    await store.create(publication(1))
    for (let number = 2; number <= 12; number++) await publish(number)
    await activate(11)
    await startNode('a')
    expect(await activate(2)).toMatchObject({ kind: 'not prepared' })
    expect(await store.head()).toMatchObject({ wanted: [2] })
    expect(await activate(12)).toMatchObject({ kind: 'activated' })
    expect(await store.head()).toMatchObject({ wanted: [] })
    const later = await startNode('b')
    expect(later.prepared).toEqual([12, 11])
  })

  test('it has the latest eight at hand, and those that may answer next', async () => {
    const { store, activate, publish, startNode } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    for (let number = 2; number <= 20; number++) await publish(number)
    await activate(2)
    const atHand = Array.from({ length: 21 }, (_, number) => number).filter((number) =>
      a.node.version(number),
    )
    expect(atHand).toEqual([1, 2, 13, 14, 15, 16, 17, 18, 19, 20])
    expect(a.node.version(13)?.text).toBe(textOf(13))
  })

  test('it tells the versions whose models are to stay: what answers, the one before, and what is pinned', async () => {
    const { store, activate, publish, startNode } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    for (let number = 2; number <= 6; number++) await publish(number)
    for (const number of [2, 3, 4]) await activate(number)
    await store.pin('b', 5)
    await settle()
    const held = () => a.node.versionsToHold().map(({ number }) => number)
    expect(held().sort()).toEqual([3, 4, 5])
    await store.rollback({ by: 'bob' })
    await settle()
    expect(held().sort()).toEqual([2, 3, 5])
  })

  test('of thousands of problems the others are told a few, and how many more', async () => {
    const { store, startNode } = world()
    await store.create(publication(1))
    const problems = Array.from({ length: 3000 }, (_, i) => `${i} ${'x'.repeat(1000)}`)
    const { node } = await startNode('a', { prepare: async () => problems })
    expect(node.status().problems[1]).toHaveLength(3000)
    const [{ problems: told }] = await store.leases()
    expect(told[1]).toHaveLength(11)
    expect(told[1][10]).toBe('and 2990 more')
    expect(JSON.stringify(told).length).toBeLessThan(6_000)
  })

  test('without a word from the store, a flip is found by looking', async () => {
    const { backend, store, activate, publish, startNode, poll } = world()
    await store.create(publication(1))
    jest.spyOn(backend, 'watch').mockReturnValue(() => {})
    const a = await startNode('a')
    await publish(2)
    expect(a.prepared).toEqual([1])
    await poll()
    expect(a.prepared).toEqual([1, 2])
    await activate(2, { force: true })
    expect(a.serves()).toEqual([1, 1, 'current'])
    await poll()
    expect(a.serves()).toEqual([2, 2, 'current'])
  })

  test('that it cannot report, once its last report has run out, and that it can again', async () => {
    const { backend, store, startNode, poll } = world()
    await store.create(publication(1))
    const a = await startNode('a', { leaseMs: 6_000 })
    const before = a.lines.length
    backend.isReadOnly = true
    for (let second = 1; second < 6; second++) await poll()
    expect(a.lines).toHaveLength(before)
    for (let second = 6; second < 20; second++) await poll()
    const silence = 'cannot report to the store, so no activation waits for it: the rule store: is read-only'
    expect(a.lines.slice(before)).toEqual([`rules: this node ${silence}`])
    expect(a.node.status()).toMatchObject({ state: { kind: 'current' }, isReady: true, silence })
    backend.isReadOnly = false
    await poll()
    await poll()
    expect(a.lines.slice(before + 1)).toEqual([
      'rules: this node reports to the store again, so activations wait for it',
    ])
    expect(a.node.status()).not.toHaveProperty('silence')
  })

  test('that it cannot report, at once where it never could', async () => {
    const { backend, store, startNode } = world()
    await store.create(publication(1))
    backend.isReadOnly = true
    const a = await startNode('a')
    expect(a.lines).toContain(
      'rules: this node cannot report to the store, so no activation waits for it: the rule store: is read-only',
    )
    expect(a.serves()).toEqual([1, 1, 'current'])
  })

  test('its lease is renewed while nothing happens, and given up when it leaves', async () => {
    const { backend, store, startNode, poll } = world()
    await store.create(publication(1))
    const a = await startNode('a', { leaseMs: 6_000 })
    const write = jest.spyOn(backend, 'writeReport')
    await poll()
    expect(write).toHaveBeenCalledTimes(0)
    await poll()
    expect(write).toHaveBeenCalledTimes(1)
    await a.node.dispose()
    expect(await store.leases()).toEqual([])
  })

  test('listeners hear of each version that is prepared, and that answers', async () => {
    const { store, activate, publish, startNode } = world()
    await store.create(publication(1))
    const { node } = await startNode('a')
    const heard: unknown[] = []
    node.changed(({ inEffect, prepared }) => heard.push([inEffect?.number, prepared]))
    await publish(2)
    await activate(2)
    expect(heard).toEqual([
      [1, [1, 2]],
      [2, [1, 2]],
    ])
  })
})

describe('pins', () => {
  test('a pinned node stays at its version until it is let go, and is where it was after a restart', async () => {
    const { backend, store, file, activate, publish, startNode } = world()
    await store.create(publication(1))
    const a = await startNode('a', { file })
    const b = await startNode('b')
    await publish(2)
    await publish(3)
    await store.pin('a', 1)
    await settle()
    await activate(2)
    await activate(3)
    expect(a.serves()).toEqual([1, 3, 'pinned'])
    expect(a.node.status().state).toEqual({ kind: 'pinned', active: 3 })
    expect(b.serves()).toEqual([3, 3, 'current'])
    await a.node.dispose()
    backend.isCut = true
    const again = await startNode('a', { file })
    expect(again.serves()).toEqual([1, 3, 'stale'])
    backend.isCut = false
    await store.pin('a', null)
    await settle()
    expect(again.serves()).toEqual([3, 3, 'current'])
  })

  test('it may be pinned to a version that it has not prepared', async () => {
    const { store, publish, startNode } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    a.holds.add(2)
    await publish(2)
    await store.pin('a', 2)
    await settle()
    expect(a.serves()).toEqual([2, 1, 'pinned'])
  })
})

test('a running node gives texts back that the store has lost, once it looks again', async () => {
  const { backend, store, activate, publish, startNode, poll } = world()
  await store.create(publication(1))
  const a = await startNode('a')
  await publish(2)
  await activate(2)
  backend.loseVersions()
  const b = await startNode('b')
  expect(b.node.status().state).toMatchObject({
    kind: 'behind',
    why: 'the store has lost the text of version 2: `presage rules restore FILE` brings it back from the copy of a node that has it',
  })
  await poll()
  expect(a.serves()).toEqual([2, 2, 'current'])
  expect(b.serves()).toEqual([2, 2, 'current'])
  expect(await store.get(1)).toMatchObject({ text: textOf(1) })
  expect(a.lines.at(-1)).toMatch(/got back what it had lost: Restored: 2 versions added/)
})

describe('starting', () => {
  test('it waits where there is nothing, and serves as soon as there is', async () => {
    const { store, startNode } = world()
    const a = await startNode('a')
    expect(a.node.status()).toMatchObject({
      state: {
        kind: 'waiting',
        why: 'nothing has been published yet; `presage rules publish FILE --create` does',
      },
      isReady: false,
    })
    await store.create()
    await settle()
    expect(a.node.status().state).toEqual({ kind: 'waiting', why: 'no version is active' })
    await store.publish(publication(1))
    await store.activate(1, { expected: null, by: 'ada', force: true })
    await settle()
    expect(a.serves()).toEqual([1, 1, 'current'])
  })

  test('it is ready only when it is prepared for what answers', async () => {
    const { store, startNode } = world()
    await store.create(publication(1))
    const held: ((problems: readonly string[]) => void)[] = []
    const { node } = await startNode('a', { prepare: () => new Promise((resolve) => held.push(resolve)) })
    expect(node.status()).toMatchObject({ inEffect: { number: 1 }, isReady: false })
    held[0]([])
    await settle()
    expect(node.status()).toMatchObject({ isReady: true, prepared: [1] })
  })

  test('it is not ready with an older version than the store has, and stays ready once it has been there', async () => {
    const { file, activate, publish, startNode, poll } = await worldLeftAt2()
    const unfit = new Set([2])
    const activate2 = ({ number }: { readonly number: number }) => {
      if (unfit.has(number)) throw new Error(`version ${number} does not fit`)
    }
    const { node } = await startNode('a', { file, activate: activate2 })
    expect(node.status()).toMatchObject({
      inEffect: { number: 1 },
      state: { kind: 'behind', target: 2, why: 'version 2 does not fit' },
      prepared: [1, 2],
      isReady: false,
    })
    unfit.clear()
    await poll()
    expect(node.status()).toMatchObject({ inEffect: { number: 2 }, isReady: true })
    unfit.add(3)
    await publish(3)
    await activate(3, { force: true })
    expect(node.status()).toMatchObject({
      inEffect: { number: 2 },
      state: { kind: 'behind', target: 3 },
      isReady: true,
    })
  })

  test('from its own disk it is ready, unless the store comes and its version cannot be used', async () => {
    const { backend, file, startNode, poll } = await worldLeftAt2()
    backend.isCut = true
    const { node } = await startNode('a', {
      file,
      activate({ number }) {
        if (number === 2) throw new Error('version 2 does not fit')
      },
    })
    expect(node.status()).toMatchObject({ inEffect: { number: 1 }, state: { kind: 'stale' }, isReady: true })
    backend.isCut = false
    await poll()
    expect(node.status()).toMatchObject({
      inEffect: { number: 1 },
      state: { kind: 'behind' },
      isReady: false,
    })
  })

  test('while the store is away it serves what it served last, from its own disk', async () => {
    const { backend, file, startNode, poll } = await worldLeftAt2()
    backend.isCut = true
    const a = await startNode('a', { file })
    expect(a.activated).toEqual([2])
    expect(a.node.status()).toMatchObject({
      inEffect: { number: 2, epoch: 2 },
      state: { kind: 'stale', cause: 'unreachable', why: 'the rule store: is cut' },
      isReady: true,
    })
    backend.isCut = false
    await poll()
    expect(a.serves()).toEqual([2, 2, 'current'])
    expect(a.activated).toEqual([2])
  })

  test('while the store is away, a copy that could not be put into effect is tried again', async () => {
    const { backend, file, startNode, poll } = await worldLeftAt2()
    backend.isCut = true
    let isFit = false
    const { node } = await startNode('a', {
      file,
      activate() {
        if (!isFit) throw new Error('its objective is not there')
      },
    })
    expect(node.status()).toMatchObject({ state: { kind: 'waiting' }, isReady: false })
    isFit = true
    await poll()
    expect(node.status()).toMatchObject({
      inEffect: { number: 2, epoch: 2 },
      state: { kind: 'stale', cause: 'unreachable' },
      isReady: true,
    })
  })

  test('while the store is away, what answers is prepared again when models have come', async () => {
    const { backend, file, startNode } = await worldLeftAt2()
    backend.isCut = true
    let problems: readonly string[] = ['m@2 is not ready']
    const a = await startNode('a', { file, prepare: async () => problems })
    expect(a.node.status()).toMatchObject({ isReady: false, problems: { 2: problems } })
    problems = []
    a.node.recheck()
    await settle()
    expect(a.node.status()).toMatchObject({ isReady: true, problems: {}, state: { kind: 'stale' } })
  })

  test('without a store and without a copy it waits, and says for what', async () => {
    const { backend, file, startNode } = world()
    backend.isCut = true
    const a = await startNode('a', { file })
    expect(a.node.status().state).toEqual({ kind: 'waiting', why: 'the rule store: is cut' })
    expect(a.activated).toEqual([])
  })

  test.each([
    ['no JSON', 'half', 'got "half"'],
    ['something else', '{}', 'id: '],
    ['a changed text', '', 'does not match its hash'],
  ])('a copy that holds %s is not used, and is told', async (_, text, expected) => {
    const { backend, store, file, startNode } = world()
    await store.create(publication(1))
    const first = await startNode('a', { file })
    await first.node.dispose()
    writeFileSync(file, text === '' ? readFileSync(file, 'utf8').replace('rater@1', 'rater@7') : text)
    backend.isCut = true
    const a = await startNode('a', { file })
    expect(a.activated).toEqual([])
    expect(a.lines[0]).toContain(expected)
  })

  test('a copy that cannot be written is told once, and stops nothing', async () => {
    const { store, file, activate, publish, startNode } = world()
    writeFileSync(join(file, '..', '..', 'kept'), 'in the way')
    await store.create(publication(1))
    const a = await startNode('a', { file })
    await publish(2)
    await activate(2)
    await a.node.dispose()
    expect(a.activated).toEqual([1, 2])
    expect(a.lines.filter((line) => line.includes('cannot be written to disk'))).toHaveLength(1)
    expect(existsSync(file)).toBe(false)
  })
})

describe('without the store', () => {
  test('it serves on, says why, and follows when the store is back', async () => {
    const { backend, store, activate, publish, startNode, poll } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    await publish(2)
    backend.isCut = true
    await poll()
    expect(a.node.status()).toMatchObject({
      inEffect: { number: 1 },
      state: { kind: 'stale', cause: 'unreachable', why: 'the rule store: is cut' },
    })
    backend.isCut = false
    await activate(2, { force: true })
    expect(a.serves()).toEqual([2, 2, 'current'])
    expect(a.lines).toEqual([
      'rules: version 1 is in effect, epoch 1, current',
      'rules: version 1 is in effect, epoch 1, stale (the rule store: is cut)',
      'rules: version 2 is in effect, epoch 2, current',
    ])
  })

  test('a store that came back empty counts as lost until it is restored, and no number is given again', async () => {
    const { backend, store, activate, publish, startNode, poll } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    const b = await startNode('b')
    for (const number of [2, 3]) await publish(number)
    await activate(3)
    backend.empty()
    await poll()
    expect([a.serves(), b.serves()]).toEqual([
      [3, 2, 'stale'],
      [3, 2, 'stale'],
    ])
    expect(a.node.status().state).toMatchObject({ cause: 'lost' })
    expect((await store.leases()).map(({ node, inEffect }) => [node, inEffect])).toEqual([
      ['a', 3],
      ['b', 3],
    ])
    const lost = { kind: 'nothing there', floor: { number: 3, epoch: 2 } }
    expect(await store.create(publication(9))).toEqual(lost)
    expect(await publish(9)).toEqual(lost)
    expect(await store.restore(b.node.copy()!, 'ada')).toMatchObject({ kind: 'restored', added: [1, 2, 3] })
    await settle()
    expect([a.serves(), b.serves()]).toEqual([
      [3, 3, 'current'],
      [3, 3, 'current'],
    ])
    expect(await publish(4)).toMatchObject({ version: { number: 4 } })
    expect(a.activated).toEqual([1, 3])
  })

  test('a node that may restores a store that came back empty by itself, and gives no number again', async () => {
    const { backend, store, activate, publish, startNode, poll } = world()
    await store.create(publication(1))
    const a = await startNode('a', { restores: true })
    await publish(2)
    await activate(2)
    backend.empty()
    await poll()
    expect(a.serves()).toEqual([2, 3, 'current'])
    expect((await store.history()).map(({ number }) => number)).toEqual([2, 1])
    expect(await publish(3)).toMatchObject({ version: { number: 3 } })
    expect(a.lines).toContainEqual(
      expect.stringMatching(
        /^the rule store came back empty, and is restored from this node: Restored: 2 versions/,
      ),
    )
  })

  test('what the restoring node did not have, the others bring', async () => {
    const { backend, store, publish, startNode, poll } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    const poor = a.node.copy()!
    for (const number of [2, 3]) await publish(number)
    backend.empty()
    await poll()
    await store.restore(poor, 'ada')
    await settle()
    expect((await store.history()).map(({ number }) => number)).toEqual([3, 2, 1])
    expect(await store.get(3)).toEqual(a.node.version(3))
  })

  test('a node that starts with a copy does not take an empty store for a new one', async () => {
    const { backend, store, file, startNode } = world()
    await store.create(publication(1))
    const first = await startNode('a', { file })
    await first.node.dispose()
    backend.empty()
    const a = await startNode('a', { file })
    expect(a.serves()).toEqual([1, 1, 'stale'])
    expect(await store.create(publication(9))).toMatchObject({ kind: 'nothing there' })
    const copy = readNodeCopy(file)!
    expect(copy).toMatchObject({ active: { number: 1, epoch: 1 }, highest: 1 })
    expect(await store.restore(copy, 'ada')).toMatchObject({ kind: 'restored' })
    await settle()
    expect(a.serves()).toEqual([1, 2, 'current'])
  })

  test('a store that was made anew in between is not followed, until it takes over what was lost', async () => {
    const { backend, store, publish, activate, startNode, poll } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    await publish(2)
    await activate(2)
    backend.empty()
    await store.create(publication(50))
    await settle()
    expect(a.serves()).toEqual([2, 2, 'stale'])
    expect(a.node.status().state).toMatchObject({ cause: 'another store' })
    await poll()
    expect(a.activated).toEqual([1, 2])
    expect(await store.restore(a.node.copy()!, 'ada')).toMatchObject({ kind: 'another store' })
    expect(await store.restore(a.node.copy()!, 'ada', { replace: true })).toMatchObject({
      kind: 'restored',
      added: [3, 4],
      active: { number: 4, epoch: 3 },
    })
    await settle()
    expect(a.serves()).toEqual([4, 3, 'current'])
    const versions = await Promise.all([1, 3, 4].map((number) => store.get(number)))
    expect(versions.map((version) => version?.text)).toEqual([textOf(50), textOf(1), textOf(2)])
    expect(versions[2]?.message).toBe('number 2 (was version 2)')
  })

  test('a store that takes over is prepared for once the preparation under way is over, which counts for nothing', async () => {
    const { backend, store, activate, publish, startNode } = world()
    await store.create(publication(1))
    const a = await startNode('a')
    await publish(2)
    await activate(2)
    a.holds.add(3)
    await publish(3)
    expect(a.prepared).toEqual([1, 2, 3])
    backend.empty()
    await store.create(publication(50))
    await settle()
    await store.restore(a.node.copy()!, 'ada', { replace: true })
    await settle()
    expect(a.prepared).toEqual([1, 2, 3])
    a.holds.clear()
    a.held.get(3)!([])
    await settle()
    expect(a.prepared.slice(3)).toEqual([5, 1, 6])
    expect(a.node.status().prepared).toEqual([1, 5, 6])
  })

  test('a node whose configuration names another store says so, and follows it once its copy is taken away', async () => {
    const [before, after] = [world(), world()]
    const { file } = before
    await before.store.create(publication(1))
    await after.store.create(publication(50))
    await (await before.startNode('a', { file })).node.dispose()
    const a = await after.startNode('a', { file })
    expect(a.serves()).toEqual([1, 1, 'stale'])
    expect(a.node.version(1)?.text).toBe(textOf(1))
    expect(a.node.status().state).toMatchObject({
      why: expect.stringMatching(/^the store \(.+\) is not the one .* or the configuration names another$/),
    })
    await a.node.dispose()
    rmSync(file)
    const b = await after.startNode('a', { file })
    expect(b.serves()).toEqual([1, 1, 'current'])
    expect(b.node.version(1)?.text).toBe(textOf(50))
  })

  test('a store that has forgotten its last flips is given them back, and nobody goes back an epoch', async () => {
    const { backend, store, activate, publish, startNode, poll } = world()
    await store.create(publication(1))
    const before = await backend.readHead()
    const first = (await backend.readVersion(1))!
    const a = await startNode('a')
    const b = await startNode('b')
    await publish(2)
    await activate(2)
    backend.empty()
    await backend.commit(await backend.readHead(), before.head, [first])
    await settle()
    await poll()
    expect([a.serves(), b.serves()]).toEqual([
      [2, 2, 'current'],
      [2, 2, 'current'],
    ])
    expect([a.activated, b.activated]).toEqual([
      [1, 2],
      [1, 2],
    ])
    expect(await store.head()).toMatchObject({ highest: 2, active: { number: 2, epoch: 2 } })
    expect(a.lines.concat(b.lines).filter((line) => line.includes('got back what it had lost'))).toHaveLength(
      1,
    )
  })

  test('a known number with another hash is refused', async () => {
    const { backend, store, activate, publish, startNode, poll } = world()
    await store.create(publication(1))
    const before = await backend.readHead()
    const first = (await backend.readVersion(1))!
    const a = await startNode('a')
    await publish(2)
    a.node.look()
    await settle()
    backend.isCut = true
    backend.empty()
    backend.isCut = false
    await backend.commit(await backend.readHead(), before.head, [first])
    await store.publish(publication(77))
    await store.activate(2, { expected: 1, by: 'eve', force: true })
    await settle()
    await poll()
    expect(a.serves()).toEqual([1, 1, 'behind'])
    expect(a.node.status().problems[2]).toEqual([expect.stringContaining('must have the hash')])
    expect(await activate(1, { force: true })).toMatchObject({ kind: 'activated' })
    expect(a.serves()).toEqual([1, 3, 'current'])
  })

  test('so is one whose text it has long forgotten, after a restart too', async () => {
    const { backend, store, file, activate, publish, startNode } = world()
    await store.create(publication(1))
    const first = await startNode('a', { file })
    for (let number = 2; number <= 12; number++) await publish(number)
    await first.node.dispose()
    expect(readNodeCopy(file)!.versions.map(({ number }) => number)).toEqual([1, 5, 6, 7, 8, 9, 10, 11, 12])
    const { head } = await backend.readHead()
    const infos = await backend.readInfos()
    const versions = await Promise.all(infos.map(async ({ number }) => (await backend.readVersion(number))!))
    const forged = versions.map((version) =>
      version.number === 2 ? { ...version, text: textOf(99), sha256: sha256Of(textOf(99)) } : version,
    )
    backend.empty()
    await backend.commit(await backend.readHead(), head, forged)
    const a = await startNode('a', { file })
    expect(await activate(2, { force: true })).toMatchObject({ kind: 'activated' })
    expect(a.node.status()).toMatchObject({
      inEffect: { number: 1 },
      state: { kind: 'behind', target: 2, why: expect.stringContaining('must have the hash') },
    })
    await activate(3, { force: true })
    expect(a.serves()).toEqual([3, 3, 'current'])
  })

  test('what it has it offers once, not at every look', async () => {
    const { backend, store, file, startNode, poll } = world()
    await store.create(publication(1))
    const first = await startNode('a', { file })
    await first.node.dispose()
    const list = jest.spyOn(backend, 'readInfos')
    await startNode('a', { file })
    for (let i = 0; i < 5; i++) await poll()
    expect(list).toHaveBeenCalledTimes(1)
  })
})
