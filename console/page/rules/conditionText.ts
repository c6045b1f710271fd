import type { Condition } from './ruleSet'

/** A condition as people read it: `country is one of DE, AT and not (device is tv)`. */
export function conditionText(when: Condition | undefined): string {
  return clausesOf(when ?? {}).join(' and ') || 'always'
}

function clausesOf(condition: Condition): string[] {
  return Object.entries(condition).map(([key, value]) => {
    if (key === 'not') return `not (${conditionText(value as Condition)})`
    if (key === 'all') return joined(value as Condition[], ' and ', 'always')
    if (key === 'any') return joined(value as Condition[], ' or ', 'never')
    if (typeof value !== 'object' || value === null) return `${key} is ${text(value)}`
    return Object.entries(value)
      .map(([operator, wanted]) => `${key} ${operatorText(operator, wanted)}`)
      .join(' and ')
  })
}

function joined(conditions: readonly Condition[], word: string, none: string): string {
  if (conditions.length === 0) return none
  return `(${conditions.map(conditionText).join(word)})`
}

function operatorText(operator: string, wanted: unknown): string {
  if (operator === 'exists') return wanted === true ? 'is there' : 'is absent'
  const list = Array.isArray(wanted) ? wanted.map(text).join(', ') : text(wanted)
  return `${operators[operator] ?? operator} ${list}`
}

const operators: Readonly<Record<string, string>> = {
  eq: 'is',
  ne: 'is not',
  in: 'is one of',
  notIn: 'is none of',
  lt: 'is below',
  lte: 'is at most',
  gt: 'is above',
  gte: 'is at least',
  prefix: 'begins with',
  semver: 'is in the range',
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
