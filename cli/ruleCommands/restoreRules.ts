import { existsSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { LoadError } from '../../lib/errors'
import { shortPath } from '../../lib/packagePaths'
import { type NodeCopy, readNodeCopy } from '../../routing/store/nodeCopy'
import type { RuleStore } from '../../routing/store/ruleStore'
import type { Config } from '../config/config'
import type { JsonOption } from '../terminal/printResult'
import { resultOf } from './changeRules'
import { runOnStore, whoAmI } from './ruleCommand'

export interface RestoreOptions extends JsonOption {
  readonly replace?: boolean
  readonly by?: string
}

interface FoundCopy {
  readonly file: string
  readonly copy: NodeCopy
}

/**
 * Recreates a lost store from a node's copy, by default the newest here. Throws a LoadError if there is none, or if the
 * copies here are of several stores and none of them is known to be of this one.
 */
export function restoreRules(
  config: Config,
  named: string | undefined,
  options: RestoreOptions,
): Promise<void> {
  const replace = options.replace === true
  const copies = named === undefined ? copiesIn(config.ruleStore.copies) : [copyAt(named)]
  return runOnStore(config, options, async (store) => {
    const fitting = named === undefined ? await fittingCopies(store, copies, replace) : copies
    const { file, copy } = newestOf(fitting, config.ruleStore.copies)
    const outcome = await store.restore(copy, options.by ?? whoAmI(), { replace })
    const { text, ...result } = resultOf(
      outcome,
      outcome.kind === 'restored' || outcome.kind === 'nothing to do',
    )
    return { ...result, text: `${shortPath(file)}: ${text}` }
  })
}

function copyAt(file: string): FoundCopy {
  const copy = readNodeCopy(file)
  if (copy === undefined)
    throw new LoadError([`${shortPath(file)}: must be a copy of a rule store, got no such file`])
  return { file, copy }
}

/** The newest first. Those that cannot be read are told, and left out unless there are no others. */
function copiesIn(folder: string): readonly FoundCopy[] {
  const files = existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .map((name) => join(folder, name))
    : []
  if (files.length === 0)
    throw new LoadError([`${shortPath(folder)}: must hold a copy that a node keeps, got none; name a file`])
  const found: FoundCopy[] = []
  const problems: string[] = []
  for (const file of files) {
    try {
      found.push(copyAt(file))
    } catch (error) {
      if (!(error instanceof LoadError)) throw error
      problems.push(...error.problems)
    }
  }
  if (found.length === 0) throw new LoadError(problems)
  for (const problem of problems) console.error(`${problem}; it is left out`)
  return found.sort((one, other) => statSync(other.file).mtimeMs - statSync(one.file).mtimeMs)
}

/** The copies of this store, as far as it, or the nodes that have reported to it, tell; otherwise all. */
async function fittingCopies(
  store: RuleStore,
  copies: readonly FoundCopy[],
  replace: boolean,
): Promise<readonly FoundCopy[]> {
  const [head, reports] = await Promise.all([store.head(), store.leases()])
  const nodes = new Set(reports.map(({ node }) => `${node}.json`))
  const fitting = copies.filter(({ file, copy }) => {
    if (head.kind === 'nothing') return nodes.has(basename(file))
    return (copy.id === head.id) !== replace
  })
  return fitting.length > 0 ? fitting : copies
}

/** The newest, if all are of one store: deployments that share a folder keep their copies side by side. */
function newestOf(copies: readonly FoundCopy[], folder: string): FoundCopy {
  const [newest] = copies
  if (copies.every(({ copy }) => copy.id === newest.copy.id)) return newest
  const names = copies.map(({ file, copy }) => {
    const active = copy.active === undefined ? 'none' : `version ${copy.active.number}`
    return `${basename(file)} (store ${copy.id}, active: ${active})`
  })
  throw new LoadError([
    `${shortPath(folder)}: must hold copies of one store, got ${names.join(', ')}; name the file to restore from`,
  ])
}
