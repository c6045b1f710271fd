import { existsSync } from 'node:fs'
import { LoadError } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import type { RuleSet } from '../../routing/ruleSet/ruleSet'
import type { RuleStore } from '../../routing/store/ruleStore'

export interface NamedRules {
  readonly ruleSet: RuleSet
  /** The number of its version; 0 for a file. */
  readonly number: number
  /** `version 3`, or the file. */
  readonly place: string
}

/**
 * The rule set that a command names: a version's number; `active` (or the rule file if nothing was published yet, as
 * for a start); `previous`, the target of a rollback; or a file. Throws a LoadError if it does not exist.
 */
export async function namedRules(store: RuleStore, name: string, ruleFile: string): Promise<NamedRules> {
  if (isFile(name)) return ofFile(name)
  const isNumber = isVersionNumber(name)
  const head = await store.head()
  if (name === 'active' && head.kind === 'nothing' && head.floor.number === 0) return ofFile(ruleFile)
  const pointedTo = name === 'active' ? head.active?.number : head.trail?.at(-1)
  const number = isNumber ? Number(name) : pointedTo
  const version = number === undefined ? undefined : await store.get(number)
  if (version !== undefined) {
    const place = `version ${version.number}`
    return { number: version.number, ruleSet: parseRuleSet(version.text, place), place }
  }
  const hint = existsSync(name) ? `; for the file write ./${name}` : ''
  if (isNumber) {
    throw new LoadError([`must be a version of the store, active, previous or a file, got ${name}${hint}`])
  }
  // A command may take it by default, so the user need not have typed the name.
  const got = number === undefined ? 'none' : `version ${number}, which cannot be found`
  throw new LoadError([`the ${name} version must be in the store, got ${got}${hint}`])
}

/** Whether a name is that of a file, which needs no store. */
export function isFile(name: string): boolean {
  return !isVersionNumber(name) && name !== 'active' && name !== 'previous'
}

function isVersionNumber(name: string): boolean {
  return /^\d+$/.test(name)
}

function ofFile(file: string): NamedRules {
  const place = shortPath(file)
  return { number: 0, ruleSet: parseRuleSet(readTextFile(file), place), place }
}
