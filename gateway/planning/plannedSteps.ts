import { LruCache } from '../../lib/lruCache'
import { compilePlan } from '../compilePlan'
import { literalsKey } from '../operations/literalsInDocument'
import type { NormalOperation } from '../operations/normalOperation'
import type { PlanContext } from '../planContext'
import type { Step } from '../planRun'
import { checkedPlan } from './checkedPlan'

/** What fetches the operations of one supergraph: planned, checked and compiled once for all that mean the same. */
export class PlannedSteps {
  private readonly steps: LruCache<Step>

  constructor(
    private readonly context: Omit<PlanContext, 'variables'>,
    maxEntries = 1000,
  ) {
    this.steps = new LruCache(maxEntries, maxCharacters)
  }

  /** Throws NOT_SUPPORTED where there is no right plan for the operation as it is written. */
  stepFor(part: NormalOperation): Step {
    const key = `${part.text}${literalsKey(part.variables)}`
    let step = this.steps.get(key)
    if (step === undefined) {
      step = compilePlan(checkedPlan(part, this.context.supergraph), {
        ...this.context,
        variables: part.variables,
      })
      this.steps.set(key, step, key.length)
    }
    return step
  }
}

const maxCharacters = 16_000_000
