import type { ApolloServerPlugin, GraphQLRequestListener } from '@apollo/server'
import { laterTurn } from '../../lib/scheduling/loopTurn'
import type { GatewayContext } from '../operations/operationGateway'

/**
 * Has a long operation that is new parsed, validated and compiled in a turn of the event loop each: each takes milliseconds, in which nobody
 * else is answered.
 */
export const longOperationsInTurns: ApolloServerPlugin<GatewayContext> = {
  async requestDidStart({ request, contextValue }) {
    return (request.query ?? '').length < longCharacters ? undefined : inTurns(contextValue.request.client)
  },
}

function inTurns(client: string): GraphQLRequestListener<GatewayContext> {
  let isNew = false
  return {
    async validationDidStart() {
      isNew = true
      await laterTurn(client)
    },
    // Apollo Server does not wait for the end of validation, but for this.
    async didResolveOperation() {
      if (isNew) await laterTurn(client)
    },
  }
}

/** About a hundred fields. */
const longCharacters = 2000
