import { place } from '../data/place'
import { highestInt } from '../rules/useRuleSet'

/** The version of the rules that the address names; undefined if it names none, null if it names what cannot be one. */
export function rulesAsked(): number | null | undefined {
  const { rules } = place.value.settings
  if (rules === undefined) return undefined
  return /^[1-9]\d*$/.test(rules) && Number(rules) <= highestInt ? Number(rules) : null
}
