import { type GraphQLSchema, Kind, type OperationDefinitionNode, parse } from 'graphql'
import { PresageError } from '../lib/errors'
import { checkedPlan } from './checkedPlan'
import { inFetchableForm } from './operations/fetchableForm'
import { buildPublicSchema } from './supergraph/publicSchema'
import { readSupergraph } from './supergraph/readSupergraph'

/** Finds operations that a gateway over a supergraph would refuse. */
export interface OperationCheck {
  /** The schema that clients would see. */
  readonly schema: GraphQLSchema
  /** Why a valid query without variables and conditions cannot be answered; undefined if it can. */
  problemOf(query: string): string | undefined
}

/** Throws if the SDL is not a supergraph. */
export function createOperationCheck(supergraphSdl: string): OperationCheck {
  const schema = buildPublicSchema(supergraphSdl)
  const supergraph = readSupergraph(supergraphSdl)
  return {
    schema,
    problemOf(query) {
      const [operation] = parse(query).definitions.filter(isOperation)
      const asked = {
        schema,
        operation,
        fragments: new Map(),
        conditions: {},
        numbers: new Map(),
        maxListLength: 0,
      }
      try {
        inFetchableForm(asked, ({ parts }) => parts.map((part) => checkedPlan(part, supergraph)))
        return undefined
      } catch (error) {
        if (error instanceof PresageError) return error.message
        throw error
      }
    },
  }
}

function isOperation(node: { readonly kind: Kind }): node is OperationDefinitionNode {
  return node.kind === Kind.OPERATION_DEFINITION
}
