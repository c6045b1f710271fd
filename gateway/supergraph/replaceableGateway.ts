import type { GatewayLoadResult, GatewaySchemaLoadOrUpdateCallback } from '@apollo/server-gateway-interface'
import { type GraphQLSchema, visitInParallel } from 'graphql'
import { invariant } from '../../lib/invariant'
import type { OperationGateway } from '../operations/operationGateway'

/** A gateway that can be replaced while it serves. */
export interface ReplaceableGateway extends OperationGateway {
  /** The gateway for new requests. */
  readonly current: OperationGateway
  /** Serves `next` from now on. Requests in flight finish on the previous one, with all that it has. */
  replace(next: OperationGateway): void
}

export function createReplaceableGateway(first: OperationGateway): ReplaceableGateway {
  /** By schema, since Apollo Server keeps one for each request. Weak, so that unused gateways can go. */
  const gateways = new WeakMap<GraphQLSchema, OperationGateway>([[first.apiSchema, first]])
  const listeners = new Set<GatewaySchemaLoadOrUpdateCallback>()
  let current = first

  function gatewayOf(schema: GraphQLSchema): OperationGateway {
    const gateway = gateways.get(schema)
    invariant(gateway !== undefined, 'a request with a schema that this gateway never gave out')
    return gateway
  }

  const executor: OperationGateway['executor'] = (context) => gatewayOf(context.schema).executor(context)

  return {
    get current() {
      return current
    },
    get apiSchema() {
      return current.apiSchema
    },
    isPrediction: (type, field) => current.isPrediction(type, field),
    validationRules: [
      (context) => {
        const { validationRules } = gatewayOf(context.getSchema())
        return visitInParallel(validationRules.map((rule) => rule(context)))
      },
    ],
    executor,
    get operations() {
      return current.operations
    },
    get newOperations() {
      return current.newOperations
    },
    entityColumns: first.entityColumns && ((...asked) => current.entityColumns?.(...asked)),
    onSchemaLoadOrUpdate(callback) {
      listeners.add(callback)
      current.onSchemaLoadOrUpdate!(callback)
      return () => {
        listeners.delete(callback)
      }
    },
    async load() {
      return { executor: executor as GatewayLoadResult['executor'] }
    },
    replace(next) {
      gateways.set(next.apiSchema, next)
      current = next
      for (const callback of listeners) next.onSchemaLoadOrUpdate!(callback)
    },
    async stop() {
      await current.stop!()
    },
  }
}
