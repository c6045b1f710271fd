import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock } from '../../../lib/clock'
import { Emitter } from '../../../lib/events'
import { packageRoot } from '../../../lib/packagePaths'
import { AbortableCaller } from '../../../lib/request/caller'
import { defer } from '../../../lib/scheduling/deferred'
import type { Model } from '../../../models/contracts/model'
import { loadRepository } from '../../../models/repository/repository'
import { loadVersion } from '../../../serving/repository/loadVersion'
import { metricNames } from '../../../workers/batching/modelMetrics'
import { maxInlineGraphBytes } from '../../../workers/inline/inlineSeat'
import { createShard, type ShardOptions } from '../../../workers/shard'
import { paymentRisk } from '../../contracts/worker'
import { callerOf } from '../../support/callerOf'
import { CountedMetrics } from '../../support/countedMetrics'
import { FakeClock, settle } from '../../support/fakeClock'
import { outcomes } from '../../support/heldShard'
import { numberModel } from '../../support/numberModel'
import { type TimedRuns, TimedWorker } from '../../support/timedWorker'
import { until } from '../../support/until'
import { warmUpBatch } from './warmUpBatch'

/** A shard of one thread and this thread, whose runs take what `runs` says; `model` is warmed with 1 and 100 rows. */
async function timedShard(
  runs: TimedRuns,
  {
    model = numberModel('number@1', { maxRows: 1_000 }),
    graphPath = paymentRisk,
    ...options
  }: Partial<ShardOptions> & { model?: Model; graphPath?: string } = {},
) {
  const clock = new FakeClock()
  const metrics = new CountedMetrics()
  const thread = new TimedWorker('main-1', 'thread', runs)
  const inline = new TimedWorker('main-inline', 'inline', runs)
  const shard = await createShard({
    name: 'main',
    kind: 'thread',
    workers: 1,
    clock,
    metrics,
    start: async () => thread,
    startInline: () => inline,
    ...options,
  })
  await shard.load(model.key, graphPath)
  const warmUp = [1, 100].map((rows) =>
    warmUpBatch(() => model.preprocess([new Array<number>(rows).fill(0)], rows)),
  )
  await shard.warm(model.key, warmUp)
  shard.serve(model)
  for (const worker of [thread, inline]) worker.batches.length = 0
  return {
    shard,
    clock,
    metrics,
    thread,
    inline,
    submit: (values: readonly number[], deadlineMs = 1_000, signal?: AbortSignal) =>
      shard.submit(model.key, [values], values.length, {
        deadline: clock.now() + deadlineMs,
        caller: signal && callerOf(signal),
      }),
  }
}

describe('a shard that loads versions all the time', () => {
  it('opens a session on this thread only for one that has run often', async () => {
    const { submit, thread, inline, shard } = await timedShard({ ms: () => 0.02 }, { loadsOften: true })
    for (let batch = 0; batch < 101; batch++) await submit([1])
    expect(thread.batches.length).toBeGreaterThan(80)
    await until(() => shard.copies('number@1') === 2)
    inline.batches.length = 0
    await submit([2])
    expect(inline.batches).toEqual([[2]])
  })
})

