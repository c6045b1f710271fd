import type { ValueNode } from 'graphql'
import { type ClientRequest, explainedIn } from '../../lib/request/clientRequest'
import { Explain } from '../../lib/request/explain'
import type { Deadlines } from '../../lib/scheduling/deadlines'
import { mergeInto } from '../graphql/responseData'
import { type AnswerBudget, answerTooLarge } from '../limits/answerBudget'
import { clientPlaces } from '../response/clientErrors'
import { PlanRun, type Variables } from '../run/planRun'
import type { AnswerEstimate, ReadVariable } from './answerEstimate'
import { type CompiledOperation, readSource } from './compileOperation'
import type { OperationResult } from './knownOperation'
import type { AskedOperation } from './preparedOperation'

/** What operations are run with. */
export interface RunOptions {
  /** Tell runs when their request's deadline passes. */
  readonly deadlines: Deadlines<PlanRun>
  readonly budget: AnswerBudget
  /** Makes the answer's extensions from the explanations of its predictions. */
  readonly explained: (explain: Explain, request: ClientRequest) => object
}

/**
 * Runs a compiled operation for one client request, with coerced variables. Answers by columns if asked, where that is
 * possible. Rejects with a PresageError if there is no answer.
 */
export function runOperation(
  compiled: CompiledOperation,
  asked: AskedOperation,
  variables: Variables,
  request: ClientRequest,
  { deadlines, budget, explained }: RunOptions,
  byColumns = false,
): Promise<OperationResult> {
  // A request may hold several operations, and each explains only its own predictions.
  const explain = request.explain && new Explain()
  const run = new PlanRun(explain ? explainedIn(request, explain) : request, deadlines, budget)
  const finish = (written: OperationResult): OperationResult => {
    run.dispose()
    if (explain === undefined) return written
    const told = new Explain()
    told.addPart(explain, (path) => clientPlaces(path, compiled.root, run.data).map((place) => place.path))
    return { ...written, extensions: explained(told, request) }
  }
  // Promise chains instead of async functions, as everywhere on the hot path: a suspended async function keeps far more
  // memory.
  const fail = (error: unknown): never => {
    run.dispose()
    throw error
  }
  return begin(compiled, run, variables, asked.literals).then(() => {
    try {
      if (run.refusal !== undefined) throw run.refusal
      const columns = byColumns && explain === undefined ? compiled.writeColumns(run) : undefined
      if (columns !== undefined) return finish({ data: '', errors: [], columns })
      const written = compiled.write(run, asked.nodesOf)
      return written instanceof Promise ? written.then(finish, fail) : finish(written)
    } catch (error) {
      return fail(error)
    }
  }, fail)
}

function begin(
  { introspect, parts, estimate }: CompiledOperation,
  run: PlanRun,
  variables: Variables,
  literals: readonly ValueNode[],
): Promise<void> {
  try {
    if (estimate !== undefined)
      checkEstimate(estimate, ({ source }) => readSource(source, variables, literals), run.budget)
    if (introspect !== undefined) mergeInto(run.data, introspect(variables, literals))
    if (parts.length === 0) return nothingPending
    const [{ step, variables: read }] = parts
    if (parts.length > 1) return inOrder(parts, run, variables, literals)
    run.variables = read(variables, literals)
    return step(run) ?? nothingPending
  } catch (error) {
    return Promise.reject(error)
  }
}

function checkEstimate(estimate: AnswerEstimate, read: ReadVariable, budget: AnswerBudget): void {
  const values = estimate.values(read)
  if (values > budget.values) throw answerTooLarge('values', budget, estimate.largest(read), values)
}

/** Runs a mutation field by field, until one makes the whole answer null. */
async function inOrder(
  parts: CompiledOperation['parts'],
  run: PlanRun,
  variables: Variables,
  literals: readonly ValueNode[],
): Promise<void> {
  for (const part of parts) {
    run.variables = part.variables(variables, literals)
    await part.step(run)
    if (part.endsAll(run.data)) return
  }
}

const nothingPending = Promise.resolve()
