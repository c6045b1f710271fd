import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type KindName, startKind } from '../kinds/all'
import { noTotal, runTask } from './children'
import { examine, type Finding, noCounts } from './examine'
import { growthOf } from './growth'

const placeFile = join(mkdtempSync(join(tmpdir(), 'presage-fuzz-')), 'place')

/** What `npm test` gives of each kind; models are given in a process of their own, which the runtime may take with it. */
const shares: readonly (readonly [KindName, number])[] = [
  ['http', 400],
  ['sockets', 400],
  ['documents', 240],
  ['persisted', 400],
  ['envelopes', 2000],
  ['yaml', 800],
  ['rules', 800],
  ['supergraph', 400],
]

test.each(shares)(
  '%s: each of %d inputs is taken, or refused with a code',
  async (name, count) => {
    const kind = await startKind(name)
    const counts = noCounts()
    const findings: Finding[] = []
    await examine(kind, { seed: 11, from: 0, count }, counts, {
      at: () => {},
      found: (finding) => findings.push(finding),
    })
    await kind.close?.()
    expect(findings).toEqual([])
    expect(counts.taken + counts.refused).toBe(count)
    expect(Math.min(counts.taken, counts.refused)).toBeGreaterThan(0)
  },
  120_000,
)

test('models: each of 200 is opened and run, or refused in words, by a process that outlives them', async () => {
  const total = noTotal('models')
  const findings: Finding[] = []
  const task = { kind: 'models' as const, seed: 11, from: 0, count: 200, placeFile }
  await runTask(task, total, (finding) => findings.push(finding))
  expect(findings).toEqual([])
  expect(total.taken + total.refused).toBe(200)
  expect(total.memory.map(({ inputs }) => inputs)).toEqual([20, 100, 200])
}, 120_000)

describe('of code that breaks', () => {
  const total = noTotal('broken')
  const findings: Finding[] = []

  beforeAll(async () => {
    const task = { kind: 'broken' as const, seed: 21, from: 0, count: 80, placeFile }
    await runTask(task, total, (finding) => findings.push(finding), 1500)
  }, 240_000)

  const of = (problem: RegExp) => findings.filter((finding) => problem.test(finding.problem))

  test('what it throws is found, with the smallest input that it throws for', () => {
    expect(of(/fails with/).map(({ input }) => Number(input))).toContain(50)
  })

  test('a rejection that nobody handles, an abort and an endless loop are found, and the inputs behind them are given', () => {
    expect([/nobody handles this/, /SIGABRT/, /stood still/].map((problem) => of(problem).length)).toEqual([
      1, 1, 1,
    ])
    expect(total.lost).toBe(3)
    expect(total.memory).not.toEqual([]) // told by the last process, which came to the end
  })
})

test('memory that grows on between the middle and the end is a leak; what fills before is none', () => {
  const memory = (...heaps: number[]) =>
    heaps.map((heap, at) => ({ inputs: (at + 1) * 100, heap, resident: 0 }))
  expect(growthOf(memory(10e6, 100e6, 101e6))).toEqual({ bytesAnInput: 10_000, isLeak: false })
  expect(growthOf(memory(10e6, 20e6, 100e6))?.isLeak).toBe(true)
  expect(growthOf(memory(10e6))).toBeUndefined()
})
