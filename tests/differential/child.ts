import { openSync, writeSync } from 'node:fs'
import { check, type Failure, firstFailure } from './check'
import { explainFailure } from './explainFailure'
import { faultSeedOf } from './faultSeedOf'
import { generate } from './generate/generate'
import { graphNamed } from './graphs/all'
import { shrink } from './shrink/shrink'
import { roughSignature, signatureOf } from './signature'
import type { Target } from './target'
import { targetNamed } from './targetNames'

/** What a child is to do. */
export interface Task {
  readonly graph: string
  readonly target: string
  readonly from: number
  readonly seeds: number
  readonly maxShrinks: number
  /** Where it writes the seed that it is at, for whoever finds it dead. */
  readonly placeFile: string
}

export type Report =
  | { readonly is: 'progress'; readonly counts: Counts }
  | { readonly is: 'difference'; readonly signature: string; readonly text: string; readonly seed: number }

export interface Counts {
  operations: number
  requests: number
  equal: number
  /** By the kind of difference; refusals by their code. */
  different: Record<string, number>
}

async function run(task: Task): Promise<void> {
  const graph = graphNamed(task.graph)
  const targets = await targetNamed(task.target).start(graph)
  const place = openSync(task.placeFile, 'w')
  const shrunk = new Map<string, number>()
  let counts = noCounts()
  let told = performance.now()
  let shrinks = 0

  async function tell(seed: number, target: Target, failure: Failure): Promise<void> {
    const rough = roughSignature(failure)
    const times = shrunk.get(rough) ?? 0
    if (shrinks >= task.maxShrinks || times >= task.maxShrinks / 3) return
    shrunk.set(rough, times + 1)
    shrinks++
    const { kind } = failure.difference
    let smallest = failure
    await shrink(target.schema, failure, async (candidate) => {
      const found = await firstFailure(target, candidate)
      if (found?.difference.kind !== kind) return false
      smallest = found
      return true
    })
    send({
      is: 'difference',
      signature: signatureOf(smallest),
      text: explainFailure(`${task.graph}, ${task.target}, seed ${seed}`, smallest),
      seed,
    })
  }

  for (let seed = task.from; seed < task.from + task.seeds; seed++) {
    writeSync(place, String(seed).padEnd(12), 0)
    const target = targets[seed % targets.length]
    const operation = generate(target.schema, target.samples, seed)
    if (operation !== undefined) {
      const { requests, failures } = await check(target, operation, faultSeedOf(seed))
      counts.operations++
      counts.requests += requests
      counts.equal += requests - failures.length
      for (const failure of failures) {
        const kind = kindOf(failure)
        counts.different[kind] = (counts.different[kind] ?? 0) + 1
      }
      if (failures.length > 0) await tell(seed, target, failures[0])
    }
    if (performance.now() - told > 500) {
      told = performance.now()
      send({ is: 'progress', counts })
      counts = noCounts()
    }
  }
  send({ is: 'progress', counts })
  for (const target of targets) await target.close()
  process.disconnect()
}

export function noCounts(): Counts {
  return { operations: 0, requests: 0, equal: 0, different: {} }
}

/** A refusal goes by its code. */
function kindOf({ difference, got }: Failure): string {
  return difference.kind === 'refused' ? String(got.errors[0]?.extensions?.['code'] ?? 'refused') : difference.kind
}

function send(report: Report): void {
  process.send?.(report)
}

run(JSON.parse(process.argv[2]) as Task).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
