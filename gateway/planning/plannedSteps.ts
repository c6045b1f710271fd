import { PresageError } from '../../lib/errors'
import { LruCache } from '../../lib/lruCache'
import { compilePlan } from '../compilePlan'
import { literalsKey } from '../operations/literalsInDocument'
import type { NormalOperation } from '../operations/normalOperation'
import type { PlanContext } from '../planContext'
import type { Step } from '../planRun'
import { checkPlan } from './checkPlan'
import { NotPlannable, planOperation } from './plan/planOperation'
import { Reach } from './plan/reach'
import type { PlanNode } from './queryPlan'

/** What fetches the operations of one supergraph: planned, checked and compiled once for all that mean the same. */
export class PlannedSteps {
  private readonly steps: LruCache<Step>
  private readonly reach: Reach

  constructor(
    private readonly context: Omit<PlanContext, 'variables'>,
    maxEntries = 1000,
  ) {
    this.steps = new LruCache(maxEntries, maxCharacters)
    this.reach = new Reach(context.supergraph)
  }

  /** Throws NOT_SUPPORTED where there is no right plan for the operation as it is written. */
  stepFor(part: NormalOperation): Step {
    const key = `${part.text}${literalsKey(part.variables)}`
    let step = this.steps.get(key)
    if (step === undefined) {
      step = compilePlan(this.plan(part), { ...this.context, variables: part.variables })
      this.steps.set(key, step, key.length)
    }
    return step
  }

  private plan(part: NormalOperation): PlanNode {
    const { supergraph } = this.context
    let node: PlanNode | undefined
    try {
      node = planOperation(part, supergraph, this.reach)
    } catch (error) {
      if (!(error instanceof NotPlannable)) throw error
      throw notSupported(error.field, 'no subgraph that has it can be asked for it there')
    }
    const [problem] = checkPlan(node, part, supergraph)
    if (problem !== undefined) throw notSupported(problem.field, problem.message)
    return node!
  }
}

const maxCharacters = 16_000_000

function notSupported(field: string | undefined, why: string): PresageError {
  return new PresageError('NOT_SUPPORTED', `${field ?? 'operation'}: cannot be fetched: ${why}`, { field })
}
