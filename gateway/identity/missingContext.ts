import type { Context } from '../../lib/request/clientRequest'
import type { ContextSource } from './contextSource'

/** So many requests without any context are no accident, and no one who tries things out. */
const sample = 100

/**
 * Tells once if the first requests come without a single key of the declared context, as they do behind a gateway that
 * passes no headers on. Rules would go on without it in silence. Undefined if no context is declared.
 */
export function watchForContext(
  declared: ReadonlyMap<string, ContextSource>,
  tell: (problem: string) => void,
): ((context: Context) => void) | undefined {
  if (declared.size === 0) return undefined
  let left = sample
  return (context) => {
    if (left === 0) return
    for (const _ in context) {
      left = 0
      return
    }
    left--
    if (left === 0) tell(missingContext(declared))
  }
}

function missingContext(declared: ReadonlyMap<string, ContextSource>): string {
  const sources = [...declared.values()]
  const headers = new Set(
    sources.map((source) => (source.from === 'token' ? 'authorization' : source.header)),
  )
  const fromEdge = sources.some(({ from = 'edge' }) => from === 'edge')
  const proxies = fromEdge ? ', and its address must be one of trust.trustedProxies' : ''
  return `none of the first ${sample} requests had a value for context.${[...declared.keys()].join(', context.')}: their gateway must pass on ${[...headers].join(', ')}${proxies}`
}
