import { execute, type GraphQLSchema, isNonNullType, parse, type ValueNode } from 'graphql'
import { inFetchableForm } from '../../federation/operations/fetchableForm'
import type { OperationToNormalize } from '../../federation/operations/normalize'
import type {
  NormalOperation,
  NormalVariable,
  Place,
  VariableSource,
} from '../../federation/operations/normalOperation'
import type { ResponseObject } from '../graphql/responseData'
import { compilePlace } from '../response/compilePlace'
import { compileListColumns, type WriteColumns } from '../response/listColumns'
import { Serialization } from '../response/serialization'
import { compileAnswer, type WriteAnswer } from '../response/writeAnswer'
import type { Step, Variables } from '../run/planRun'
import { type AnswerEstimate, compileEstimate } from './answerEstimate'
import { answerBytes, fetchBytes } from './cacheBytes'
import type { OperationEnvironment } from './operationEnvironment'

/** An operation for one combination of its conditions, ready to run with any variables and literals. */
export interface CompiledOperation {
  readonly parts: readonly CompiledPart[]
  /** Answers introspection, under the keys of the merged data. */
  readonly introspect: ((variables: Variables, literals: readonly ValueNode[]) => ResponseObject) | undefined
  readonly root: Place
  /** The estimated size of the answer; undefined if it is constant and within the budget. */
  readonly estimate: AnswerEstimate | undefined
  readonly write: WriteAnswer
  /** How much memory it takes, roughly. */
  readonly bytes: number
  /** Writes the data by columns, for a gateway that asks for them. */
  readonly writeColumns: WriteColumns
}

/** A part of an operation that is fetched as a whole. Parts run one after the other. */
export interface CompiledPart {
  readonly step: Step
  /** The values of the part's variables, made from the client's variables and literals. */
  variables(client: Variables, literals: readonly ValueNode[]): Variables
  /** Whether to skip the other parts, because the fetched data makes the whole answer null. */
  endsAll(data: ResponseObject): boolean
}

/**
 * Compiles an operation for one combination of its conditions. Throws NOT_SUPPORTED if neither of its two forms can be
 * fetched.
 */
export function compileOperation(
  asked: OperationToNormalize,
  { stepFor, listSizes, budget }: Pick<OperationEnvironment, 'stepFor' | 'listSizes' | 'budget'>,
): CompiledOperation {
  return inFetchableForm(asked, ({ root, parts, introspection }) => ({
    parts: parts.map((part) => compilePart(part, stepFor(part))),
    introspect: introspection && compileIntrospection(introspection, asked.schema),
    root,
    estimate: listSizes && compileEstimate(root, listSizes, budget.values),
    write: compileAnswer(root),
    bytes: parts.reduce((sum, { text }) => sum + text.length * fetchBytes, answerBytes(root)),
    writeColumns: compileListColumns(root),
  }))
}

function compilePart({ kind, root, variables }: NormalOperation, step: Step): CompiledPart {
  const [shape] = root.shapes.values()
  const mayEndAll = kind === 'mutation' && isNonNullType(shape.fetched[0].type)
  const complete = compilePlace(root)
  return {
    step,
    variables: (client, literals) => bind(variables, client, literals),
    endsAll: (data) => mayEndAll && complete(data, new Serialization(), 0) === null,
  }
}

function compileIntrospection({ text, variables }: NormalOperation, schema: GraphQLSchema) {
  const document = parse(text, { noLocation: true })
  return (client: Variables, literals: readonly ValueNode[]): ResponseObject => {
    const result = execute({ schema, document, variableValues: bind(variables, client, literals) })
    return 'data' in result && result.data ? result.data : {}
  }
}

/** Literals are read again for each request, because a resolver may modify its arguments. */
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
export function readSource(
  source: VariableSource,
  client: Variables,
  literals: readonly ValueNode[],
): unknown {
  if (source.kind === 'literal') return source.read(literals[source.number])
  return source.kind === 'variable' ? client[source.name] : undefined
}
