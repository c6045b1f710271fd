import type { Caller } from '../../lib/request/caller'
import type { Model } from '../../models/contracts/model'
import { createShard, type Segment, type Shard, type ShardOptions } from '../../workers/shard'
import { callerOf } from './callerOf'
import { CountedMetrics } from './countedMetrics'
import { FakeClock } from './fakeClock'
import { type HeldWorker, heldWorkers } from './heldWorker'

/** A shard of held workers on a fake clock, serving `models`. */
export async function heldShard(
  models: readonly Model[],
  options: Partial<ShardOptions> = {},
): Promise<{
  shard: Shard
  clock: FakeClock
  workers: HeldWorker[]
  metrics: CountedMetrics
  /** Hands in one row per value; the deadline is 1,000 ms from now unless said. */
  submit(
    values: readonly number[],
    options?: { key?: string; deadlineMs?: number; priority?: number; signal?: AbortSignal; caller?: Caller },
  ): Promise<readonly Segment[]>
}> {
  const clock = new FakeClock()
  const metrics = new CountedMetrics()
  const { start, workers } = heldWorkers()
  const shard = await createShard({
    name: 'main',
    kind: 'thread',
    workers: 1,
    clock,
    metrics,
    start,
    ...options,
  })
  for (const model of models) {
    await shard.load(model.key, 'model.onnx', { instances: model.manifest.instances })
    shard.serve(model)
  }
  return {
    shard,
    clock,
    workers,
    metrics,
    submit: (values, { key = models[0].key, deadlineMs = 1_000, priority, signal, caller } = {}) =>
      shard.submit(key, [values], values.length, {
        deadline: clock.now() + deadlineMs,
        priority,
        caller: caller ?? (signal && callerOf(signal)),
      }),
  }
}

/** What came of each row: its `y`, or its error's code. */
export function outcomes(segments: readonly Segment[]): (number | string)[] {
  return segments.flatMap<number | string>((segment) =>
    segment.error
      ? new Array<string>(segment.rows).fill(segment.error.code)
      : Array.from(segment.tensors.y.data as Float32Array),
  )
}
