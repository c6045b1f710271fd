import type { ValueNode } from 'graphql'
import { type ClientRequest, explainedIn } from '../../lib/request/clientRequest'
import { Explain } from '../../lib/request/explain'
import { mergeInto } from '../graphql/responseData'
import { type AnswerBudget, answerTooLarge } from '../limits/answerBudget'
import { clientPlaces } from '../response/clientErrors'
import type { WrittenAnswer } from '../response/writeAnswer'
import { PlanRun, type Variables } from '../run/planRun'
import type { AnswerEstimate, ReadVariable } from './answerEstimate'
import { type CompiledOperation, readSource } from './compileOperation'
import type { PreparedOperation } from './preparedOperation'

/** The result of an operation: its data as JSON (a list of buffers if it is long), and the errors behind its nulls. */
export interface OperationResult extends WrittenAnswer {
  /** Present only if the request asked for explanations. */
  readonly extensions?: object
  /** The data by columns, if that was asked for and can be. Then there are no errors, and `data` is empty. */
  readonly columns?: string
}

/** A valid operation as a client sent it, with the literals of its text. */
export class AskedOperation {
  private places: ReturnType<PreparedOperation['nodesIn']> | undefined

  constructor(
    readonly prepared: PreparedOperation,
    private readonly text: string,
    readonly literals: readonly ValueNode[],
  ) {}

  /** Maps nodes of the compiled document to nodes of the client's text. */
  get nodesOf(): ReturnType<PreparedOperation['nodesIn']> {
    this.places ??= this.prepared.nodesIn(this.text)
    return this.places
  }

  /**
   * Coerces the variables for `runAgain`. Undefined if one is invalid, or if nothing is compiled for this combination of
   * conditions; then Apollo Server answers.
   */
  variablesAgain(variables: Variables): Variables | undefined {
    try {
      const { coerced } = this.prepared.readVariables(variables)
      return coerced && this.prepared.compiled(coerced) && coerced
    } catch {
      return undefined
    }
  }

  runAgain(variables: Variables, request: ClientRequest, byColumns: boolean): Promise<OperationResult> {
    this.prepared.environment.hits.inc()
    return this.run(this.prepared.compiled(variables)!, variables, request, byColumns)
  }

  /**
   * Runs it compiled for one client request, with coerced variables. Answers by columns if asked, where that is
   * possible. Rejects with a PresageError if there is no answer.
   */
  run(
    compiled: CompiledOperation,
    variables: Variables,
    request: ClientRequest,
    byColumns = false,
  ): Promise<OperationResult> {
    const { deadlines, budget, explained } = this.prepared.environment
    // A request may hold several operations, and each explains only its own predictions.
    const explain = request.explain && new Explain()
    const run = new PlanRun(explain ? explainedIn(request, explain) : request, deadlines, budget)
    const finish = (written: OperationResult): OperationResult => {
      run.dispose()
      if (explain === undefined) return written
      const told = new Explain()
      told.addPart(explain, (path) => clientPlaces(path, compiled.root, run.data).map((place) => place.path))
      const extensions = explained(told, request)
      return extensions === undefined ? written : { ...written, extensions }
    }
    // Promise chains instead of async functions, as everywhere on the hot path: a suspended async function keeps far
    // more memory.
    const fail = (error: unknown): never => {
      run.dispose()
      throw error
    }
    return begin(compiled, run, variables, this.literals).then(() => {
      try {
        if (run.refusal !== undefined) throw run.refusal
        const columns = byColumns && explain === undefined ? compiled.writeColumns(run) : undefined
        if (columns !== undefined) return finish({ data: '', errors: [], columns })
        const written = compiled.write(run, this.nodesOf)
        return written instanceof Promise ? written.then(finish, fail) : finish(written)
      } catch (error) {
        return fail(error)
      }
    }, fail)
  }
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
