import { openSync, writeSync } from 'node:fs'
import { type KindName, startKind } from '../kinds/all'
import { type Counts, examine, type Finding, type Inputs, noCounts } from './examine'

/** What a child process is to do, as its argument, in JSON. */
export interface Task extends Inputs {
  readonly kind: KindName | 'broken'
  /** Where it writes the place that it is at, for whoever finds it dead. */
  readonly placeFile: string
}

/** Memory after a forced collection, in bytes. */
export interface Memory {
  /** Inputs that were given before. */
  readonly inputs: number
  /** Of JavaScript, with its buffers. */
  readonly heap: number
  readonly resident: number
}

export type Report =
  | { readonly is: 'begun'; readonly limitMs: number }
  | { readonly is: 'counts'; readonly counts: Counts }
  | { readonly is: 'memory'; readonly memory: Memory }
  | { readonly is: 'found'; readonly finding: Finding }

const reportEveryMs = 500

async function run({ kind: name, placeFile, ...inputs }: Task): Promise<void> {
  const place = openSync(placeFile, 'w')
  const kind = await startKind(name)
  const counts = noCounts()
  send({ is: 'begun', limitMs: kind.limitMs })
  let told = performance.now()
  const measureAt = [0.1, 0.5].map((share) => inputs.from + Math.floor(inputs.count * share))
  await examine(kind, inputs, counts, {
    async at(next) {
      writeSync(place, String(next).padEnd(12), 0)
      if (next >= (measureAt[0] ?? Number.POSITIVE_INFINITY)) {
        measureAt.shift()
        send({ is: 'memory', memory: await measure(next - inputs.from) })
      }
      if (performance.now() - told < reportEveryMs) return
      told = performance.now()
      send({ is: 'counts', counts })
    },
    found: (finding) => send({ is: 'found', finding }),
  })
  send({ is: 'memory', memory: await measure(inputs.count) })
  send({ is: 'counts', counts })
  await kind.close?.()
  process.disconnect()
}

async function measure(inputs: number): Promise<Memory> {
  // What finalizers let go of is collected by the next one.
  for (let i = 0; i < 3; i++) {
    global.gc?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  const { heapUsed, external, rss } = process.memoryUsage()
  return { inputs, heap: heapUsed + external, resident: rss }
}

function send(report: Report): void {
  process.send?.(report)
}

run(JSON.parse(process.argv[2]) as Task).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
