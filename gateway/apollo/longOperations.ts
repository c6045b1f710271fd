import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server'
import { wholeTurn } from '../../lib/scheduling/loopTurn'
import { isLong } from '../operations/isLong'
import type { GatewayContext } from '../operations/operationGateway'

/**
 * Has a long operation that is new parsed, validated and compiled in a turn of the event loop each: each takes milliseconds, in which nobody
 * else is answered.
 */
export const longOperationsInTurns: ApolloServerPlugin<GatewayContext> = {
  async requestDidStart({ request, contextValue }) {
    return isLong(request.query ?? '') ? inTurns(contextValue.request.client) : undefined
  },
}

function inTurns(client: string): GraphQLRequestListener<GatewayContext> {
  let isNew = false
  return {
    async validationDidStart() {
      isNew = true
      await wholeTurn(client)
    },
    // Apollo Server does not wait for the end of validation, but for this.
    async didResolveOperation() {
      if (isNew) await wholeTurn(client)
    },
  }
}
