import { show } from '../../lib/errors'
import { duration, toMilliseconds } from '../../lib/shapes'
import { below, type RuleProblems } from '../problems'
import { checkKeys, own } from './shape'

/** `{ perSecond, concurrency, deadline }`, each of them if it is wanted. */
export function checkLimits(value: unknown, path: string, found: RuleProblems): void {
  if (value === undefined) return
  const limits = checkKeys(
    value,
    path,
    { required: [], optional: ['perSecond', 'concurrency', 'deadline'] },
    found,
  )
  if (limits === undefined) return
  const check = (key: string, fits: (value: unknown) => boolean, expectation: string) => {
    const limit = own(limits, key)
    if (limit !== undefined && !fits(limit))
      found.refuse(below(path, key), `must be ${expectation}, got ${show(limit)}`)
  }
  check('perSecond', (one) => typeof one === 'number' && one > 0 && Number.isFinite(one), 'a number above 0')
  check('concurrency', (one) => Number.isSafeInteger(one) && (one as number) > 0, 'a whole number from 1 on')
  check('deadline', isDuration, 'a duration above 0 such as 50ms, 1s or 2m')
}

function isDuration(value: unknown): boolean {
  return duration.safeParse(value).success && toMilliseconds(value as string) > 0
}
