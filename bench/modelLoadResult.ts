import { median } from './measure'
import type { Phases, Window } from './modelLoadPhases'
import { type Spread, spreadOf } from './spread'
import type { Answered } from './steadyLoad'

const phases = ['calm', 'coming', 'loading', 'renewing'] as const
type Phase = (typeof phases)[number]
type Latencies = Readonly<Record<Phase, Spread>>

/** What clients noticed of the arrivals of one version. */
export interface Told {
  /** Milliseconds; of all rounds together. */
  readonly all: Latencies
  readonly rounds: readonly Latencies[]
  /** p99 over the calm one's: of all rounds together, and of single rounds. */
  readonly ratios: Readonly<Record<Exclude<Phase, 'calm'>, RatioOfRounds>>
}

interface RatioOfRounds {
  readonly all: number
  readonly median: number
  readonly lowest: number
  readonly highest: number
}

/** When questions were sent and answered; the texts are dropped, since collecting hundreds of megabytes would be seen in the latencies. */
export class AnswerTimes {
  private readonly sentAt: number[] = []
  private readonly endedAt: number[] = []
  /** What the first that failed failed of. */
  problem: string | undefined

  get count(): number {
    return this.sentAt.length
  }

  add({ sentAt, endedAt, problem }: Answered): void {
    this.sentAt.push(sentAt)
    this.endedAt.push(endedAt)
    this.problem ??= problem
  }

  /** Milliseconds, of what was sent in any of the windows. */
  latenciesIn(windows: readonly Window[]): number[] {
    const found: number[] = []
    for (const [at, sentAt] of this.sentAt.entries()) {
      if (windows.some(({ from, to }) => sentAt >= from && sentAt < to)) found.push(this.endedAt[at] - sentAt)
    }
    return found
  }
}

export function told(all: readonly Phases[], times: AnswerTimes): Told {
  const of = (some: readonly Phases[]) =>
    Object.fromEntries(
      phases.map((phase) => [phase, spreadOf(times.latenciesIn(some.map((one) => one[phase])))]),
    ) as unknown as Latencies
  const rounds = all.map((one) => of([one]))
  const together = of(all)
  const ratio = (phase: Exclude<Phase, 'calm'>): RatioOfRounds => {
    const single = rounds.map((round) => round[phase].p99 / round.calm.p99)
    const overall = together[phase].p99 / together.calm.p99
    return { all: overall, median: median(single), lowest: Math.min(...single), highest: Math.max(...single) }
  }
  const ratios = { coming: ratio('coming'), loading: ratio('loading'), renewing: ratio('renewing') }
  return { all: together, rounds, ratios }
}

export function printTold(title: string, { all, rounds, ratios }: Told): void {
  console.log(title)
  for (const phase of phases) {
    const { p50, p99, max, count } = all[phase]
    const each = rounds.map((round) => round[phase].p99.toFixed(1)).join(', ')
    const ratio = phase === 'calm' ? undefined : ratios[phase]
    const compared = ratio
      ? `  ${ratio.all.toFixed(2)} times (${ratio.lowest.toFixed(2)} to ${ratio.highest.toFixed(2)})`
      : ''
    console.log(
      `  ${phase.padEnd(9)} ${String(count).padStart(6)} requests  p50 ${p50.toFixed(2)} ms  p99 ${p99.toFixed(2)} ms (${each})  max ${max.toFixed(1)} ms${compared}`,
    )
  }
  console.log('')
}
