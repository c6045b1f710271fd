import { askGraph } from './send'
import { type Resource, useSent } from './useSent'

/** The answer of the graph to a query; `every` asks again after so many ticks. No query, no question. */
export function useGraph<T>(query: string | undefined, variables: object = {}, every?: number): Resource<T> {
  const key = query === undefined ? undefined : query + JSON.stringify(variables)
  return useSent<T>(key, (signal) => askGraph<T>(query!, variables, signal), every)
}