describe('a batch', () => {
  it('of a small model runs inline', async () => {
    const { submit, thread, inline, shard, metrics } = await timedShard({ ms: () => 0.02 })
    expect(outcomes(await submit([1, 2]))).toEqual([10, 20])
    expect(inline.batches).toEqual([[1, 2]])
    expect(thread.batches).toEqual([])
    expect(metrics.read(metricNames.inlineExecutionCount)).toBe(1)
    expect(shard.status().workers).toMatchObject([
      { id: 'main-1', kind: 'thread', state: 'idle' },
      { id: 'main-inline', kind: 'inline', state: 'idle', batches: 1, rows: 2 },
    ])
  })

  it('of a slow model never does, and no session of it is opened on this thread', async () => {
    const { submit, thread, inline, shard, metrics } = await timedShard({ ms: () => 30 })
    expect(outcomes(await submit([1]))).toEqual([10])
    expect(thread.batches).toEqual([[1]])
    expect(inline.loaded).toEqual([])
    expect(inline.batches).toEqual([])
    expect(metrics.read(metricNames.inlineExecutionCount)).toBe(0)
    expect(shard.status().workers).toMatchObject([{ kind: 'thread' }])
  })

  it('that is too big for inline goes to a thread, the next small one does not', async () => {
    const { submit, thread, inline } = await timedShard({ ms: (rows) => 0.02 + 0.01 * rows })
    const values = Array.from({ length: 300 }, (_, row) => row)
    await submit(values)
    await submit([7])
    expect(thread.batches).toEqual([values])
    expect(inline.batches).toEqual([[7]])
  })

  it('of a model that has become slow runs inline no more after one run', async () => {
    const runs = { ms: () => 0.02 }
    const { submit, thread, inline } = await timedShard(runs)
    await submit([1])
    runs.ms = () => 30
    await submit([2])
    await submit([3])
    await submit([4])
    expect(inline.batches).toEqual([[1], [2]])
    expect(thread.batches).toEqual([[3], [4]])
  })

  it.each([
    ['where the configuration says never', { inline: 'never' }],
    ['on a shard of processes', { kind: 'process' }],
  ] as const)('goes to a worker %s', async (_, options) => {
    const { submit, thread, inline } = await timedShard({ ms: () => 0.02 }, options)
    await submit([1])
    expect(thread.batches).toEqual([[1]])
    expect(inline.loaded).toEqual([])
  })

  it('of a graph whose file is large goes to a thread', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'presage-inline-'))
    const graphPath = join(folder, 'model.onnx')
    writeFileSync(graphPath, '')
    truncateSync(graphPath, maxInlineGraphBytes + 1)
    const { submit, thread, inline } = await timedShard({ ms: () => 0.02 }, { graphPath })
    rmSync(folder, { recursive: true })
    await submit([1])
    expect(thread.batches).toEqual([[1]])
    expect(inline.loaded).toEqual([])
  })

  it('goes to a thread where the warm-up of the inline session fails, and the session is released', async () => {
    const inline = new TimedWorker('main-inline', 'inline', { ms: () => 0.02, poison: 0 })
    const { submit, thread } = await timedShard({ ms: () => 0.02 }, { startInline: () => inline })
    expect(inline.batches).toEqual([[0]])
    expect(inline.loaded).toEqual([])
    await submit([1])
    expect(thread.batches).toEqual([[1]])
  })

  it('goes to a thread where the inline session cannot be opened; the log says why', async () => {
    const lines: string[] = []
    const log = (line: string) => lines.push(line)
    const { submit, thread } = await timedShard({ ms: () => 0.02 }, { graphPath: 'missing.onnx', log })
    await submit([1])
    expect(thread.batches).toEqual([[1]])
    expect(lines).toEqual([expect.stringMatching(/^shard main: number@1 stays on the threads: ENOENT/)])
  })
})

describe('rows of a client that crowds this thread', () => {
  const client = (name: string, isCrowding: boolean) =>
    Object.assign(new AbortableCaller(), { client: name, isCrowding })

  async function crowdedShard(ms = 0.2, options: Partial<ShardOptions> = {}) {
    const { shard, clock, ...workers } = await timedShard({ ms: () => ms }, options)
    const deadline = clock.now() + 1_000
    const submit = async (values: readonly number[], caller: AbortableCaller) =>
      outcomes(await shard.submit('number@1', [values], values.length, { deadline, caller }))
    return { ...workers, submit }
  }

  it('go to a thread, those of others do not', async () => {
    const { submit, inline, thread } = await crowdedShard()
    expect(await submit([1], client('a', true))).toEqual([10])
    expect(await submit([2], client('b', false))).toEqual([20])
    expect(thread.batches).toEqual([[1]])
    expect(inline.batches).toEqual([[2]])
  })

  it('wait for the thread while it is busy, and no row of others waits behind them', async () => {
    const { submit, inline, thread } = await crowdedShard()
    const gate = defer<void>()
    const run = thread.infer.bind(thread)
    thread.infer = (key, tensors) => gate.promise.then(() => run(key, tensors))
    const crowding = client('a', true)
    const first = submit([1], crowding)
    await settle()
    const second = submit([2], crowding)
    expect(await submit([3], client('b', false))).toEqual([30])
    expect(inline.batches).toEqual([[3]])
    gate.resolve()
    expect(await Promise.all([first, second])).toEqual([[10], [20]])
    expect(thread.batches).toEqual([[1], [2]])
    expect(inline.batches).toEqual([[3]])
  })

  it('run here if that takes no longer than to hand them over', async () => {
    const { submit, inline } = await crowdedShard(0.02)
    await submit([1], client('a', true))
    expect(inline.batches).toEqual([[1]])
  })

  it('run here if that takes less than what else they take of this thread', async () => {
    const { submit, inline } = await crowdedShard(0.12)
    const values = Array.from({ length: 250 }, (_, row) => row)
    await submit(values, client('a', true))
    expect(inline.batches).toEqual([values])
  })

  it('run here while no thread has their version, since its files were away when the last one came', async () => {
    const lost = new Emitter<string>()
    let started = 0
    const start = async (id: string) => {
      const worker = new TimedWorker(id, 'thread', { ms: () => 0.2 })
      const load = () => Promise.reject(new Error('no such file'))
      return Object.assign(worker, ++started === 1 ? { lost: lost.event } : { load })
    }
    const { submit, inline } = await crowdedShard(0.2, { start })
    lost.fire('killed by the test')
    await settle()
    expect(started).toBe(2)
    expect(await submit([1], client('a', true))).toEqual([10])
    expect(inline.batches).toEqual([[1]])
  })

  it('run here again as soon as the client does not crowd it', async () => {
    const { submit, inline, thread } = await crowdedShard()
    const caller = client('a', true)
    await submit([1], caller)
    caller.isCrowding = false
    await submit([2], caller)
    expect(thread.batches).toEqual([[1]])
    expect(inline.batches).toEqual([[2]])
  })
})

