import { useGraph } from './useGraph'

/** What the client that asks may do, as the graph says; nothing while it is not known. */
export interface Caller {
  readonly roles: readonly string[]
  readonly mayTryModels: boolean
  readonly mayChangeRules: boolean
}

const nobody: Caller = { roles: [], mayTryModels: false, mayChangeRules: false }

export function useCaller(): Caller {
  const { data } = useGraph<{ caller: Caller }>(
    'query Caller { caller { roles mayTryModels mayChangeRules } }',
  )
  return data?.caller ?? nobody
}
