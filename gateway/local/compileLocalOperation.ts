import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  OperationTypeNode,
  visit,
} from 'graphql'
import { fragmentsOf } from '../../federation/operations/collectFields'
import { type AnswerWork, unboundedWork } from '../../lib/execution/answerWork'
import { isPromise } from '../../lib/isPromise'
import type { ResponseObject } from '../graphql/responseData'
import { type Coerced, compileVariables } from '../operations/compileVariables'
import { compileSelection } from './compileSelection'
import type { Complete } from './completeObject'
import type { OperationContext } from './fieldUse'
import { localResult } from './localResult'
import { LocalRun } from './localRun'

/** An operation of one subgraph, compiled once and run with any variables. */
export interface LocalOperation {
  coerce(variables: Values): Coerced
  /** Runs with coerced variables. Never rejects because of resolvers. May never resolve once the work is over. */
  run(coerced: Values, contextValue: unknown, work?: AnswerWork): Promise<ExecutionResult>
}

/**
 * Compiles a valid document with one operation. Undefined if graphql-js has to run it: mutations of several fields,
 * which run one after the other, conditions, and introspection. Gateways send none of these.
 */
export function compileLocalOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
): LocalOperation | undefined {
  const context = contextOf(schema, document)
  if (context === undefined) return undefined
  const { operation } = context
  const execute = compileSelection(
    schema.getRootType(operation.operation)!,
    [operation.selectionSet],
    context,
    () => undefined,
  )
  return {
    coerce: compileVariables(schema, operation),
    run: (coerced, contextValue, work = unboundedWork) =>
      runFields(execute, new LocalRun(coerced, contextValue, work)),
  }
}

/** The context for compiling an operation's fields; undefined as for `compileLocalOperation`. */
export function contextOf(schema: GraphQLSchema, document: DocumentNode): OperationContext | undefined {
  const fragments = fragmentsOf(document)
  const operations = document.definitions.filter((node) => node.kind === Kind.OPERATION_DEFINITION)
  const [operation] = operations
  if (operations.length !== 1 || !schema.getRootType(operation.operation)) return undefined
  if (waits(operation) || needsGraphqlJs(document)) return undefined
  let number = 0
  return {
    schema,
    operation,
    fragments,
    infoFragments: Object.assign(Object.create(null), Object.fromEntries(fragments)),
    nextNumber: () => number++,
  }
}

type Values = Readonly<Record<string, unknown>>

function runFields(execute: Complete, run: LocalRun): Promise<ExecutionResult> {
  let executed: unknown = null
  try {
    executed = execute(undefined, undefined, '', run)
    run.endWalk()
  } catch (error) {
    run.addError(error as GraphQLError, undefined)
    executed = null
  }
  if (isPromise(executed)) return settleLater(executed, run)
  const data = executed as ResponseObject | null
  const settled = run.settle()
  return settled === undefined
    ? Promise.resolve(localResult(data, run))
    : settled.then(() => localResult(data, run))
}

async function settleLater(executed: PromiseLike<unknown>, run: LocalRun): Promise<ExecutionResult> {
  let data: ResponseObject | null = null
  try {
    data = (await executed) as ResponseObject
  } catch (error) {
    run.addError(error as GraphQLError, undefined)
  }
  await run.settle()
  return localResult(data, run)
}

/** Whether its fields have to run one after the other. */
function waits({ operation, selectionSet: { selections } }: OperationDefinitionNode): boolean {
  if (operation === OperationTypeNode.QUERY) return false
  return (
    operation !== OperationTypeNode.MUTATION || selections.length > 1 || selections[0].kind !== Kind.FIELD
  )
}

function needsGraphqlJs(document: DocumentNode): boolean {
  let needs = false
  visit(document, {
    Field: ({ name }) => {
      if (name.value === '__schema' || name.value === '__type') needs = true
    },
    Directive: ({ name }) => {
      if (name.value === 'skip' || name.value === 'include') needs = true
    },
  })
  return needs
}
