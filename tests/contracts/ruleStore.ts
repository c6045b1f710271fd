import { canonicalJson } from '../../routing/ruleSet/canonicalJson'
import type { MadeHead } from '../../routing/store/head'
import type { NodeReport } from '../../routing/store/lease'
import type { NodeCopy } from '../../routing/store/nodeCopy'
import type { Publication } from '../../routing/store/ruleSetVersion'
import { sha256Of } from '../../routing/store/ruleSetVersion'
import type { RuleStore } from '../../routing/store/ruleStore'

export interface StorePlace {
  /** One more view of the same store, such as another process has it. */
  open(): Promise<RuleStore>
  /** Takes everything that is stored away. */
  empty(): Promise<void>
  /** Takes the texts of all versions away, and no more than has to go with them. */
  loseTexts(): Promise<void>
  /** Puts the place back to where it was at `remember`, as a Redis does that lost its last seconds. */
  remember(): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** What every store of rule sets promises, wherever it keeps them. */
export function ruleStoreContract(start: () => Promise<StorePlace>): void {
  let place: StorePlace
  let store: RuleStore
  const opened: RuleStore[] = []

  const another = async () => {
    const next = await place.open()
    opened.push(next)
    return next
  }

  beforeEach(async () => {
    place = await start()
    store = await another()
  })

  afterEach(async () => {
    for (const one of opened.splice(0)) await one.dispose()
    await place.close()
  })

  /** Publishes and activates, by whoever. */
  const go = async (number: number, expected: number | null) =>
    store.activate(number, { expected, by: 'ada', force: true })
  /** Versions 1 to `count`, the first one active. */
  const filled = async (count: number) => {
    await store.create(publication(1))
    for (let number = 2; number <= count; number++) await store.publish(publication(number))
  }
  const head = async () => {
    const now = await store.head()
    if (now.kind !== 'made') throw new Error('not made')
    return now
  }

  describe('versions', () => {
    it('are numbered from 1, and carry hash, author, time and message', async () => {
      await store.create()
      const published = await store.publish(publication(1))
      expect(published).toMatchObject({
        kind: 'published',
        version: {
          number: 1,
          author: 'ada',
          message: 'number 1',
          text: textOf(1),
          sha256: sha256Of(textOf(1)),
        },
      })
      const version = await store.get(1)
      expect(version).toEqual((published as { version: unknown }).version)
      expect(new Date(version!.time).toISOString()).toBe(version!.time)
    })

    it('are there for another process, and are listed without their texts, the newest first', async () => {
      await filled(3)
      const other = await another()
      expect(await other.get(2)).toEqual(await store.get(2))
      const history = await other.history()
      expect(history.map(({ number, message }) => [number, message])).toEqual([
        [3, 'number 3'],
        [2, 'number 2'],
        [1, 'number 1'],
      ])
      expect(history.some((info) => 'text' in info)).toBe(false)
    })

    it('that do not exist are undefined', async () => {
      await filled(2)
      for (const number of [0, -1, 3, 1.5, Number.NaN, 1e21]) expect(await store.get(number)).toBeUndefined()
    })

    it('may hold any text, also an enormous one', async () => {
      await store.create()
      const text = canonicalJson({ 'é\u2028😀"\n': 'x'.repeat(3_000_000) })
      await store.publish({ text, author: 'ünal', message: 'ß' })
      expect((await (await another()).get(1))?.text).toBe(text)
    })

    it('never share a number, however many publish at once from several processes', async () => {
      await store.create()
      const stores = [store, await another(), await another()]
      const outcomes = await Promise.all(
        Array.from({ length: 30 }, (_, i) => stores[i % 3].publish(publication(i))),
      )
      const versions = outcomes.map((outcome) => {
        if (outcome.kind !== 'published') throw new Error(outcome.kind)
        return outcome.version
      })
      expect(versions.map(({ number }) => number).sort((a, b) => a - b)).toEqual(
        Array.from({ length: 30 }, (_, i) => i + 1),
      )
      for (const version of versions) expect(await store.get(version.number)).toEqual(version)
    })

    it('after a version that is the newest no more are not published', async () => {
      await store.create()
      const outcomes = await Promise.all(
        [store, await another()].map((one) => one.publish(publication(1), { after: 0 })),
      )
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['overtaken', 'published'])
      expect(await store.publish(publication(2), { after: 0 })).toEqual({ kind: 'overtaken', highest: 1 })
      expect(await store.publish(publication(2), { after: 1 })).toMatchObject({ version: { number: 2 } })
    })

    it('with the same text are versions of their own', async () => {
      await filled(1)
      const again = await store.publish(publication(1))
      expect(again).toMatchObject({ kind: 'published', version: { number: 2, sha256: sha256Of(textOf(1)) } })
    })
  })

