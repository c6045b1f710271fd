import {
  type ASTNode,
  type ASTVisitor,
  GraphQLError,
  type GraphQLInputType,
  type ValidationContext,
  type ValidationRule,
  type ValueNode,
  valueFromASTUntyped,
} from 'graphql'
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { PresageError } from '../../lib/errors'
import { extensionsOf } from '../graphql/locatedError'
import { shortName } from '../graphql/operationName'
import { tooDeep } from '../graphql/tooDeep'
import { DocumentReading, type OperationSizes } from './documentReading'
import type { GatewayLimits } from './limits'
import { checkLists } from './listLimits'

/** Rules for unsupported features and for the limits on a document. One that has passed is not checked again. */
export function limitRules(supergraph: Supergraph, limits: GatewayLimits): readonly ValidationRule[] {
  return [
    (context) => limitDocument(context, supergraph, limits),
    (context) => limitLists(context, limits.listLength),
  ]
}

/** A validation rule for unsupported features, and for documents that nest too deep to be validated. */
export function refuseUnsupported(context: ValidationContext): ASTVisitor {
  return limitDocument(context)
}

/**
 * Visits the document itself, to report @defer and @stream before graphql-js reports unknown directives. Hides a
 * document that nests too deep from later rules, so it must come before every rule that visits the document itself.
 */
function limitDocument(
  context: ValidationContext,
  supergraph?: Supergraph,
  limits?: GatewayLimits,
): ASTVisitor {
  let reading: DocumentReading | undefined
  return {
    Document: {
      enter(document) {
        reading = new DocumentReading(document, context.getSchema(), supergraph?.isPrediction)
        if (reading.nestsTooDeep) {
          report(context, tooDeep())
          return null
        }
        for (const { error, node } of reading.refused) report(context, error, node)
        return undefined
      },
      leave() {
        if (limits === undefined) return
        for (const [operation, sizes] of reading!.sizes()) {
          const error = checkSizes(shortName(operation.name?.value ?? operation.operation), sizes, limits)
          if (error) report(context, error, operation)
        }
      },
    },
  }
}

function report(context: ValidationContext, error: PresageError, node?: ASTNode): void {
  context.reportError(
    new GraphQLError(error.message, {
      nodes: node ?? null,
      originalError: error,
      extensions: extensionsOf(error),
    }),
  )
}

function checkSizes(
  operation: string,
  sizes: OperationSizes,
  limits: GatewayLimits,
): PresageError | undefined {
  if (sizes.predictions > limits.predictionAliases) {
    return new PresageError(
      'TOO_MANY_ALIASES',
      `${operation}: an operation may have at most ${limits.predictionAliases} prediction fields, got ${sizes.predictions}`,
      { count: sizes.predictions, maximum: limits.predictionAliases },
    )
  }
  for (const limit of ['fields', 'rootFields', 'depth', 'directives'] as const) {
    const count = sizes[limit]
    const maximum = limits[limit]
    if (count <= maximum) continue
    return new PresageError(
      'OPERATION_TOO_LARGE',
      `${operation}: an operation may have at most ${maximum} ${nameOf[limit]}, got ${count}`,
      { limit, count, maximum },
    )
  }
  return undefined
}

const nameOf = {
  fields: 'fields, including those of its fragments',
  rootFields: 'root fields',
  depth: 'levels of fields',
  directives: 'directives, including those of its fragments',
}

function limitLists(context: ValidationContext, maximum: number): ASTVisitor {
  const check = (node: ASTNode, value: ValueNode, type: GraphQLInputType, argument: string) => {
    try {
      // Variables are undefined here, and checked with their values.
      checkLists(valueFromASTUntyped(value), type, argument, maximum)
    } catch (error) {
      if (!(error instanceof PresageError)) throw error
      report(context, error, node)
    }
  }
  return {
    Argument(node) {
      const argument = context.getArgument()
      if (argument) check(node, node.value, argument.type, argument.name)
    },
    VariableDefinition(node) {
      const type = context.getInputType()
      if (node.defaultValue && type) check(node, node.defaultValue, type, `$${node.variable.name.value}`)
    },
  }
}

/** In place of Apollo Server's own rule, which names an option that users of Presage do not have. */
export function refuseIntrospection(context: ValidationContext): ASTVisitor {
  return {
    Field(node) {
      const { value: name } = node.name
      if (name !== '__schema' && name !== '__type') return
      context.reportError(
        new GraphQLError(
          `${name}: introspection is off on this server (server.introspection); "presage schema print" prints the schema`,
          { nodes: node, extensions: { validationErrorCode: 'INTROSPECTION_DISABLED' } },
        ),
      )
    },
  }
}
