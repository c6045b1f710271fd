import type { Context } from '../../lib/request/clientRequest'
import { columnsOf } from '../../routing/compile/compileRouter'
import type { KnownNames } from '../../routing/ruleSet/knownNames'
import { readContext } from '../../routing/ruleSet/readContext'
import type { Decision, ObjectiveRouter } from '../../routing/ruleSet/router'

/** One recorded request: a context, possibly with the inputs of one row and the objective that it asks for. */
export interface RecordedRequest {
  readonly context: Readonly<Record<string, unknown>>
  readonly inputs?: Readonly<Record<string, unknown>>
  /** Absent: all objectives. */
  readonly objective?: string
}

/** How often the current and the proposed rules decided something. */
export interface Share {
  readonly model: string
  readonly cell?: string
  readonly current: number
  readonly proposed: number
}

export interface ObjectiveShares {
  readonly objective: string
  readonly requests: number
  /** Requests that a different version would answer. */
  readonly moved: number
  /** Requests without the unit that the proposed rules need. */
  readonly noUnit: number
  readonly shares: readonly Share[]
  readonly moves: readonly { readonly from: string; readonly to: string; readonly requests: number }[]
}

/** Sends recorded requests through two rule sets and counts the decisions. Runs no model. */
export class Simulation {
  private readonly tallies: Tally[]
  private readonly byName: ReadonlyMap<string, readonly Tally[]>

  constructor(
    current: RouterOf,
    proposed: RouterOf,
    private readonly known: KnownNames,
    objectives: readonly string[],
  ) {
    this.tallies = objectives.map((name) => new Tally(name, current(name), proposed(name)))
    this.byName = new Map(this.tallies.map((tally) => [tally.objective, [tally]]))
  }

  /** Returns false if the objective is not one of those simulated. */
  add({ context: written, inputs, objective }: RecordedRequest): boolean {
    const tallies = objective === undefined ? this.tallies : (this.byName.get(objective) ?? [])
    const context = readContext(written, this.known)
    for (const tally of tallies) {
      const contract = this.known.objectives.get(tally.objective)
      tally.add(context, inputs && contract && columnsOf(inputs, contract))
    }
    return objective === undefined || tallies.length > 0
  }

  result(): readonly ObjectiveShares[] {
    return this.tallies.map((tally) => tally.result())
  }
}

/** A compiled rule set: undefined for an objective that it has no rules for. */
export type RouterOf = (objective: string) => ObjectiveRouter | undefined

/** Counts for one objective. A decision is counted as `model`, or `model` with a cell. */
class Tally {
  private requests = 0
  private moved = 0
  private noUnit = 0
  private readonly current = new Map<string, number>()
  private readonly proposed = new Map<string, number>()
  private readonly moves = new Map<string, number>()

  constructor(
    readonly objective: string,
    private readonly before: ObjectiveRouter | undefined,
    private readonly after: ObjectiveRouter | undefined,
  ) {}

  add(context: Context, columns: Columns): void {
    this.requests++
    const one = decide(this.before, context, columns)
    const other = decide(this.after, context, columns)
    const from = comesTo(one)
    const to = comesTo(other)
    if (typeof other !== 'string' && other.flags !== undefined) this.noUnit++
    raise(this.current, from)
    raise(this.proposed, to)
    if (from === to) return
    raise(this.moves, `${from}\n${to}`)
    if (modelOf(one) !== modelOf(other)) this.moved++
  }

  result(): ObjectiveShares {
    const keys = [...new Set([...this.current.keys(), ...this.proposed.keys()])].sort()
    return {
      objective: this.objective,
      requests: this.requests,
      moved: this.moved,
      noUnit: this.noUnit,
      shares: keys.map((key) => {
        const [model, cell] = key.split('\t')
        return {
          model,
          ...(cell !== undefined && { cell }),
          current: this.current.get(key) ?? 0,
          proposed: this.proposed.get(key) ?? 0,
        }
      }),
      moves: [...this.moves]
        .sort(([, one], [, other]) => other - one)
        .map(([key, requests]) => {
          const [from, to] = key.replaceAll('\t', ' ').split('\n')
          return { from, to, requests }
        }),
    }
  }
}

type Columns = Parameters<ObjectiveRouter['decideRow']>[1] | undefined

/** `NEEDS_INPUTS` if the objective decides by row and there are none, `no rule` if there is none for it. */
function decide(
  router: ObjectiveRouter | undefined,
  context: Context,
  columns: Columns,
): Decision | 'NEEDS_INPUTS' | 'no rule' {
  if (router === undefined) return 'no rule'
  if (!router.perRow) return router.decide(context)
  return columns === undefined ? 'NEEDS_INPUTS' : router.decideRow(context, columns, 0)
}

function comesTo(decision: Decision | string): string {
  if (typeof decision === 'string') return decision
  const { model, experiment, cell } = decision
  return cell === undefined ? model : `${model}\t${experiment}/${cell}`
}

function modelOf(decision: Decision | string): string {
  return typeof decision === 'string' ? decision : decision.model
}

function raise(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
