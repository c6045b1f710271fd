import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isKindName, kindShares } from '../kinds/all'
import { noTotal, runTask, type Total } from './children'
import type { Finding } from './examine'
import { growthOf } from './growth'

/**
 * Gives the real code any number of fuzzed inputs of every kind, one kind after the other, and prints each distinct finding as small as it
 * gets, and a table. Exits with 1 if there is a finding, or if memory grows.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string', default: '100000' },
      only: { type: 'string', default: Object.keys(kindShares).join(',') },
      seed: { type: 'string', default: '1' },
      from: { type: 'string', default: '0' },
    },
  })
  const kinds = values.only.split(',').filter(isKindName)
  if (kinds.length < values.only.split(',').length) {
    throw new Error(`--only must be some of ${Object.keys(kindShares).join(', ')}, got ${values.only}`)
  }
  const whole = kinds.reduce((sum, kind) => sum + kindShares[kind], 0)
  const folder = mkdtempSync(join(tmpdir(), 'presage-fuzz-'))
  const findings = new Map<string, { finding: Finding; kind: string; times: number }>()
  const totals: Total[] = []
  const begun = performance.now()
  const timer = setInterval(() => {
    const { kind, taken, refused } = totals[totals.length - 1]
    console.error(`${Math.round((performance.now() - begun) / 1000)} s: ${kind}: ${taken + refused}`)
  }, 10_000)
  for (const kind of kinds) {
    const total = noTotal(kind)
    totals.push(total)
    const count = Math.ceil((Number(values.inputs) * kindShares[kind]) / whole)
    const task = {
      kind,
      count,
      seed: Number(values.seed),
      from: Number(values.from),
      placeFile: join(folder, 'place'),
    }
    await runTask(task, total, (finding) => {
      const key = `${kind} ${finding.signature}`
      const known = findings.get(key)
      if (known === undefined) {
        findings.set(key, { finding, kind, times: 1 })
        console.error(`${kind}, input ${finding.place}: ${finding.problem.slice(0, 300)}`)
        return
      }
      known.times++
      if (finding.input.length < known.finding.input.length) known.finding = finding
    })
  }
  clearInterval(timer)
  rmSync(folder, { recursive: true })
  for (const { finding, kind, times } of findings.values()) {
    const { place, problem, input } = finding
    console.log(`\n${kind}, seed ${values.seed}, input ${place}, ${times} times: ${problem}\n${input}`)
  }
  console.table(totals.map(rowOf))
  process.exitCode = findings.size > 0 || totals.some(({ memory }) => growthOf(memory)?.isLeak) ? 1 : 0
}

function rowOf(total: Total): object {
  const { kind, taken, refused, longestMs, longestAt, lost, seconds, memory } = total
  const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10
  const growth = growthOf(memory)
  return {
    kind,
    taken,
    refused,
    lost,
    'inputs/s': Math.round((taken + refused) / seconds),
    'longest, ms': `${Math.round(longestMs)} at ${longestAt}`,
    'heap, MB': memory.map(({ heap }) => megabytes(heap)).join(' '),
    'resident, MB': memory.map(({ resident }) => megabytes(resident)).join(' '),
    'bytes/input': growth === undefined ? '' : Math.round(growth.bytesAnInput),
    leaks: growth?.isLeak === true ? 'yes' : 'no',
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(2)
})
