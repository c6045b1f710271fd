import { LoadError } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import { canonicalJson } from '../../routing/ruleSet/canonicalJson'
import { sha256Of } from '../../routing/store/ruleSetVersion'
import type { RuleStore } from '../../routing/store/ruleStore'

/** Says how a file's rules, by their hash, differ from the active version; undefined if they do not, or none is active. */
export async function fileDifference(
  store: RuleStore,
  file: string,
  sha256: string,
): Promise<string | undefined> {
  const { active } = await store.head()
  if (active === undefined || active.sha256 === sha256) return undefined
  const version = (await store.history()).find((one) => one.sha256 === sha256)?.number
  // A bare name such as `active` or `7` would mean a version.
  const path = /[./]/.test(file) ? file : `./${file}`
  const diff = `\`presage rules diff active ${path}\` shows the difference`
  return version === undefined
    ? `${file} differs from version ${active.number}, which is active: ${diff}, \`presage rules publish ${path}\` publishes the file`
    : `${file} is version ${version}, but version ${active.number} is active (${active.kind} by ${active.by}): ${diff}, \`presage rules activate ${version}\` activates the file's`
}

/** The hash of a rule file's canonical JSON. Throws a LoadError if it is not a rule file. */
export function fileHash(file: string): string {
  return sha256Of(canonicalJson(parseRuleSet(readTextFile(file), shortPath(file))))
}

/** Whether a file has the rules of this hash; false if it is no rule file. */
export function holdsRules(file: string, sha256: string): boolean {
  try {
    return fileHash(file) === sha256
  } catch (error) {
    if (error instanceof LoadError) return false
    throw error
  }
}
