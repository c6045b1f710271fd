import { fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Counts, Report, Task } from './child'
import { graphNames } from './graphs/all'
import { ownTargets } from './targetNames'

/**
 * Compares any number of generated operations with graphql-js:
 * `npm run differential -- --seeds 1000 [--graph library,warehouse] [--target local] [--from 0] [--shrinks 40]`.
 * Prints a table and each distinct difference, as small as it gets. Exits with 1 if there is one.
 */
interface Total extends Counts {
  readonly graph: string
  readonly target: string
  crashes: number
  seconds: number
}

const maxCrashes = 200

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
  const differences = new Map<string, { text: string; count: number }>()
  const totals: Total[] = []
  const begun = performance.now()
  const timer = setInterval(
    () => console.error(`${seconds(begun)} s: ${totals.map(inShort).join('; ')}`),
    10_000,
  )
  for (const graph of values.graph.split(',')) {
    for (const target of values.target.split(',')) {
      const total: Total = {
        graph,
        target,
        operations: 0,
        requests: 0,
        equal: 0,
        different: 0,
        refused: {},
        crashes: 0,
        seconds: 0,
      }
      totals.push(total)
      await runAll(
        {
          graph,
          target,
          from: Number(values.from),
          seeds: Number(values.seeds),
          maxShrinks: Number(values.shrinks),
          placeFile: join(folder, 'place'),
        },
        total,
        differences,
      )
    }
  }
  clearInterval(timer)
  rmSync(folder, { recursive: true })
  for (const { text, count } of differences.values())
    console.log(`\n${count > 1 ? `(${count} times) ` : ''}${text}`)
  printTable(totals)
  process.exitCode = totals.some((it) => it.equal < it.requests || it.crashes > 0) ? 1 : 0
}

/** All seeds in a child; after a death of it, in another one from the next seed on. */
async function runAll(
  task: Task,
  total: Total,
  differences: Map<string, { text: string; count: number }>,
): Promise<void> {
  const begun = performance.now()
  const end = task.from + task.seeds
  for (let from = task.from; from < end && total.crashes < maxCrashes; ) {
    writeFileSync(task.placeFile, '')
    const problem = await runChild({ ...task, from, seeds: end - from }, total, differences)
    if (problem === undefined) break
    total.crashes++
    const place = readFileSync(task.placeFile, 'utf8')
    if (place === '') throw new Error(`${task.graph}, ${task.target}: does not start: ${problem}`)
    const seed = Number(place)
    const known = differences.get(`crash ${problem}`)
    differences.set(`crash ${problem}`, {
      text: known?.text ?? `${task.graph}, ${task.target}, seed ${seed}: the process ended: ${problem}`,
      count: (known?.count ?? 0) + 1,
    })
    from = seed + 1
  }
  total.seconds = seconds(begun)
}

/** Resolves with what it died of, if it did. */
function runChild(
  task: Task,
  total: Total,
  differences: Map<string, { text: string; count: number }>,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = fork(join(__dirname, 'child.ts'), [JSON.stringify(task)], { silent: true })
    let said = ''
    child.stderr?.on('data', (text: Buffer) => {
      said = `${said}${text}`.slice(-2000)
    })
    child.on('message', (report: Report) => {
      if (report.is === 'progress') add(total, report.counts)
      else {
        const known = differences.get(report.signature)
        differences.set(report.signature, {
          text: known?.text ?? report.text,
          count: (known?.count ?? 0) + 1,
        })
      }
    })
    child.on('exit', (code, signal) => {
      resolve(
        code === 0 ? undefined : `${signal ?? `code ${code}`} ${said.replace(/\s+/g, ' ').slice(0, 400)}`,
      )
    })
  })
}

function add(total: Total, counts: Counts): void {
  total.operations += counts.operations
  total.requests += counts.requests
  total.equal += counts.equal
  total.different += counts.different
  for (const [code, count] of Object.entries(counts.refused))
    total.refused[code] = (total.refused[code] ?? 0) + count
}

function printTable(totals: readonly Total[]): void {
  console.log('')
  console.table(
    totals.map((it) => ({
      graph: it.graph,
      target: it.target,
      requests: it.requests,
      equal: it.equal,
      'equal %': it.requests === 0 ? 0 : Number(((100 * it.equal) / it.requests).toFixed(2)),
      refused: Object.entries(it.refused)
        .map(([code, count]) => `${code} ${count}`)
        .join(', '),
      different: it.different,
      crashes: it.crashes,
      'requests/s': Math.round(it.requests / it.seconds),
    })),
  )
}

function inShort({ graph, target, requests, equal, crashes }: Total): string {
  return `${graph} ${target} ${equal}/${requests}${crashes > 0 ? `, ${crashes} crashes` : ''}`
}

function seconds(since: number): number {
  return Math.round((performance.now() - since) / 10) / 100
}

void main()
