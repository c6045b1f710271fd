import type { Column } from '../../lib/column'
import { PresageError } from '../../lib/errors'
import { FewEntries } from '../../lib/fewEntries'
import { invariant } from '../../lib/invariant'
import type { ClientRequest } from '../../lib/request/clientRequest'
import type { Objective } from '../../models/contracts/objective'
import type { Decision, ObjectiveRouter } from '../../routing/ruleSet/router'
import type { PredictionField } from '../../schema/fields/plan'
import type { Prediction } from '../calls/modelCalls'
import { rulesOf } from '../rules/requestRules'
import { type RowLimits, rowLimitsOf } from '../rules/rowLimits'
import type { ActiveRules } from '../rules/ruleBook'
import type { Serving } from '../serving'
import { DecidedPredictions } from './decidedPredictions'
import { explainPinned } from './explainRows'
import { RequestCalls } from './requestCalls'
import { pinnedTarget } from './target'

/** What a field asks, as failures are counted: its objective, or the model that it pins. */
export function askedBy({ target }: PredictionField): string {
  return target.kind === 'objective' ? target.objective : target.model
}

/** What the predictions of one client request are made with, whether its rows come by columns or one by one. */
export class RequestServing {
  readonly limits: RowLimits
  readonly decided: DecidedPredictions
  private readonly rules: ActiveRules
  private readonly calls: RequestCalls
  private readonly decisions = new FewEntries<ObjectiveRouter, Decision>()

  constructor(
    private readonly request: ClientRequest,
    private readonly serving: Serving,
  ) {
    this.limits = rowLimitsOf(request, serving)
    this.rules = rulesOf(request, serving)
    this.calls = new RequestCalls(request, serving.cache)
    this.decided = new DecidedPredictions(request, serving, this.rules, this.calls)
  }

  /** Whether answers tell how they came about. */
  get isExplained(): boolean {
    return this.request.explain !== undefined
  }

  objective(name: string): Objective {
    const objective = this.serving.objectives.get(name)
    invariant(objective, `no contract of ${name}`)
    return objective
  }

  router(objective: string, shard: string | undefined): ObjectiveRouter {
    return this.rules.router.for(objective, shard)
  }

  /** One decision for all rows of the request. */
  decide(router: ObjectiveRouter, objective: string): Decision {
    let decision = this.decisions.get(router)
    if (decision === undefined) {
      const { context, overrides } = this.request
      decision = router.decide(context, overrides?.get(objective))
      this.countDecisions(decision, 1)
      this.decisions.set(router, decision)
    }
    return decision
  }

  /** One row's; it is for the caller to count. */
  decideRow(router: ObjectiveRouter, objective: string, columns: readonly Column[], row: number): Decision {
    const { context, overrides } = this.request
    return router.decideRow(context, columns, row, overrides?.get(objective))
  }

  countDecisions(decision: Decision, count: number): void {
    this.serving.routing.countDecisions(decision, count)
  }

  /** Rows of a field that pins a model. Throws `MODEL_NOT_FOUND` or `MODEL_NOT_READY`. */
  async predictPinned(
    field: PredictionField,
    inputs: readonly Column[],
    rows: number,
    wanted: readonly string[],
  ): Promise<Prediction> {
    const target = pinnedTarget(this.serving, field)
    const { columns, errors } = target.validate(inputs, rows)
    const answer = this.calls.predict(target, { columns, rows, errors, wanted }, this.request.deadline)
    return this.request.explain === undefined ? answer : explainPinned(target, rows, await answer)
  }

  /** Errors of rows that came together are most often one. */
  countFailures(field: PredictionField, answers: readonly unknown[]): void {
    for (let row = 0; row < answers.length; ) {
      const answer = answers[row]
      const from = row++
      if (answer === undefined) continue
      while (row < answers.length && answers[row] === answer) row++
      this.countFailure(field, answer, row - from)
    }
  }

  /** Counts rows without a prediction; what is no coded error is no failure of a prediction. */
  countFailure(field: PredictionField, error: unknown, rows: number): void {
    if (error instanceof PresageError) this.serving.countFailures(askedBy(field), error.code, rows)
  }
}