  describe('making the store', () => {
    it('is needed before anything is published', async () => {
      const nothing = { kind: 'nothing there', floor: { number: 0, epoch: 0 } }
      expect(await store.publish(publication(1))).toEqual(nothing)
      expect(await go(1, null)).toEqual(nothing)
      expect(await store.rollback({ by: 'ada' })).toEqual(nothing)
      expect(await store.pin('a', 1)).toEqual(nothing)
      expect(await store.history()).toEqual([])
    })

    it('with a first version publishes and activates it at once', async () => {
      expect(await store.create(publication(1))).toMatchObject({ kind: 'created', version: { number: 1 } })
      expect((await head()).active).toMatchObject({ number: 1, epoch: 1, kind: 'create', by: 'ada' })
    })

    it('is done once, by one of those who try', async () => {
      const stores = [store, await another(), await another()]
      const outcomes = await Promise.all(stores.map((one, i) => one.create(publication(i))))
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['created', 'there already', 'there already'])
      expect(await store.history()).toHaveLength(1)
    })
  })

  describe('activate', () => {
    it('flips the pointer to the next epoch, for everybody', async () => {
      await filled(2)
      expect(await go(2, 1)).toMatchObject({ kind: 'activated', active: { number: 2, epoch: 2 } })
      const seen = await (await another()).head()
      expect(seen).toMatchObject({ active: { number: 2, epoch: 2, sha256: sha256Of(textOf(2)), by: 'ada' } })
    })

    it('tells what is active now, and changes nothing, if that is not what the caller saw', async () => {
      await filled(3)
      await go(2, 1)
      const before = await head()
      for (const expected of [1, 3, null]) {
        expect(await go(3, expected)).toEqual({ kind: 'conflict', active: before.active })
      }
      expect(await head()).toEqual(before)
    })

    it('lets one win of many who saw the same', async () => {
      await filled(10)
      const other = await another()
      const outcomes = await Promise.all(
        Array.from({ length: 9 }, (_, i) =>
          (i % 2 === 0 ? store : other).activate(i + 2, { expected: 1, by: `ops-${i}` }),
        ),
      )
      const won = outcomes.filter(({ kind }) => kind === 'activated')
      expect(won).toHaveLength(1)
      expect(outcomes.filter(({ kind }) => kind === 'conflict')).toHaveLength(8)
      const { active } = await head()
      expect(won[0]).toEqual({ kind: 'activated', active })
      expect(active?.epoch).toBe(2)
    })

    it('of the active version changes nothing', async () => {
      await filled(1)
      const before = await head()
      expect(await go(1, 1)).toEqual({ kind: 'activated', active: before.active })
      expect(await head()).toEqual(before)
    })

    it('knows only versions that there are', async () => {
      await filled(2)
      expect(await go(3, 1)).toEqual({ kind: 'unknown version', number: 3 })
    })

    it('needs all nodes with a lease to be prepared, and names those that are not', async () => {
      await filled(2)
      await store.report(report('a', [1, 2]), 60_000)
      await store.report({ ...report('b', [1]), problems: { 2: ['no model x@2'] } }, 60_000)
      await store.report(report('c', [1]), 60_000)
      const outcome = await store.activate(2, { expected: 1, by: 'ada' })
      expect(outcome).toEqual({
        kind: 'not prepared',
        prepared: 1,
        leased: 3,
        missing: [
          { node: 'b', problems: ['no model x@2'] },
          { node: 'c', problems: [] },
        ],
      })
      expect((await head()).active?.number).toBe(1)
      for (const node of ['b', 'c']) await store.report(report(node, [2]), 60_000)
      expect(await store.activate(2, { expected: 1, by: 'ada' })).toMatchObject({ kind: 'activated' })
    })

    it('goes on with a quorum of prepared nodes, or by force', async () => {
      await filled(3)
      for (let i = 0; i < 10; i++) await store.report(report(`n${i}`, i < 9 ? [2] : []), 60_000)
      expect(await store.activate(2, { expected: 1, by: 'ada', quorum: 0.95 })).toMatchObject({
        kind: 'not prepared',
        prepared: 9,
        leased: 10,
      })
      expect(await store.activate(2, { expected: 1, by: 'ada', quorum: 0.9 })).toMatchObject({
        kind: 'activated',
        active: { kind: 'activate' },
      })
      expect(await store.activate(3, { expected: 2, by: 'ada', force: true })).toMatchObject({
        kind: 'activated',
        active: { kind: 'force' },
      })
      await expect(store.activate(2, { expected: 3, by: 'ada', quorum: 0 })).rejects.toThrow(RangeError)
    })

    it('does not wait for nodes that have left, or whose lease has ended', async () => {
      await filled(2)
      await store.report(report('left', []), 60_000)
      await store.leave('left')
      await store.report(report('dead', []), -1)
      expect(await store.activate(2, { expected: 1, by: 'ada' })).toMatchObject({ kind: 'activated' })
    })
  })

  describe('rollback', () => {
    it('goes to the version that was active before, and from there further back', async () => {
      await filled(4)
      for (const number of [2, 3, 4]) await go(number, number - 1)
      expect(await store.rollback({ by: 'bob' })).toMatchObject({
        kind: 'rolled back',
        active: { number: 3, epoch: 5, kind: 'rollback', by: 'bob' },
        from: { number: 4 },
      })
      expect(await store.rollback({ by: 'bob' })).toMatchObject({ active: { number: 2, epoch: 6 } })
      expect((await head()).trail).toEqual([1])
    })

    it('is not refused while nodes are not prepared', async () => {
      await filled(2)
      await go(2, 1)
      await store.report({ ...report('a', [2]), problems: { 1: ['gone'] } }, 60_000)
      expect(await store.rollback({ by: 'bob' })).toMatchObject({
        kind: 'rolled back',
        active: { number: 1 },
      })
    })

    it('of two who roll the same version back goes one step', async () => {
      await filled(3)
      await go(2, 1)
      await go(3, 2)
      const other = await another()
      const outcomes = await Promise.all(
        [store, other].map((one) => one.rollback({ by: 'bob', expected: 3 })),
      )
      expect(outcomes.map(({ kind }) => kind).sort()).toEqual(['conflict', 'rolled back'])
      expect((await head()).active?.number).toBe(2)
    })

    it('changes nothing if it would make another version active than the caller saw', async () => {
      await filled(3)
      await go(2, 1)
      await go(3, 2)
      const before = await head()
      const outcome = await store.rollback({ by: 'bob', expected: 3, to: 1 })
      expect(outcome).toEqual({ kind: 'another before', previous: 2 })
      expect(await head()).toEqual(before)
      expect(await store.rollback({ by: 'bob', expected: 3, to: 2 })).toMatchObject({ active: { number: 2 } })
    })

    it('says so where nothing was active before', async () => {
      await filled(2)
      expect(await store.rollback({ by: 'bob' })).toMatchObject({
        kind: 'nothing before',
        active: { number: 1 },
      })
      await go(2, 1)
      await store.rollback({ by: 'bob' })
      expect(await store.rollback({ by: 'bob' })).toMatchObject({
        kind: 'nothing before',
        active: { number: 1 },
      })
    })

    it('remembers sixteen steps', async () => {
      await filled(20)
      for (let number = 2; number <= 20; number++) await go(number, number - 1)
      const numbers: number[] = []
      for (;;) {
        const outcome = await store.rollback({ by: 'bob' })
        if (outcome.kind !== 'rolled back') break
        numbers.push(outcome.active.number)
      }
      expect(numbers).toEqual(Array.from({ length: 16 }, (_, i) => 19 - i))
    })
  })

  describe('nodes', () => {
    it('are pinned to a version and let go, each for itself', async () => {
      await filled(2)
      expect(await store.pin('a', 2)).toEqual({ kind: 'pinned' })
      expect(await store.pin('b', 1)).toEqual({ kind: 'pinned' })
      expect((await head()).pins).toEqual({ a: 2, b: 1 })
      expect(await store.pin('a', null)).toEqual({ kind: 'unpinned' })
      expect((await head()).pins).toEqual({ b: 1 })
      expect(await store.pin('a', 9)).toEqual({ kind: 'unknown version', number: 9 })
      expect((await head()).active?.epoch).toBe(1)
    })

    it('are known by their latest report, by name', async () => {
      await filled(1)
      await store.report(report('b', [1]), 60_000)
      const said: NodeReport = {
        node: 'a',
        inEffect: 1,
        epoch: 1,
        prepared: [1],
        problems: { 2: ['objectives.X: "é"'] },
        note: 'stale',
      }
      await store.report(report('a', []), 60_000)
      await store.report(said, 60_000)
      expect(await (await another()).leases()).toEqual([said, report('b', [1])])
    })

    it('that leave do not take along the report of another process that has their name now', async () => {
      await filled(1)
      const next = await another()
      await store.report(report('a', []), 60_000)
      await next.report(report('a', [1]), 60_000)
      await store.leave('a')
      expect(await store.leases()).toEqual([report('a', [1])])
      await next.leave('a')
      expect(await store.leases()).toEqual([])
    })

    it.each(['', '.', '..', '-a', 'a/b', 'a\u0000', 'x'.repeat(101), 'a b'])(
      'are not named %p',
      async (node) => {
        expect(() => store.report(report(node, []), 1)).toThrow('the name of a node')
        expect(() => store.pin(node, 1)).toThrow('the name of a node')
      },
    )

    it.each(['__proto__', 'constructor', 'a..b'])('may be named %p', async (node) => {
      await filled(1)
      await store.report(report(node, [1]), 60_000)
      await store.pin(node, 1)
      expect((await store.leases()).map((one) => one.node)).toEqual([node])
      expect(Object.entries((await head()).pins)).toEqual([[node, 1]])
      await store.leave(node)
      expect(await store.leases()).toEqual([])
    })
  })

  it('tells subscribers of every kind of change, from whichever process, until they leave', async () => {
    await filled(2)
    const other = await another()
    let told = 0
    let wake = () => {}
    const leave = other.subscribe(() => {
      told++
      wake()
    })
    /** Settles when the other sees the head change to what is asked for: it looks only when it is told. */
    const until = (isThere: (head: MadeHead) => boolean) =>
      new Promise<void>((resolve, reject) => {
        wake = () => {
          other.head().then((now) => {
            if (now.kind === 'made' && isThere(now)) resolve()
          }, reject)
        }
        wake()
      })
    await Promise.all([until(({ highest }) => highest === 3), store.publish(publication(3))])
    await Promise.all([until(({ active }) => active?.number === 3), go(3, 1)])
    await Promise.all([until(({ active }) => active?.number === 1), store.rollback({ by: 'bob' })])
    await Promise.all([until(({ pins }) => pins['a'] === 2), store.pin('a', 2)])
    leave()
    const before = told
    await go(2, 1)
    await other.head()
    await store.head()
    expect(told).toBe(before)
  })

  describe('after a loss', () => {
    it('nothing is published or activated in a store that came back empty, until it is restored', async () => {
      await filled(3)
      await go(3, 1)
      const copy = await copyOf(store)
      await place.empty()
      expect(await store.head()).toMatchObject({ kind: 'nothing' })
      await store.remember({ number: 3, epoch: 2 })
      const lost = { kind: 'nothing there', floor: { number: 3, epoch: 2 } }
      expect(await store.publish(publication(4))).toEqual(lost)
      expect(await store.create(publication(4))).toEqual(lost)
      expect(await store.heal(copy, 'node')).toEqual(lost)
      expect(await store.restore(copy, 'ada')).toMatchObject({
        kind: 'restored',
        added: [1, 2, 3],
        active: { number: 3, epoch: 3, kind: 'restore', by: 'ada' },
      })
      expect(await store.history()).toHaveLength(3)
      expect(await store.get(2)).toEqual(copy.versions[1])
      expect((await head()).id).toBe(copy.id)
      expect(await store.rollback({ by: 'bob' })).toMatchObject({ active: { number: 1, epoch: 4 } })
    })

    it('numbers and epochs go on above what any node remembers', async () => {
      await filled(2)
      const copy = await copyOf(store)
      await place.empty()
      await store.remember({ number: 7, epoch: 3 })
      await store.remember({ number: 5, epoch: 9 })
      expect(await store.restore(copy, 'ada')).toMatchObject({ active: { number: 1, epoch: 10 } })
      expect(await store.publish(publication(8))).toMatchObject({ version: { number: 8 } })
    })

    it('a second node adds what the first did not have, and moves nothing', async () => {
      await filled(4)
      const whole = await copyOf(store)
      const poor = { ...whole, versions: whole.versions.slice(0, 1), highest: 1 }
      await place.empty()
      await store.remember({ number: 4, epoch: 1 })
      await store.restore(poor, 'ada')
      const { active } = await head()
      expect(await store.heal(whole, 'b')).toEqual({
        kind: 'restored',
        added: [2, 3, 4],
        refused: [],
        active,
      })
      expect(await store.heal(whole, 'b')).toEqual({ kind: 'nothing to do', active })
      expect(await store.history()).toHaveLength(4)
    })

    it('a version keeps its text, whatever a copy says', async () => {
      await filled(2)
      const copy = await copyOf(store)
      const text = textOf(99)
      const forged = { ...copy.versions[1], text, sha256: sha256Of(text) }
      expect(await store.restore({ ...copy, highest: 3, versions: [forged] }, 'eve')).toMatchObject({
        kind: 'restored',
        added: [],
        refused: [2],
      })
      expect((await store.get(2))?.text).toBe(textOf(2))
    })

    it('a store that was made anew takes nothing of the one before, but gives no number again', async () => {
      await filled(3)
      const copy = await copyOf(store)
      await place.empty()
      expect(await store.create(publication(50))).toMatchObject({ kind: 'created', version: { number: 1 } })
      await store.remember({ number: 3, epoch: 1 })
      expect(await store.restore(copy, 'ada')).toEqual({ kind: 'another store', id: (await head()).id })
      expect(await store.publish(publication(51))).toMatchObject({ version: { number: 4 } })
    })

    it('it may take over what was lost under new numbers, once', async () => {
      await filled(3)
      await go(2, 1)
      const copy = await copyOf(store)
      await place.empty()
      await store.create(publication(50))
      const outcome = await store.restore(copy, 'ada', { replace: true })
      expect(outcome).toMatchObject({
        kind: 'restored',
        added: [4, 5, 6],
        refused: [],
        active: { number: 5, epoch: 3, kind: 'restore' },
      })
      const { active } = await head()
      expect(await store.restore(copy, 'bob', { replace: true })).toEqual({ kind: 'nothing to do', active })
      const texts = await Promise.all([1, 4, 5, 6].map(async (number) => (await store.get(number))?.text))
      expect(texts).toEqual([50, 1, 2, 3].map(textOf))
      expect(await store.rollback({ by: 'bob' })).toMatchObject({ active: { number: 1, epoch: 4 } })
    })

    it('a store that lost its last changes is given them again, and the later flip wins', async () => {
      await filled(2)
      const back = await place.remember()
      await store.publish(publication(3))
      await go(3, 1)
      const copy = await copyOf(store)
      await back()
      expect((await head()).active?.number).toBe(1)
      expect(await store.heal(copy, 'a')).toMatchObject({
        kind: 'restored',
        added: [3],
        active: { number: 3, epoch: 2 },
      })
      expect(await store.get(3)).toEqual(copy.versions[2])
      expect(await store.rollback({ by: 'bob' })).toMatchObject({ active: { number: 1 } })
    })

    it('texts alone are told to be lost, and come back from a copy, also to a node that offers it', async () => {
      await filled(3)
      await go(2, 1)
      const copy = await copyOf(store)
      for (const giveBack of ['restore', 'heal'] as const) {
        expect(await store.has(2)).toBe(true)
        await place.loseTexts()
        expect(await store.has(2)).toBe(false)
        expect(await store.get(2)).toBeUndefined()
        expect(await go(3, 2)).toEqual({ kind: 'lost version', number: 3 })
        expect(await go(2, 2)).toEqual({ kind: 'lost version', number: 2 })
        expect(await go(4, 2)).toEqual({ kind: 'unknown version', number: 4 })
        expect(await store.pin('a', 3)).toEqual({ kind: 'lost version', number: 3 })
        expect(await store.rollback({ by: 'bob' })).toEqual({ kind: 'lost version', number: 1 })
        expect(await store[giveBack](copy, 'ada')).toMatchObject({
          kind: 'restored',
          added: [1, 2, 3],
          refused: [],
          active: { number: 2, epoch: 2 },
        })
        expect(await copyOf(store)).toEqual(copy)
        expect(await store[giveBack](copy, 'ada')).toMatchObject({ kind: 'nothing to do' })
      }
    })

    it('where a lost flip and one since have the same epoch, the one that the store has stays, an epoch later', async () => {
      await filled(3)
      const back = await place.remember()
      await go(3, 1)
      const copy = await copyOf(store)
      await back()
      await go(2, 1)
      expect(await store.heal(copy, 'a')).toMatchObject({ active: { number: 2, epoch: 3 } })
      expect((await head()).trail).toEqual([1])
    })
  })
}

export function textOf(number: number): string {
  return canonicalJson({ objectives: { RATING: { default: `rater@${number}` } } })
}

export function publication(number: number): Publication {
  return { text: textOf(number), author: 'ada', message: `number ${number}` }
}

export function report(node: string, prepared: readonly number[]): NodeReport {
  return { node, epoch: 1, prepared, problems: {} }
}

/** What a node that knows everything remembers. */
export async function copyOf(store: RuleStore): Promise<NodeCopy> {
  const head = await store.head()
  if (head.kind !== 'made') throw new Error('not made')
  const infos = await store.history()
  const versions = await Promise.all(infos.map(({ number }) => store.get(number)))
  return {
    id: head.id,
    highest: head.highest,
    active: head.active,
    trail: [...head.trail],
    pins: head.pins,
    hashes: Object.fromEntries(infos.map(({ number, sha256 }) => [number, sha256])),
    versions: versions.reverse().map((version) => version!),
  }
}
