import { often } from '../data/poll'
import { useGraph } from '../data/useGraph'
import type { Resource } from '../data/useSent'

/** How the values of one output of a version are distributed since somebody looks. */
export interface OutputDistribution {
  readonly objective: string
  /** `name@version` */
  readonly model: string
  /** Whether these are answers of a shadow, which no client got. */
  readonly shadow: boolean
  readonly output: string
  readonly count: number
  /** Of numbers: the edges of bins, one more than counts. */
  readonly bounds: readonly number[] | null
  readonly counts: readonly number[] | null
  /** Of labels: how often each came. */
  readonly values: readonly { readonly value: string; readonly count: number }[] | null
}

const query = `query Outputs($objective: String, $model: String) {
  outputDistributions(objective: $objective, model: $model) {
    objective model shadow output count bounds counts values { value count } } }`

/** Asking keeps the sampling on, so it lasts as long as the page is open and visible. */
export function useDistributions(of: {
  readonly objective?: string
  readonly model?: string
}): Resource<readonly OutputDistribution[]> {
  const asked = useGraph<{ outputDistributions: readonly OutputDistribution[] }>(query, of, often)
  return { ...asked, data: asked.data?.outputDistributions }
}
