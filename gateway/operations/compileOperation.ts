import { execute, type GraphQLSchema, isNonNullType, parse, type ValueNode } from 'graphql'
import { PresageError } from '../../lib/errors'
import type { Step, Variables } from '../planRun'
import { Completion, compilePlace } from '../response/compilePlace'
import { compileAnswer, type WriteAnswer } from '../response/writeAnswer'
import type { ResponseObject } from '../responseData'
import { type NormalizedOperation, normalize, type OperationToNormalize } from './normalize'
import type { NormalOperation, NormalVariable, Place } from './normalOperation'

/** An operation ready to run with any variables and literals, for one combination of its conditions. */
export interface CompiledOperation {
  readonly parts: readonly CompiledPart[]
  /** Answers what is asked about the schema, under the keys of the merged data. */
  readonly introspect: ((variables: Variables, literals: readonly ValueNode[]) => ResponseObject) | undefined
  readonly root: Place
  readonly write: WriteAnswer
}

/** What is fetched together; parts run one after the other. */
export interface CompiledPart {
  readonly step: Step
  /** Of the part's document, by what the client has sent. */
  variables(client: Variables, literals: readonly ValueNode[]): Variables
  /** Whether the rest is not to be run, since what was fetched makes the whole answer null. */
  endsAll(data: ResponseObject): boolean
}

/** Throws NOT_SUPPORTED where no form of the operation can be fetched. */
export function compileOperation(
  asked: OperationToNormalize,
  stepFor: (part: NormalOperation) => Step,
): CompiledOperation {
  try {
    return compileForm(normalize(asked, 'compact'), asked.schema, stepFor)
  } catch (error) {
    if (!(error instanceof PresageError && error.code === 'NOT_SUPPORTED')) throw error
    return compileForm(normalize(asked, 'apart'), asked.schema, stepFor)
  }
}

function compileForm(
  { root, parts, introspection }: NormalizedOperation,
  schema: GraphQLSchema,
  stepFor: (part: NormalOperation) => Step,
): CompiledOperation {
  return {
    parts: parts.map((part) => compilePart(part, stepFor(part))),
    introspect: introspection && compileIntrospection(introspection, schema),
    root,
    write: compileAnswer(root),
  }
}

function compilePart({ kind, root, variables }: NormalOperation, step: Step): CompiledPart {
  const [shape] = root.shapes.values()
  const mayEndAll = kind === 'mutation' && isNonNullType(shape.fetched[0].type)
  const complete = compilePlace(root)
  return {
    step,
    variables: (client, literals) => bind(variables, client, literals),
    endsAll: (data) => mayEndAll && complete(data, new Completion(), 0) === null,
  }
}

function compileIntrospection({ text, variables }: NormalOperation, schema: GraphQLSchema) {
  const document = parse(text, { noLocation: true })
  return (client: Variables, literals: readonly ValueNode[]): ResponseObject => {
    const result = execute({ schema, document, variableValues: bind(variables, client, literals) })
    return 'data' in result && result.data ? result.data : {}
  }
}

/** Literals are read for each request, so that none gets what another's resolvers have in hand. */
function bind(
  variables: readonly NormalVariable[],
  client: Variables,
  literals: readonly ValueNode[],
): Variables {
  const values: Record<string, unknown> = {}
  for (const { name, source } of variables) {
    if (source.kind === 'literal') values[name] = source.read(literals[source.number])
    else if (source.kind === 'variable' && Object.hasOwn(client, source.name))
      values[name] = client[source.name]
  }
  return values
}
