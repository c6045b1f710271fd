import { percentBuckets, totalBuckets } from '../bucketing/bucketer'
import type { Part } from './part'

/** Checks for a number from 0 to 100 with up to four decimals. */
export function checkPercent(percent: Part): void {
  if (percent.isGiven && !isPercent(percent.value)) percent.mustBe('0 to 100 with up to four decimals')
}

/** Checks that the percentages of an experiment's cells add up to 100; skipped if one of them is invalid. */
export function checkSum(cells: Part): void {
  const percents = cells.items.map((cell) => cell.at('percent').value)
  if (!Array.isArray(cells.value) || !percents.every(isPercent)) return
  const sum = percents.reduce((total, percent) => total + percentBuckets(percent), 0)
  if (sum !== totalBuckets) cells.refuse(`must add up to 100, got ${sum / (totalBuckets / 100)}`)
}

function isPercent(value: unknown): value is number {
  // A number with at most four decimals equals the result of rounding it to four decimals.
  return (
    typeof value === 'number' && value >= 0 && value <= 100 && Math.round(value * 10_000) / 10_000 === value
  )
}
