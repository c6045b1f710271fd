import { PresageError } from '../../lib/errors'
import type { ClientRequest, Context, ContextType } from '../../lib/request/clientRequest'
import { contextProblem, readContext } from '../../routing/ruleSet/readContext'

/** The source of a declared context key, and its type. */
export interface ContextKeySource {
  readonly from?: 'token' | 'edge' | 'client'
  readonly type: ContextType
}

/**
 * A request's context, overridden by what its client states in the question. A key that anybody may set by a header,
 * anybody may state. Keys from a token or the edge need the role `researcher`, who may ask for versions by name anyway:
 * otherwise a client could choose its cell by stating another member. Null or an empty text removes a key. Throws
 * BAD_USER_INPUT for an undeclared key or a value that is not of its type, FORBIDDEN for one that the client may not
 * state.
 */
export function statedContext(
  request: ClientRequest,
  stated: Readonly<Record<string, unknown>>,
  keys: ReadonlyMap<string, ContextKeySource>,
): Context {
  const names = Object.keys(stated)
  if (names.length === 0) return request.context
  const known = {
    contextKeys: new Set(keys.keys()),
    contextTypes: new Map([...keys].map(([name, { type }]) => [name, type])),
  }
  const unfit = contextProblem(stated, known)
  if (unfit !== undefined) throw new PresageError('BAD_USER_INPUT', `context: ${unfit}`)
  for (const name of names) {
    const source = keys.get(name)!
    if (source.from !== 'client' && !request.roles.includes('researcher')) {
      const own = source.from === 'token' ? "the request's token" : 'a header that the edge sets'
      throw new PresageError(
        'FORBIDDEN',
        `context.${name}: comes from ${own}; stating it here needs the role researcher`,
        { role: 'researcher' },
      )
    }
  }
  const kept = Object.entries(request.context).filter(([name]) => !Object.hasOwn(stated, name))
  return { ...Object.fromEntries(kept), ...readContext(stated, known) }
}
