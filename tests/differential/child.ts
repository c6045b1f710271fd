import { openSync, writeSync } from 'node:fs'
import { type Counts, noCounts } from './counts'
import { examine, type Found, type Seeds } from './examine'
import { startGraph } from './graphs/all'
import { watchStrayRejections } from './strayRejections'
import { targetNamed } from './targetNames'

/** What a child process is to do, as its argument, in JSON. */
export interface Task extends Seeds {
  readonly graph: string
  readonly target: string
  /** Where it writes the seed that it is at, for whoever finds it dead. */
  readonly placeFile: string
}

export type Report =
  | { readonly is: 'counts'; readonly counts: Counts }
  | { readonly is: 'found'; readonly found: Found }

const reportEveryMs = 500

async function run(task: Task): Promise<void> {
  watchStrayRejections(['local', 'split', 'http', 'alone'].includes(task.target))
  const place = openSync(task.placeFile, 'w')
  const sent = noCounts()
  let told = performance.now()
  const graph = await startGraph(task.graph)
  await examine(graph, targetNamed(task.target), task, sent, {
    at(seed) {
      writeSync(place, String(seed).padEnd(12), 0)
      if (performance.now() - told < reportEveryMs) return
      told = performance.now()
      send({ is: 'counts', counts: sent })
    },
    found: (found) => send({ is: 'found', found }),
  })
  send({ is: 'counts', counts: sent })
  await graph.close()
  process.disconnect()
}

function send(report: Report): void {
  process.send?.(report)
}

run(JSON.parse(process.argv[2]) as Task).catch((error: unknown) => {
  console.error(error)
  process.exit(1)
})
