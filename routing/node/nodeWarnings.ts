import { didYouMean } from '../../lib/files/nearMiss'
import type { Activation } from '../store/head'
import type { NodeReport } from '../store/lease'
import type { RuleStore } from '../store/ruleStore'

/**
 * Waits until every leased node follows an activation, or says that it cannot, and returns one line for each that does
 * not run the version as it should. A node that takes longer than `patienceMs` has a line too, and a pinned node has
 * none.
 */
export async function nodeWarnings(
  store: RuleStore,
  active: Activation,
  patienceMs = usualPatienceMs,
): Promise<readonly string[]> {
  const until = Date.now() + patienceMs
  for (;;) {
    const [head, reports] = await Promise.all([store.head(), store.leases()])
    const pins = head.kind === 'made' ? head.pins : {}
    const following = reports.filter(({ node }) => !Object.hasOwn(pins, node))
    const isOver = following.every((report) => runs(report, active) || cannotRun(report, active))
    if (isOver || Date.now() >= until) return following.flatMap((report) => warningsOf(report, active))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** The same for one pinned node: a line if it is not running, or does not run the version as it should. */
export async function pinWarning(
  store: RuleStore,
  node: string,
  number: number,
): Promise<string | undefined> {
  const until = Date.now() + usualPatienceMs
  for (;;) {
    const reports = await store.leases()
    const report = reports.find((one) => one.node === node)
    if (report === undefined) {
      const names = reports.map((one) => one.node)
      return `${node} is not one of the running nodes (${names.join(', ') || 'there is none'})${didYouMean(node, names)}`
    }
    // A pin has no epoch of its own.
    const pin = { number, epoch: report.epoch }
    if (runs(report, pin) || problemsOf(report, pin).length > 0 || Date.now() >= until)
      return warningsOf(report, pin)[0]
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** A node looks every second; one on a machine that stalls is no straggler. */
const usualPatienceMs = 5_000

/** What a node is to follow. */
type Wanted = Pick<Activation, 'number' | 'epoch'>

function warningsOf(report: NodeReport, active: Wanted): readonly string[] {
  if (runs(report, active)) return []
  const { node, inEffect, note } = report
  const { number } = active
  const why = problemsOf(report, active).join('; ') || note || 'it has not said why'
  if (follows(report, active)) return [`${node} runs version ${number}, but not all of it: ${why}`]
  const instead = inEffect === undefined ? 'runs none' : `still runs version ${inEffect}`
  return [`${node} does not run version ${number} and ${instead}: ${why}`]
}

function runs(report: NodeReport, active: Wanted): boolean {
  return follows(report, active) && report.prepared.includes(active.number)
}

/** A node may have reported problems with the version before it was asked to run it; then it has no note yet. */
function cannotRun(report: NodeReport, active: Wanted): boolean {
  const isAsked = follows(report, active) || report.note !== undefined
  return isAsked && problemsOf(report, active).length > 0
}

function follows({ inEffect, epoch }: NodeReport, active: Wanted): boolean {
  return inEffect === active.number && epoch >= active.epoch
}

function problemsOf({ problems }: NodeReport, { number }: Wanted): readonly string[] {
  return Object.hasOwn(problems, number) ? problems[number] : []
}
