import { show } from '../../lib/errors'
import { durationProblem, toMilliseconds } from '../../lib/files/shapes'
import { limitHolders } from '../ruleSet/ruleSet'
import type { Part } from './part'
import type { ValidationContext } from './validationContext'

/** Checks `{ perSecond, concurrency, per, deadline }`, all of them optional. */
export function checkLimits(limits: Part, context: ValidationContext): void {
  if (!limits.isGiven || !limits.hasKeys([], [...kinds.map(([key]) => key), 'deadline'])) return
  for (const [key, words, fits] of kinds) {
    const limit = limits.at(key)
    if (limit.isGiven && !fits(limit.value)) limit.mustBe(words)
  }
  checkDeadline(limits.at('deadline'))
  checkHolder(limits, context)
}

const kinds: readonly (readonly [key: string, words: string, fits: (value: unknown) => boolean])[] = [
  ['perSecond', 'a number above 0', (one) => Number.isFinite(one) && (one as number) > 0],
  ['concurrency', 'a whole number from 1 on', (one) => Number.isSafeInteger(one) && (one as number) > 0],
  ['per', `one of ${limitHolders.join(', ')}`, (one) => limitHolders.some((holder) => holder === one)],
]

function checkDeadline(deadline: Part): void {
  if (!deadline.isGiven) return
  const problem = durationProblem(deadline.value)
  if (problem !== undefined) deadline.refuse(`${problem}, got ${show(deadline.value)}`)
  else if (toMilliseconds(deadline.value as string) === 0) deadline.mustBe('a duration above 0')
}

/** Checks that `per` has a limit to apply to, and that a tenant can be known. */
function checkHolder(limits: Part, { known }: ValidationContext): void {
  const per = limits.at('per')
  if (!per.isGiven) return
  if (!limits.at('perSecond').isGiven && !limits.at('concurrency').isGiven) {
    per.refuse(`must be combined with perSecond or concurrency, got ${show(per.value)} alone`)
  } else if (per.value === 'tenant' && known?.contextKeys?.has('tenant') === false) {
    per.warn('no context key tenant is declared, so each client is counted separately')
  }
}
