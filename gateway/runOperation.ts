import type { ValueNode } from 'graphql'
import type { Alarms } from '../lib/alarms'
import type { ClientRequest } from '../lib/clientRequest'
import { Explain, explainedIn } from '../lib/explain'
import type { OperationResult } from './knownOperation'
import type { CompiledOperation } from './operations/compileOperation'
import type { AskedOperation } from './operations/preparedOperation'
import { PlanRun, type Variables } from './planRun'
import { clientPlaces } from './response/clientErrors'
import { mergeInto } from './responseData'

/** What an operation is run with. */
export interface RunOptions {
  /** Say when an answer is due. */
  readonly alarms: Alarms<PlanRun>
  /** Makes the answer's extensions of the explanations of its predictions. */
  readonly explained: (explain: Explain, request: ClientRequest) => object
}

/** Runs a compiled operation for one client request, with coerced variables. */
export function runOperation(
  compiled: CompiledOperation,
  asked: AskedOperation,
  variables: Variables,
  request: ClientRequest,
  { alarms, explained }: RunOptions,
): Promise<OperationResult> {
  // One request may hold several operations; each explains its own predictions.
  const explain = request.explain && new Explain()
  const run = new PlanRun(explain ? explainedIn(request, explain) : request, alarms)
  // A chain of promises, as everywhere on the way of each request: an async function keeps far more memory while it waits.
  return begin(compiled, run, variables, asked.literals).then(
    () => {
      run.dispose()
      const written = compiled.write(run, asked.nodesOf)
      if (explain === undefined) return written
      const told = new Explain()
      told.addPart(explain, (path) => clientPlaces(path, compiled.root, run.data).map((place) => place.path))
      return { ...written, extensions: explained(told, request) }
    },
    (error) => {
      run.dispose()
      throw error
    },
  )
}

function begin(
  { introspect, parts }: CompiledOperation,
  run: PlanRun,
  variables: Variables,
  literals: readonly ValueNode[],
): Promise<void> {
  try {
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
