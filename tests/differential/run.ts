import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { runTask, type Total } from './children'
import { noCounts } from './counts'
import type { Found } from './examine'
import { graphNames, isAskedOf } from './graphs/all'
import { ownTargets } from './targetNames'

/**
 * Compares any number of generated operations with graphql-js, and prints each distinct difference as small as it gets, and a table.
 * Exits with 1 if there is one.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '500' },
      from: { type: 'string', default: '0' },
      graph: { type: 'string', default: graphNames.join(',') },
      target: { type: 'string', default: ownTargets.map(({ name }) => name).join(',') },
      shrinks: { type: 'string', default: '40' },
    },
  })
  const folder = mkdtempSync(join(tmpdir(), 'differential-'))
  const differences = new Map<string, { readonly text: string; readonly places: string[] }>()
  const totals: Total[] = []
  const begun = performance.now()
  const timer = setInterval(() => {
    console.error(`${Math.round((performance.now() - begun) / 1000)} s: ${inShort(totals.at(-1))}`)
  }, 10_000)
  for (const graph of values.graph.split(',').flatMap(withRange)) {
    for (const target of values.target.split(',')) {
      if (!isAskedOf(graph, target)) continue
      const total: Total = { graph, target, crashes: 0, seconds: 0, ...noCounts() }
      totals.push(total)
      const task = {
        graph,
        target,
        from: Number(values.from),
        count: Number(values.seeds),
        maxShrinks: Number(values.shrinks),
        placeFile: join(folder, 'place'),
      }
      const found = ({ signature, text }: Pick<Found, 'signature' | 'text'>) => {
        const known = differences.get(signature)
        if (known) known.places.push(`${graph} ${target}`)
        else differences.set(signature, { text, places: [`${graph} ${target}`] })
      }
      // The others are compared all the same.
      await runTask(task, total, found).catch(({ message }: Error) => {
        total.crashes++
        found({ signature: message, text: message })
      })
    }
  }
  clearInterval(timer)
  rmSync(folder, { recursive: true })
  for (const { text, places } of differences.values()) {
    console.log(`\n${text}`)
    if (places.length > 1) console.log(`  found ${places.length} times: ${[...new Set(places)].join(', ')}`)
  }
  console.table(totals.map(rowOf))
  process.exitCode = totals.some((it) => it.equal < it.requests || it.crashes > 0) ? 1 : 0
}

function rowOf({ graph, target, requests, equal, different, crashes, seconds }: Total): object {
  return {
    graph,
    target,
    requests,
    equal,
    '% equal': requests === 0 ? 0 : Number(((100 * equal) / requests).toFixed(2)),
    different: Object.entries(different)
      .map(([kind, times]) => `${kind} ${times}`)
      .join(', '),
    crashes,
    'requests/s': Math.round(requests / seconds),
  }
}

function inShort(total: Total | undefined): string {
  if (total === undefined) return 'nothing yet'
  const { graph, target, equal, requests, crashes } = total
  return `${graph}, ${target}: ${equal} of ${requests} are equal${crashes > 0 ? `, ${crashes} crashes` : ''}`
}

/** `random:0-99` is a hundred graphs. */
function withRange(graph: string): readonly string[] {
  const [, from, to] = /^random:([0-9]+)-([0-9]+)$/.exec(graph) ?? []
  if (from === undefined) return [graph]
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => `random:${Number(from) + i}`)
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(2)
})
