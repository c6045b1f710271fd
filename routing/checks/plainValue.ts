import { below, type RuleProblems } from '../ruleSet/problems'

/** Deeper than any rule set that a person writes. A deeper one is an attack on recursive code. */
const maxDepth = 100

/** Refuses the key `__proto__` anywhere, and deep nesting. Returns whether the rest can be checked. */
export function checkPlainValue(value: unknown, found: RuleProblems): boolean {
  return walk(value, '', 0, found)
}

function walk(value: unknown, path: string, depth: number, found: RuleProblems): boolean {
  if (typeof value !== 'object' || value === null) return true
  if (depth > maxDepth) {
    found.refuse(path, `must not be nested deeper than ${maxDepth} levels`)
    return false
  }
  let isWalkable = true
  for (const [key, inner] of Object.entries(value)) {
    if (key === '__proto__') found.refuse(below(path, key), 'no key may be named __proto__')
    if (typeof inner !== 'object' || inner === null) continue
    if (!walk(inner, below(path, key), depth + 1, found)) isWalkable = false
  }
  return isWalkable
}
