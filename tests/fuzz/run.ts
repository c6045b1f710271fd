import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { noTotal, runTask, type Total } from './children'
import type { Finding } from './examine'
import { isKindName, kindShares } from './kinds/all'

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
  const kinds = values.only.split(',')
  const wrong = kinds.filter((name) => !isKindName(name))
  if (wrong.length > 0) {
    throw new Error(`--only must be some of ${Object.keys(kindShares).join(', ')}, got ${wrong.join(', ')}`)
  }
  const shares = kinds.map((name) => (isKindName(name) ? kindShares[name] : 0))
  const whole = shares.reduce((sum: number, share) => sum + share, 0)
  const folder = mkdtempSync(join(tmpdir(), 'presage-fuzz-'))
  const findings = new Map<string, { finding: Finding; kind: string; times: number }>()
  const totals: Total[] = []
  const begun = performance.now()
  const timer = setInterval(() => {
    const { kind, taken, refused } = totals[totals.length - 1]
    console.error(`${Math.round((performance.now() - begun) / 1000)} s: ${kind}: ${taken + refused}`)
  }, 10_000)
  for (const [at, kind] of kinds.entries()) {
    const total = noTotal(kind)
    totals.push(total)
    const count = Math.ceil((Number(values.inputs) * shares[at]) / whole)
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
  process.exitCode = findings.size > 0 || totals.some(isGrowing) ? 1 : 0
}

/** Caches fill, and the engine keeps what it has compiled; more than this between the middle and the end is a leak. */
const mayGrow = 48e6

function isGrowing({ memory }: Total): boolean {
  const [, middle, end] = memory
  return middle !== undefined && end !== undefined && end.heap - middle.heap > mayGrow
}

function rowOf(total: Total): object {
  const { kind, taken, refused, longestMs, longestAt, lost, seconds, memory } = total
  const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10
  const [, middle, end] = memory
  const slope =
    middle === undefined || end === undefined || end.inputs === middle.inputs
      ? undefined
      : (end.heap - middle.heap) / (end.inputs - middle.inputs)
  return {
    kind,
    taken,
    refused,
    lost,
    'inputs/s': Math.round((taken + refused) / seconds),
    'longest, ms': `${Math.round(longestMs)} at ${longestAt}`,
    'heap, MB': memory.map(({ heap }) => megabytes(heap)).join(' '),
    'resident, MB': memory.map(({ resident }) => megabytes(resident)).join(' '),
    'bytes/input': slope === undefined ? '' : Math.round(slope),
    grows: isGrowing(total) ? 'yes' : 'no',
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exit(2)
})
