import { execute, type GraphQLSchema, isNonNullType, parse, type ValueNode } from 'graphql'
import { inFetchableForm } from '../../federation/operations/fetchableForm'
import type { OperationToNormalize } from '../../federation/operations/normalize'
import type {
  NormalOperation,
  NormalVariable,
  Place,
  VariableSource,
} from '../../federation/operations/normalOperation'
import { mergeInto, type ResponseObject } from '../graphql/responseData'
import { answerTooLarge } from '../limits/answerBudget'
import { compilePlace, Serialization } from '../response/compilePlace'
import { compileListColumns, type WriteColumns } from '../response/listColumns'
import { compileAnswer, type WriteAnswer } from '../response/writeAnswer'
import type { PlanRun, Step, Variables } from '../run/planRun'
import { type AnswerEstimate, compileEstimate } from './answerEstimate'
import { answerBytes, fetchBytes } from './cacheBytes'
import type { OperationEnvironment } from './operationEnvironment'

/** An operation for one combination of its conditions, ready to run with any variables and literals. */
export interface CompiledOperation {
  /** Fetches everything into the run. Rejects with ANSWER_TOO_LARGE, before any fetch, if the answer is likely to be. */
  readonly fetch: Fetch
  readonly root: Place
  readonly write: WriteAnswer
  /** Writes the data by columns, for a gateway that asks for them. */
  readonly writeColumns: WriteColumns
  /** How much memory it takes, roughly. */
  readonly bytes: number
}

/** `client` are the client's variables, coerced; `literals` are those of its text. */
type Fetch = (run: PlanRun, client: Variables, literals: readonly ValueNode[]) => Promise<void>

/** For one combination of its conditions. Throws NOT_SUPPORTED if neither of its two forms can be fetched. */
export function compileOperation(
  asked: OperationToNormalize,
  { stepFor, listSizes, budget }: Pick<OperationEnvironment, 'stepFor' | 'listSizes' | 'budget'>,
): CompiledOperation {
  return inFetchableForm(asked, ({ root, parts, introspection }) => ({
    fetch: compileFetch(
      parts.map((part) => compilePart(part, stepFor(part))),
      introspection && compileIntrospection(introspection, asked.schema),
      listSizes && compileEstimate(root, listSizes, budget.values),
    ),
    root,
    write: compileAnswer({ root, variables: parts.flatMap(({ variables }) => variables) }),
    writeColumns: compileListColumns(root),
    bytes: parts.reduce((sum, { text }) => sum + text.length * fetchBytes, answerBytes(root)),
  }))
}

/** A part of an operation that is fetched as a whole. Parts run one after the other. */
interface CompiledPart {
  readonly step: Step
  readonly variables: readonly NormalVariable[]
  /** Whether to skip the other parts, because the fetched data makes the whole answer null. */
  endsAll(data: ResponseObject): boolean
}

function compilePart({ kind, root, variables }: NormalOperation, step: Step): CompiledPart {
  const [shape] = root.shapes.values()
  const mayEndAll = kind === 'mutation' && isNonNullType(shape.fetched[0].type)
  const complete = compilePlace(root)
  return {
    step,
    variables,
    endsAll: (data) => mayEndAll && complete(data, new Serialization(), 0) === null,
  }
}

/** `introspect` answers under the keys of the merged data. */
function compileFetch(
  parts: readonly CompiledPart[],
  introspect: ReturnType<typeof compileIntrospection> | undefined,
  estimate: AnswerEstimate | undefined,
): Fetch {
  return (run, client, literals) => {
    try {
      if (estimate !== undefined) checkEstimate(estimate, run, client, literals)
      if (introspect !== undefined) mergeInto(run.data, introspect(client, literals))
      if (parts.length === 0) return nothingPending
      if (parts.length > 1) return inOrder(parts, run, client, literals)
      const [{ step, variables }] = parts
      run.variables = bind(variables, client, literals)
      return step(run) ?? nothingPending
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

/** Runs a mutation field by field, until one makes the whole answer null. */
async function inOrder(
  parts: readonly CompiledPart[],
  run: PlanRun,
  client: Variables,
  literals: readonly ValueNode[],
): Promise<void> {
  for (const { step, variables, endsAll } of parts) {
    run.variables = bind(variables, client, literals)
    await step(run)
    if (endsAll(run.data)) return
  }
}

const nothingPending = Promise.resolve()

function checkEstimate(
  estimate: AnswerEstimate,
  { budget }: PlanRun,
  client: Variables,
  literals: readonly ValueNode[],
): void {
  const read = ({ source }: NormalVariable) => readSource(source, client, literals)
  const values = estimate.values(read)
  if (values > budget.values) throw answerTooLarge('values', budget, estimate.largest(read), values)
}

function compileIntrospection({ text, variables }: NormalOperation, schema: GraphQLSchema) {
  const document = parse(text, { noLocation: true })
  return (client: Variables, literals: readonly ValueNode[]): ResponseObject => {
    const result = execute({ schema, document, variableValues: bind(variables, client, literals) })
    return 'data' in result && result.data ? result.data : {}
  }
}

/** The values of a part's variables. Literals are read anew each time, since a resolver may modify arguments. */
function bind(
  variables: readonly NormalVariable[],
  client: Variables,
  literals: readonly ValueNode[],
): Variables {
  const values: Record<string, unknown> = {}
  for (const { name, source } of variables) {
    if (source.kind === 'inDocument' || (source.kind === 'variable' && !Object.hasOwn(client, source.name)))
      continue
    values[name] = readSource(source, client, literals)
  }
  return values
}

/** A variable's value, from what the client sent. Undefined if it was left out or is written in the document. */
function readSource(source: VariableSource, client: Variables, literals: readonly ValueNode[]): unknown {
  if (source.kind === 'literal') return source.read(literals[source.number])
  return source.kind === 'variable' ? client[source.name] : undefined
}