describe('an inline batch', () => {
  const list = (rows: number) => Array.from({ length: rows }, (_, row) => row)

  it('joins whole submissions until they are worth a run, while a thread takes all that are left', async () => {
    const { submit, inline, thread } = await timedShard({ ms: (rows) => 0.01 + 0.004 * rows })
    // Until it is known what a run takes whatever its rows.
    for (let run = 0; run < 100; run++) await submit(list(run % 2 === 0 ? 1 : 100))
    inline.batches.length = 0
    await Promise.all([1, 2, 60, 70, 50, 80, 90, 100, 110].map((rows) => submit(list(rows))))
    expect(inline.batches.map(({ length }) => length)).toEqual([63, 70, 50, 80, 90])
    expect(thread.batches.map(({ length }) => length)).toEqual([210])
  })

  it('joins all where what a run takes is nearly all that it takes whatever its rows', async () => {
    const { submit, inline } = await timedShard({ ms: (rows) => 0.02 + 0.00001 * rows })
    await Promise.all([1, 2, 60, 70].map((rows) => submit(list(rows))))
    expect(inline.batches.map(({ length }) => length)).toEqual([133])
  })

  it('joins what is submitted until the end of the turn, in order', async () => {
    const { submit, inline } = await timedShard({ ms: () => 0.02 })
    const answers = await Promise.all([submit([1]), submit([2, 3]), submit([4])])
    expect(inline.batches).toEqual([[1, 2, 3, 4]])
    expect(answers.map(outcomes)).toEqual([[10], [20, 30], [40]])
  })

  it('joins callers that come one a turn, as connections do', async () => {
    const { submit, inline } = await timedShard({ ms: () => 0.02 })
    for (const value of [1, 2, 3]) {
      void submit([value])
      await new Promise((resolve) => setImmediate(resolve))
    }
    await settle()
    expect(inline.batches).toEqual([[1, 2, 3]])
  })

  it('leaves the turn to others once enough is to run in it: what does not fit goes to a thread', async () => {
    const model = numberModel('number@1', { maxRows: 100 })
    const { submit, thread, inline } = await timedShard({ ms: () => 0.9 }, { model })
    const values = Array.from({ length: 300 }, (_, row) => row)
    expect(outcomes(await submit(values))).toEqual(values.map((value) => 10 * value))
    expect(inline.batches[0]).toEqual(values.slice(0, 100))
    expect(thread.batches[0]).toEqual(values.slice(100, 200))
  })

  it('starts no timer but the one for deadlines, and listens to no signal', async () => {
    const { submit, clock } = await timedShard({ ms: () => 0.02 })
    const before = clock.pending
    const { signal } = new AbortController()
    const listen = jest.spyOn(signal, 'addEventListener')
    await Promise.all([submit([1], 1_000, signal), submit([2], 2_000, signal)])
    expect(clock.pending).toBe(before + 1)
    expect(listen).not.toHaveBeenCalled()
  })

  it('is not sent to a second worker when time passes', async () => {
    const { submit, clock, thread, inline } = await timedShard({ ms: () => 0.02 })
    const answer = submit([1], 100)
    await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setImmediate(resolve))
    expect(inline.batches).toEqual([[1]])
    clock.advance(60)
    expect(outcomes(await answer)).toEqual([10])
    await settle()
    expect(thread.batches).toEqual([])
  })

  it('takes no rows whose deadline is over or whose caller has gone', async () => {
    const { submit, clock, inline } = await timedShard({ ms: () => 0.02 })
    const gone = new AbortController()
    const answers = [submit([1], 50), submit([2], 1_000, gone.signal), submit([3])]
    clock.stall(50)
    gone.abort()
    expect((await Promise.all(answers)).map(outcomes)).toEqual([['DEADLINE_EXCEEDED'], ['CANCELLED'], [30]])
    expect(inline.batches).toEqual([[3]])
  })

  it('has a queue with the same bound', async () => {
    const { submit } = await timedShard({ ms: () => 0.02 }, { maxQueueRows: 2 })
    const answer = submit([1, 2])
    await expect(submit([3])).rejects.toMatchObject({ code: 'OVERLOADED' })
    expect(outcomes(await answer)).toEqual([10, 20])
  })

  it('that the runtime refuses is bisected until the row at fault stands alone', async () => {
    const { submit, inline, thread } = await timedShard({ ms: () => 0.02, poison: 3 })
    const answers = await Promise.all([submit([1, 2]), submit([3, 4])])
    expect(answers.map(outcomes)).toEqual([
      [10, 20],
      ['INFERENCE_FAILED', 40],
    ])
    expect(inline.batches).toEqual([[1, 2, 3, 4], [1, 2], [3, 4], [3], [4]])
    expect(thread.batches).toEqual([])
  })

  it('whose output has the wrong shape fails as a whole', async () => {
    const runs: TimedRuns = { ms: () => 0.02 }
    const { submit, inline } = await timedShard(runs)
    runs.outputRows = 1
    expect(outcomes(await submit([1, 2]))).toEqual(['MODEL_OUTPUT_SHAPE', 'MODEL_OUTPUT_SHAPE'])
    expect(inline.batches).toHaveLength(1)
  })

  it('is answered before the shard ends', async () => {
    const { shard, submit, inline } = await timedShard({ ms: () => 0.02 })
    const answer = submit([1])
    const over = shard.dispose()
    expect(outcomes(await answer)).toEqual([10])
    await over
    expect(inline.disposed).toBe(true)
  })
})

