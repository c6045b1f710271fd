import { fork } from 'node:child_process'
import { parseArgs } from 'node:util'
import { graphNames } from './graphs/all'
import type { PlansReport, PlansTask } from './plansChild'

/**
 * Plans any number of normalised operations without running them, and counts what is refused, by kind:
 * `npm run differential:plans -- --count 1000 [--graph library,...] [--planner presage|native] [--from SEED]`. `native` is the planner that a
 * process does not survive; it is begun again behind the operation that it died of. A graph may also be any supergraph file (`.graphql`).
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '10000' },
      from: { type: 'string', default: '0' },
      graph: { type: 'string', default: graphNames.join(',') },
      planner: { type: 'string', default: 'presage' },
    },
  })
  const rows: object[] = []
  for (const graph of values.graph.split(',')) {
    const total: Total = { planned: 0, refused: {}, aborts: 0 }
    const begun = performance.now()
    let seed = Number(values.from)
    while (total.planned < Number(values.count)) {
      const count = Number(values.count) - total.planned
      seed = await runChild({ graph, planner: values.planner, from: seed, count }, total)
    }
    const perSecond = Math.round((1000 * total.planned) / (performance.now() - begun))
    rows.push({
      graph,
      planner: values.planner,
      planned: total.planned,
      aborts: total.aborts,
      'per second': perSecond,
    })
    for (const [kind, times] of Object.entries(total.refused)) console.log(`${graph}: ${times} times ${kind}`)
  }
  console.table(rows)
}

interface Total {
  planned: number
  aborts: number
  readonly refused: Record<string, number>
}

/** Resolves with the seed from which to go on. */
function runChild(task: PlansTask, total: Total): Promise<number> {
  return new Promise((resolve) => {
    const child = fork(`${__dirname}/plansChild.ts`, [JSON.stringify(task)], { silent: true })
    let last: PlansReport = { seed: task.from, planned: 0, refused: {} }
    child.on('message', (report: PlansReport) => {
      last = report
    })
    child.on('exit', (code) => {
      if (code !== 0) total.aborts++
      total.planned += last.planned
      for (const [kind, times] of Object.entries(last.refused)) {
        total.refused[kind] = (total.refused[kind] ?? 0) + times
      }
      resolve(last.seed + 1)
    })
  })
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(2)
})
