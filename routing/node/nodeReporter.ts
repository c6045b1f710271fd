import type { Clock } from '../../lib/clock'
import type { NodeReport } from '../store/lease'
import type { RuleStore } from '../store/ruleStore'
import type { NodeState, NodeStatus } from './nodeStatus'

/** Reports a node's status to the store: when it changes, and before its lease ends. */
export class NodeReporter {
  private reported = ''
  private reportedAt = Number.NEGATIVE_INFINITY
  private silenceNow: string | undefined

  constructor(
    private readonly store: RuleStore,
    private readonly leaseMs: number,
    private readonly clock: Clock,
    private readonly log: (line: string) => void,
  ) {}

  /** Why the store holds no valid report of this node, so that nobody waits for it; undefined if it holds one. */
  get silence(): string | undefined {
    return this.silenceNow
  }

  /** Never rejects. A failed report is repeated at the next look. */
  async report(status: NodeStatus): Promise<void> {
    const report = reportOf(status)
    const text = JSON.stringify(report)
    const now = this.clock.now()
    if (text === this.reported && now - this.reportedAt < this.leaseMs / 3) return
    this.reported = ''
    try {
      await this.store.report(report, this.leaseMs)
    } catch (error) {
      // Until its lease ends, the last report counts.
      if (now - this.reportedAt >= this.leaseMs) this.fallSilent((error as Error).message)
      return
    }
    this.reported = text
    this.reportedAt = now
    if (this.silenceNow !== undefined) {
      this.log('rules: this node reports to the store again, so activations wait for it')
    }
    this.silenceNow = undefined
  }

  private fallSilent(why: string): void {
    const silence = `cannot report to the store, so no activation waits for it: ${why}`
    if (this.silenceNow === undefined) this.log(`rules: this node ${silence}`)
    this.silenceNow = silence
  }
}

function reportOf({ node, state, inEffect, prepared, problems }: NodeStatus): NodeReport {
  return {
    node,
    ...(inEffect && { inEffect: inEffect.number }),
    epoch: inEffect?.epoch ?? 0,
    prepared,
    problems: Object.fromEntries(
      Object.entries(problems).map(([number, reasons]) => [number, shortened(reasons)]),
    ),
    ...('why' in state && { note: cut(`${state.kind}: ${whyOf(state, problems)}`) }),
  }
}

/** What is wrong with the version that should be in effect is among the problems. */
function whyOf(state: NodeState & { readonly why: string }, problems: NodeStatus['problems']): string {
  const isKnown = state.kind === 'behind' && Object.hasOwn(problems, state.target)
  return isKnown ? `version ${state.target} cannot be used` : state.why
}

const mostReasons = 10

/** A rule set can have thousands of problems. The node itself shows all of them. */
function shortened(reasons: readonly string[]): readonly string[] {
  if (reasons.length <= mostReasons) return reasons.map(cut)
  return [...reasons.slice(0, mostReasons).map(cut), `and ${reasons.length - mostReasons} more`]
}

function cut(text: string): string {
  return text.length > 500 ? `${text.slice(0, 497)}...` : text
}
