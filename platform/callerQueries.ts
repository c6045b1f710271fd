import { requireRole } from '../lib/request/roles'
import type { SubgraphContext } from '../serving/inputs/subgraphContext'
import type { PlatformServices } from './services'

/** The `Query` fields about the client that asks, and what it may say of a request. */
export function callerQueries(services: () => PlatformServices) {
  return {
    caller: (_: unknown, _args: unknown, { request: { roles } }: SubgraphContext) => {
      const { tryModelAllowed, rules } = services()
      return {
        roles,
        mayTryModels: tryModelAllowed && roles.includes('researcher'),
        mayChangeRules: rules.mutationsAllowed && roles.includes('operator'),
      }
    },
    contextKeys: (_: unknown, _args: unknown, { request }: SubgraphContext) => {
      requireRole(request, 'viewer')
      const { contextKeys = [], contextTypes } = services().rules.knownNames()
      return [...contextKeys].map((name) => ({ name, type: contextTypes.get(name) ?? 'string' }))
    },
  }
}
