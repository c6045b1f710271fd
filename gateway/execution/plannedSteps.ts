import { checkedPlan } from '../../federation/checkedPlan'
import type { NormalOperation } from '../../federation/operations/normalOperation'
import { LruCache } from '../../lib/lruCache'
import { cacheBytes, fetchBytes } from '../operations/cacheBytes'
import { literalsKey } from '../operations/literalsInDocument'
import type { Step } from '../run/planRun'
import { compilePlan } from './compilePlan'
import type { PlanContext } from './planContext'

/**
 * The compiled steps for the operations of one supergraph. Operations with the same normal form are planned, checked
 * and compiled once.
 */
export class PlannedSteps {
  private readonly steps: LruCache<Step>

  constructor(
    private readonly context: Omit<PlanContext, 'variables'>,
    maxEntries = 1000,
  ) {
    this.steps = new LruCache(maxEntries, cacheBytes)
  }

  /** Throws NOT_SUPPORTED if no valid plan is found for this form of the operation. */
  stepFor(part: NormalOperation): Step {
    const key = `${part.text}${literalsKey(part.variables)}`
    let step = this.steps.get(key)
    if (step === undefined) {
      step = compilePlan(checkedPlan(part, this.context.supergraph), {
        ...this.context,
        variables: part.variables,
      })
      this.steps.set(key, step, key.length * fetchBytes)
    }
    return step
  }
}
