import { show } from '../../lib/errors'
import { isMap } from '../../lib/isMap'
import { percentBuckets, totalBuckets } from '../bucketing/bucketer'
import type { RuleProblems } from '../ruleSet/problems'
import { type Entries, own } from './shape'

/** Checks for a number from 0 to 100 with up to four decimals. */
export function checkPercent(value: unknown, path: string, found: RuleProblems): void {
  if (value === undefined || isPercent(value)) return
  found.refuse(path, `must be 0 to 100 with up to four decimals, got ${show(value)}`)
}

/** Checks that the percentages of an experiment's cells add up to 100; skipped if one of them is invalid. */
export function checkSum(cells: readonly unknown[], path: string, found: RuleProblems): void {
  const percents = cells.map((cell) => (isMap(cell) ? own(cell as Entries, 'percent') : undefined))
  if (!percents.every(isPercent)) return
  const sum = percents.reduce((total, percent) => total + percentBuckets(percent), 0)
  if (sum === totalBuckets) return
  found.refuse(path, `must add up to 100, got ${sum / (totalBuckets / 100)}`)
}

function isPercent(value: unknown): value is number {
  // A number with at most four decimals equals the result of rounding it to four decimals.
  return (
    typeof value === 'number' && value >= 0 && value <= 100 && Math.round(value * 10_000) / 10_000 === value
  )
}
