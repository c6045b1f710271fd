import type { Answer, ResponsePlace } from './answer'
import { isSamePrediction } from './freedoms'

/** The data that came, with the expected digits where a model's numbers are as good as the same. */
export function withExpectedDigits({ dataText: expected, predicted = [] }: Answer, got: Answer): Answer {
  const { dataText } = got
  if (expected === undefined || dataText === undefined || expected === dataText || predicted.length === 0)
    return got
  // In holders, so that the data themselves may be replaced.
  const [before, now] = [{ data: JSON.parse(expected) }, { data: JSON.parse(dataText) }]
  for (const place of predicted) adoptAt(['data', ...place], before, now)
  return { ...got, dataText: JSON.stringify(now.data) }
}

type Holder = Record<string | number, unknown>

/** Goes to a place of both, as far as both have it. */
function adoptAt([key, ...rest]: ResponsePlace, before: unknown, now: unknown): void {
  if (!isHolder(before) || !isHolder(now)) return
  if (rest.length > 0) adoptAt(rest, before[key], now[key])
  else adopt(key, before, now)
}

function adopt(key: string | number, before: Holder, now: Holder): void {
  const [expected, got] = [before[key], now[key]]
  if (typeof expected === 'number' && typeof got === 'number') {
    if (isSamePrediction(expected, got)) now[key] = expected
  } else if (isHolder(expected) && isHolder(got)) {
    for (const inner of Object.keys(got)) adopt(inner, expected, got)
  }
}

function isHolder(value: unknown): value is Holder {
  return typeof value === 'object' && value !== null
}
