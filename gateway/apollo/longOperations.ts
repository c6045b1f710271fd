import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server'
import { wholeTurn } from '../../lib/scheduling/loopTurn'
import { isLong } from '../operations/isLong'
import type { GatewayContext } from '../operations/operationGateway'

/**
 * Gives the parsing, validation and compilation of a new long operation a turn of the event loop each. Each step takes
 * milliseconds, and no other request is answered meanwhile.
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
    // Apollo Server awaits this hook, but not the end of validation.
    async didResolveOperation() {
      if (isNew) await wholeTurn(client)
    },
  }
}
