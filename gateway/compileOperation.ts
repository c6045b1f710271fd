import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  getVariableValues,
  Kind,
  type OperationDefinitionNode,
  print,
} from 'graphql'
import type { SubgraphExecutor } from '../lib/subgraphExecutor'
import { compilePlan } from './compilePlan'
import { splitIntrospection } from './introspection'
import type { GatewayLimits } from './limits'
import { compileVariableListCheck, type VariableListCheck } from './listLimits'
import type { Planner } from './planner'
import type { Step, Variables } from './planRun'
import { quickVariables } from './quickVariables'
import { compileResponseShape, type ResponseShape } from './shapeResponse'
import type { Supergraph } from './supergraph'

/** What operations of one supergraph are compiled with. */
export interface CompileContext {
  readonly schema: GraphQLSchema
  readonly supergraph: Supergraph
  readonly planner: Planner
  readonly executors: ReadonlyMap<string, SubgraphExecutor>
  readonly limits: GatewayLimits
}

/** One operation of a client, ready to run with any variables. */
export interface CompiledOperation {
  readonly definition: OperationDefinitionNode
  /** Undefined where nothing of any subgraph is asked. */
  readonly plan: Step | undefined
  /** The part that asks about the schema. */
  readonly introspection: DocumentNode | undefined
  readonly checkVariableLists: VariableListCheck | undefined
  /** The variables as values of their types, or what is wrong with them. */
  readVariables(variables: Variables): {
    readonly coerced?: Variables
    readonly errors?: readonly GraphQLError[]
  }
  readonly shape: ResponseShape
}

/** Compiles one operation of a document that is valid against the public schema; `text` is the document's. */
export function compileOperation(
  document: DocumentNode,
  definition: OperationDefinitionNode,
  text: string,
  context: CompileContext,
): CompiledOperation {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  }
  const rootType = context.schema.getRootType(definition.operation)
  if (!rootType) throw new Error(`Bug: a ${definition.operation} that validation let through`)
  const shape = compileResponseShape(rootType, definition, { schema: context.schema, fragments })
  const quick = quickVariables(definition)
  const split = splitIntrospection(definition, fragments)
  return {
    definition,
    plan: shape.needsData ? plan(definition, split?.rest ? print(split.rest) : text, context) : undefined,
    introspection: split?.introspection,
    checkVariableLists: compileVariableListCheck(
      definition,
      fragments,
      context.schema,
      context.limits.listLength,
    ),
    readVariables(variables) {
      const coerced = quick(variables)
      return coerced !== undefined
        ? { coerced }
        : getVariableValues(context.schema, definition.variableDefinitions ?? [], variables, {
            maxErrors: 50,
          })
    },
    shape,
  }
}

function plan(definition: OperationDefinitionNode, text: string, context: CompileContext): Step | undefined {
  const { node } = context.planner.plan(text, definition.name?.value)
  return node && compilePlan(node, context.executors, context.supergraph)
}
