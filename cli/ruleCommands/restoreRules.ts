import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import { readNodeCopy } from '../../routing/store/nodeCopy'
import type { Config } from '../config/config'
import type { JsonOption } from '../terminal/printResult'
import { resultOf } from './changeRules'
import { runOnStore, whoAmI } from './ruleCommand'

export interface RestoreOptions extends JsonOption {
  readonly replace?: boolean
  readonly by?: string
}

/** Recreates a lost store from a node's copy, by default the newest here. Throws a LoadError if there is none. */
export function restoreRules(
  config: Config,
  named: string | undefined,
  options: RestoreOptions,
): Promise<void> {
  const file = named ?? newestCopy(config.ruleStore.copies)
  let copy: ReturnType<typeof readNodeCopy>
  try {
    copy = readNodeCopy(file)
  } catch (error) {
    throw new LoadError([(error as Error).message])
  }
  if (copy === undefined)
    throw new LoadError([`${shortPath(file)}: must be a copy of a rule store, got no such file`])
  const kept = copy
  return runOnStore(config, options, async (store) => {
    const outcome = await store.restore(kept, options.by ?? whoAmI(), { replace: options.replace === true })
    const { text, ...result } = resultOf(
      outcome,
      outcome.kind === 'restored' || outcome.kind === 'nothing to do',
    )
    return { ...result, text: `${shortPath(file)}: ${text}` }
  })
}

function newestCopy(folder: string): string {
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(folder, name))
    : []
  const [newest] = files.sort((one, other) => statSync(other).mtimeMs - statSync(one).mtimeMs)
  if (newest !== undefined) return newest
  throw new LoadError([`${shortPath(folder)}: must hold a copy that a node keeps, got none; name a file`])
}
