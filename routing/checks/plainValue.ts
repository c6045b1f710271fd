import { show } from '../../lib/errors'
import { below, type RuleProblems } from '../ruleSet/problems'

/** Deeper than any rule set that a person writes. A deeper one is an attack on recursive code. */
const maxDepth = 100

/** Refuses `__proto__`, deep nesting and values that JSON cannot hold. Returns whether the rest can be checked. */
export function checkPlainValue(value: unknown, found: RuleProblems): boolean {
  return isScalar(value) || walk(value, '', 0, found)
}

function walk(value: unknown, path: string, depth: number, found: RuleProblems): boolean {
  if (!isListOrMap(value)) {
    found.refuse(path, `must be a value of JSON, got ${show(value)}`)
    return false
  }
  if (depth > maxDepth) {
    found.refuse(path, `must not be nested deeper than ${maxDepth} levels`)
    return false
  }
  let isWalkable = true
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') found.refuse(below(path, key), 'no key may be named __proto__')
    // A key without a value counts as absent. In a list there is no such item.
    if (isScalar(inner) && !(inner === undefined && Array.isArray(value))) continue
    if (!walk(inner, below(path, key), depth + 1, found)) isWalkable = false
  }
  return isWalkable
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean', 'undefined'].includes(typeof value)
}

/** TypeScript also has dates and patterns, which are objects without keys: a condition that always holds. */
function isListOrMap(value: unknown): value is object {
  return Array.isArray(value) || Object.prototype.toString.call(value) === '[object Object]'
}
