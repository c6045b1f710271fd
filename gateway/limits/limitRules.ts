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
import type { Supergraph } from '../../federation/supergraph/readSupergraph'
import { PresageError } from '../../lib/errors'
import { extensionsOf } from '../graphql/locatedError'
import { limitNesting } from './limitNesting'
import type { GatewayLimits } from './limits'
import { checkLiteral } from './listLimits'

/** Validation rules for what is refused by name and for the limits of a document; a document that passed is not checked again. */
export function limitRules(supergraph: Supergraph, limits: GatewayLimits): readonly ValidationRule[] {
  return [
    limitNesting,
    refuseUnsupported,
    (context) => limitSizes(context, supergraph, limits),
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
export function refuseUnsupported(context: ValidationContext): ASTVisitor {
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
interface Uses extends Sizes {
  readonly spreads: { readonly fragment: string; readonly level: number }[]
}

/** What an operation is measured by; `depth` in levels of fields, the rest are counts. */
interface Sizes {
  fields: number
  rootFields: number
  depth: number
  directives: number
  predictions: number
}

const nothing: Sizes = { fields: 0, rootFields: 0, depth: 0, directives: 0, predictions: 0 }

function limitSizes(context: ValidationContext, supergraph: Supergraph, limits: GatewayLimits): ASTVisitor {
  const usesOf = new Map<OperationDefinitionNode | FragmentDefinitionNode, Uses>()
  let current: Uses = { ...nothing, spreads: [] }
  /** Fields above the place of the visit. */
  let level = 0
  const enter = (node: OperationDefinitionNode | FragmentDefinitionNode) => {
    current = { ...nothing, spreads: [] }
    usesOf.set(node, current)
  }
  return {
    OperationDefinition: enter,
    FragmentDefinition: enter,
    FragmentSpread(node) {
      current.spreads.push({ fragment: node.name.value, level })
    },
    Directive() {
      current.directives++
    },
    Field: {
      enter(node) {
        current.fields++
        if (level === 0) current.rootFields++
        level++
        current.depth = Math.max(current.depth, level)
        const parent = context.getParentType()
        if (parent && supergraph.isPrediction(parent.name, node.name.value)) current.predictions++
      },
      leave() {
        level--
      },
    },
    Document: {
      leave() {
        const total = sumThroughFragments(context, usesOf)
        for (const [node, uses] of usesOf) {
          if (node.kind !== Kind.OPERATION_DEFINITION) continue
          const error = checkSizes(node.name?.value ?? node.operation, total(uses), limits)
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
): (uses: Uses) => Readonly<Sizes> {
  const totals = new Map<Uses, Sizes>()
  return function total(uses) {
    const known = totals.get(uses)
    if (known !== undefined) return known
    const { spreads, ...sum } = uses
    // Set before its fragments are looked at: one that spreads itself is another rule's error, and must end here.
    totals.set(uses, sum)
    for (const { fragment: name, level } of spreads) {
      const fragment = context.getFragment(name)
      const inside = fragment && usesOf.get(fragment)
      if (!inside) continue
      const { fields, rootFields, depth, directives, predictions } = total(inside)
      sum.fields += fields
      if (level === 0) sum.rootFields += rootFields
      sum.depth = Math.max(sum.depth, level + depth)
      sum.directives += directives
      sum.predictions += predictions
    }
    return sum
  }
}

function checkSizes(operation: string, sizes: Sizes, limits: GatewayLimits): PresageError | undefined {
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
  fields: 'fields with those of its fragments',
  rootFields: 'fields at its root',
  depth: 'levels of fields',
  directives: 'directives with those of its fragments',
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
