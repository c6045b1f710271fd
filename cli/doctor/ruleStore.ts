import { access, constants } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LoadError } from '../../lib/errors'
import { pathInFile } from '../../lib/files/yamlPlaces'
import { shortPath } from '../../lib/packagePaths'
import { FileBackend } from '../../routing/store/fileStore'
import { lostText, lostVersionText, nothingPublished } from '../../routing/store/outcomes'
import { RuleStore } from '../../routing/store/ruleStore'
import type { Config } from '../config/config'

const noneActive = 'no version of the rules is active; `presage rules activate N` makes one so'

/** Checks that a start could keep rules in this folder, or keeps them there, without making anything. */
export async function checkRuleFolder(
  { file, ruleStore: { create } }: Pick<Config, 'file' | 'ruleStore'>,
  folder: string,
): Promise<string> {
  const at = pathInFile(file, 'rules.store.files')
  try {
    for (const part of ['.', 'heads', 'versions', 'nodes']) await requireWritable(join(folder, part))
    const state = await storeState(new RuleStore(new FileBackend({ folder })), create, at)
    return `${shortPath(folder)} can be written to, and ${state}`
  } catch (error) {
    if (error instanceof LoadError) throw error
    throw new LoadError([`${at}: must be a folder to read and write, got ${(error as Error).message}`])
  }
}

/** What is in effect in a store. Throws a LoadError that says what keeps rules from being had. */
export async function storeState(store: RuleStore, create: boolean, at: string): Promise<string> {
  const head = await store.head()
  if (head.kind === 'made') {
    const { active } = head
    if (active === undefined) throw new LoadError([`${at}: ${noneActive}`])
    if (!(await store.has(active.number))) throw new LoadError([`${at}: ${lostVersionText(active.number)}`])
    return `version ${active.number} of the rules is active`
  }
  if (head.floor.number > 0) throw new LoadError([`${at}: ${lostText(head.floor.number)}`])
  if (!create) throw new LoadError([`${at}: ${nothingPublished}`])
  return 'the first start publishes the rule file there'
}

/** Of a folder that is not there, the one in which it would be made. */
async function requireWritable(folder: string): Promise<void> {
  try {
    // With the dot, a file is none.
    await access(`${folder}/.`, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    await requireWritable(dirname(folder))
  }
}