describe('on the real runtime', () => {
  it('a small model answers inline as it does on a thread, a slow one is kept off this thread', async () => {
    const roots = ['examples/streaming', 'tests/fixtures/awkward'].map((root) => join(packageRoot, root))
    const { versions, objectives } = loadRepository(roots)
    const shard = await createShard({ name: 'main', kind: 'thread', workers: 1 })
    const models = new Map<string, Model>()
    for (const version of versions) {
      if (version.state === 'refused' || !['abuse-score@2', 'slow-mlp@1'].includes(version.key)) continue
      models.set(version.key, await loadVersion(version, [shard], objectives, systemClock))
    }
    const inferred = () => shard.status().workers.map(({ kind, batches }) => ({ kind, batches }))
    const [before] = inferred()
    const ask = async (key: string) => {
      const raw = [[new Array(48).fill(0.1)], [new Array(6).fill(0.1)], [1], [2], [3]]
      const { columns } = models.get(key)!.validate(raw, 1)
      const [segment] = await shard.submit(key, columns, 1, { deadline: systemClock.now() + 5_000 })
      expect(segment.error).toBeUndefined()
    }
    await ask('slow-mlp@1')
    const [thread, inline] = inferred()
    expect(thread).toEqual({ kind: 'thread', batches: before.batches + 1 })
    // A busy machine may take the processor away in the middle of a run; the next one goes to the thread then.
    for (let tries = 0; tries < 20 && inferred()[1].batches === inline.batches; tries++) {
      await ask('abuse-score@2')
    }
    expect(inferred()[1]).toEqual({ kind: 'inline', batches: inline.batches + 1 })
    await shard.dispose()
  })
})
