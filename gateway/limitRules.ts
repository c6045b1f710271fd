import {
  type ASTNode,
  type ASTVisitor,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type ValidationContext,
  type ValidationRule,
  visit,
} from 'graphql'
import { PresageError } from '../lib/errors'
import type { GatewayLimits } from './limits'
import { checkLiteral } from './listLimits'
import { extensionsOf } from './locatedError'
import type { Supergraph } from './supergraph'

/** Validation rules for what is refused by name and for the limits of a document; a document that passed is not checked again. */
export function limitRules(supergraph: Supergraph, limits: GatewayLimits): readonly ValidationRule[] {
  return [
    refuseUnsupported,
    (context) => limitFields(context, supergraph, limits),
    (context) => limitLists(context, limits.listLength),
  ]
}

function report(context: ValidationContext, error: PresageError, node: ASTNode): void {
  context.reportError(
    new GraphQLError(error.message, { nodes: node, originalError: error, extensions: extensionsOf(error) }),
  )
}

/**
 * On the document, so that it is said before the rule of the specification that knows no such directive. A response key
 * or a variable `__proto__` would not be a key of an object but reach for its prototype, here and in careless clients.
 */
function refuseUnsupported(context: ValidationContext): ASTVisitor {
  return {
    Document(document) {
      visit(document, {
        Directive(node) {
          const name = node.name.value
          if (name !== 'defer' && name !== 'stream') return
          report(context, new PresageError('NOT_SUPPORTED', `@${name}: not supported`), node)
        },
        Field(node) {
          if (node.alias?.value !== '__proto__') return
          report(context, new PresageError('BAD_REQUEST', '__proto__: cannot be an alias'), node)
        },
        VariableDefinition(node) {
          if (node.variable.name.value !== '__proto__') return
          report(context, new PresageError('BAD_REQUEST', '__proto__: cannot be a variable'), node)
        },
        OperationDefinition(node) {
          if (node.operation === 'subscription') {
            report(context, new PresageError('NOT_SUPPORTED', 'subscription: not supported'), node)
          } else if (!context.getSchema().getRootType(node.operation)) {
            // graphql-js finds this out only when it executes.
            report(context, new PresageError('BAD_REQUEST', `${node.operation}: this graph has none`), node)
          }
        },
      })
    },
  }
}

/** What one operation or fragment asks for itself, and through which fragments it asks for more. */
interface Uses {
  fields: number
  predictions: number
  readonly spreads: string[]
}

function limitFields(context: ValidationContext, supergraph: Supergraph, limits: GatewayLimits): ASTVisitor {
  const usesOf = new Map<OperationDefinitionNode | FragmentDefinitionNode, Uses>()
  let current: Uses = { fields: 0, predictions: 0, spreads: [] }
  const enter = (node: OperationDefinitionNode | FragmentDefinitionNode) => {
    current = { fields: 0, predictions: 0, spreads: [] }
    usesOf.set(node, current)
  }
  return {
    OperationDefinition: enter,
    FragmentDefinition: enter,
    FragmentSpread(node) {
      current.spreads.push(node.name.value)
    },
    Field(node) {
      current.fields++
      const parent = context.getParentType()
      if (parent && supergraph.isPrediction(parent.name, node.name.value)) current.predictions++
    },
    Document: {
      leave() {
        const total = sumThroughFragments(context, usesOf)
        for (const [node, uses] of usesOf) {
          if (node.kind !== Kind.OPERATION_DEFINITION) continue
          const { fields, predictions } = total(uses)
          const error = checkTotal(node.name?.value ?? node.operation, fields, predictions, limits)
          if (error) report(context, error, node)
        }
      },
    },
  }
}

/** Adds up each fragment once, however often it is spread: a short document can mean millions of fields. */
function sumThroughFragments(
  context: ValidationContext,
  usesOf: ReadonlyMap<OperationDefinitionNode | FragmentDefinitionNode, Uses>,
): (uses: Uses) => { readonly fields: number; readonly predictions: number } {
  const totals = new Map<Uses, { fields: number; predictions: number }>()
  return function total(uses) {
    const known = totals.get(uses)
    if (known !== undefined) return known
    const sum = { fields: uses.fields, predictions: uses.predictions }
    // Set before its fragments are looked at: one that spreads itself is another rule's error, and must end here.
    totals.set(uses, sum)
    for (const name of uses.spreads) {
      const fragment = context.getFragment(name)
      const inside = fragment && usesOf.get(fragment)
      if (!inside) continue
      const { fields, predictions } = total(inside)
      sum.fields += fields
      sum.predictions += predictions
    }
    return sum
  }
}

function checkTotal(
  operation: string,
  fields: number,
  predictions: number,
  limits: GatewayLimits,
): PresageError | undefined {
  if (predictions > limits.predictionAliases) {
    return new PresageError(
      'TOO_MANY_ALIASES',
      `${operation}: an operation may have at most ${limits.predictionAliases} prediction fields, got ${predictions}`,
      { count: predictions, maximum: limits.predictionAliases },
    )
  }
  if (fields <= limits.fields) return undefined
  return new PresageError(
    'BAD_REQUEST',
    `${operation}: an operation may have at most ${limits.fields} fields with those of its fragments, got ${fields}`,
  )
}

function limitLists(context: ValidationContext, maximum: number): ASTVisitor {
  return {
    Argument(node) {
      const argument = context.getArgument()
      if (!argument) return
      try {
        checkLiteral(node.value, argument.type, argument.name, maximum)
      } catch (error) {
        if (!(error instanceof PresageError)) throw error
        report(context, error, node)
      }
    },
  }
}
