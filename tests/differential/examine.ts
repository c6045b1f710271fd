import { check, type Failure, firstFailure } from './check'
import { type Counts, count } from './counts'
import { explainFailure } from './explainFailure'
import { faultSeedOf } from './faultSeedOf'
import { generate } from './generate/generate'
import type { Graph } from './graphs/graph'
import { shrink } from './shrink/shrink'
import { roughSignature, signatureOf } from './signature'
import type { Target, TargetKind } from './target'

export interface Seeds {
  readonly from: number
  readonly count: number
  /** How many failures are made small; others are only counted. */
  readonly maxShrinks: number
}

/** A failure as small as it got. */
export interface Found {
  /** The same for failures that look like one fault. */
  readonly signature: string
  readonly graph: string
  readonly target: string
  readonly text: string
}

/** What is told on the way. */
export interface Watcher {
  /** Before each seed. */
  at?(seed: number): void
  found(found: Found): void
}

/** Asks a target as many operations as there are seeds, and adds up what came. */
export async function examine(
  graph: Graph,
  kind: TargetKind,
  { from, count: seeds, maxShrinks }: Seeds,
  counts: Counts,
  watcher: Watcher,
): Promise<void> {
  const targets = await kind.start(graph)
  const shrunk = new Map<string, number>()
  let shrinks = 0

  async function tell(seed: number, target: Target, failure: Failure): Promise<void> {
    const rough = roughSignature(failure)
    const times = shrunk.get(rough) ?? 0
    // One that is frequent must not keep others from being looked at.
    if (shrinks >= maxShrinks || times >= maxShrinks / 4) return
    shrunk.set(rough, times + 1)
    shrinks++
    const smallest = await smallestLike(target, failure)
    watcher.found({
      signature: signatureOf(smallest),
      graph: graph.name,
      target: kind.name,
      text: explainFailure(`${graph.name}, ${kind.name}, seed ${seed}`, smallest),
    })
  }

  try {
    for (let seed = from; seed < from + seeds; seed++) {
      watcher.at?.(seed)
      const target = targets[seed % targets.length]
      const operation = generate(target.schema, target.samples, seed)
      if (operation === undefined) continue
      const { requests, failures } = await check(target, operation, faultSeedOf(seed))
      count(counts, requests, failures)
      if (failures.length > 0) await tell(seed, target, failures[0])
    }
  } finally {
    for (const target of targets) await target.close()
  }
}

/** The smallest operation found that differs in the same way. */
async function smallestLike(target: Target, failure: Failure): Promise<Failure> {
  let smallest = failure
  await shrink(target.schema, failure, async (candidate) => {
    const found = await firstFailure(target, candidate)
    if (found?.difference.kind !== failure.difference.kind) return false
    smallest = found
    return true
  })
  return smallest
}
