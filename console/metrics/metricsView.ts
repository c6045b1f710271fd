import type { MetricsAnswer } from './answer'
import { type Question, readQuestion } from './question'

/** Where the metrics come from. */
export interface MetricsSource {
  answer(question: Question): Promise<MetricsAnswer>
}

/** Answers the parameters of `GET /console/metrics`. Rejects with `BAD_REQUEST` for parameters that are not valid. */
export function createMetricsView(source: MetricsSource) {
  return async (parameters: URLSearchParams): Promise<MetricsAnswer> =>
    source.answer(readQuestion(parameters))
}
