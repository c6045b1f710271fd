import { show } from '../../lib/errors'
import { durationProblem, toMilliseconds } from '../../lib/files/shapes'
import { below } from '../ruleSet/problems'
import { limitHolders } from '../ruleSet/ruleSet'
import { checkKeys, type Entries, own } from './shape'
import type { ValidationContext } from './validationContext'

/** Checks `{ perSecond, concurrency, per, deadline }`, all of them optional. */
export function checkLimits(value: unknown, path: string, validation: ValidationContext): void {
  if (value === undefined) return
  const { found } = validation
  const optional = ['perSecond', 'concurrency', 'per', 'deadline']
  const limits = checkKeys(value, path, { required: [], optional }, found)
  if (limits === undefined) return
  const check = (key: string, fits: (value: unknown) => boolean, expectation: string) => {
    const limit = own(limits, key)
    if (limit !== undefined && !fits(limit))
      found.refuse(below(path, key), `must be ${expectation}, got ${show(limit)}`)
  }
  check('perSecond', (one) => typeof one === 'number' && one > 0 && Number.isFinite(one), 'a number above 0')
  check('concurrency', (one) => Number.isSafeInteger(one) && (one as number) > 0, 'a whole number from 1 on')
  check('per', isHolder, `one of ${limitHolders.join(', ')}`)
  checkDeadline(own(limits, 'deadline'), below(path, 'deadline'), validation)
  checkHolder(limits, below(path, 'per'), validation)
}

/** Checks that `per` has a limit to apply to, and that a tenant can be known. */
function checkHolder(limits: Entries, path: string, { found, known }: ValidationContext): void {
  const per = own(limits, 'per')
  if (per === undefined) return
  if (own(limits, 'perSecond') === undefined && own(limits, 'concurrency') === undefined) {
    found.refuse(path, `must be combined with perSecond or concurrency, got ${show(per)} alone`)
  } else if (per === 'tenant' && known?.contextKeys !== undefined && !known.contextKeys.has('tenant')) {
    found.warn(path, 'no context key tenant is declared, so each client is counted separately')
  }
}

function isHolder(value: unknown): boolean {
  return limitHolders.some((holder) => holder === value)
}

function checkDeadline(value: unknown, path: string, { found }: ValidationContext): void {
  if (value === undefined) return
  const problem = durationProblem(value)
  if (problem !== undefined) found.refuse(path, `${problem}, got ${show(value)}`)
  else if (toMilliseconds(value as string) === 0)
    found.refuse(path, `must be a duration above 0, got ${show(value)}`)
}
