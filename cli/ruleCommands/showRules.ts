import { LoadError } from '../../lib/errors'
import { shortLine } from '../../lib/files/shortLine'
import { shortPath } from '../../lib/packagePaths'
import type { Repository } from '../../models/repository/repository'
import type { Activation } from '../../routing/store/head'
import { isStraggler } from '../../routing/store/lease'
import type { RuleStore } from '../../routing/store/ruleStore'
import type { Config } from '../config/config'
import { loadRepositories } from '../graph/repositories'
import { fileDifference, fileHash } from '../rules/fileDifference'
import type { JsonOption } from '../terminal/printResult'
import { table } from '../terminal/table'
import { diffRules } from './diffRules'
import { namedRules } from './namedRules'
import { runOnRules, runOnStore } from './ruleCommand'

/** Prints all versions, the newest first, and the latest activations. Only JSON has long messages in full. */
export function showHistory(config: Config, options: JsonOption): Promise<void> {
  return runOnStore(config, options, async (store) => {
    const [head, versions] = [await store.head(), await store.history()]
    const { active } = head
    const activations = head.kind === 'made' ? [...head.activations].reverse() : []
    const rows = versions.map(({ number, sha256, author, time, message }) => [
      `${number === active?.number ? '*' : ' '} ${number}`,
      sha256.slice(0, 12),
      time,
      author,
      shortLine(message),
    ])
    const flips = activations.map(({ epoch, number, kind, by, time }) => [
      `  ${epoch}`,
      String(number),
      kind,
      time,
      by,
    ])
    const text = [
      table([['  version', 'sha256', 'published', 'by', 'message'], ...rows]),
      ...(flips.length > 0 ? ['', table([['  epoch', 'version', 'how', 'when', 'by'], ...flips])] : []),
    ].join('\n')
    return { text, value: { active: active ?? null, versions, activations } }
  })
}

/** Not done (exit code 1) if a node does not run the version that it should, or nothing is active. */
export function showStatus(config: Config, options: JsonOption): Promise<void> {
  return runOnStore(config, options, async (store) => {
    const [head, reports] = [await store.head(), await store.leases()]
    const { active } = head
    const pins = head.kind === 'made' ? head.pins : {}
    const nodes = reports.map((report) => {
      const pinned = Object.hasOwn(pins, report.node) ? pins[report.node] : null
      return { ...report, pinned, isStraggler: isStraggler(report, pinned ?? active?.number) }
    })
    const rows = nodes.map(
      ({ node, inEffect, epoch, prepared, note, problems, isStraggler: behind, pinned }) => [
        `${behind ? '!' : ' '} ${node}`,
        inEffect === undefined ? 'none' : String(inEffect),
        String(epoch),
        prepared.join(', '),
        [
          ...(pinned === null ? [] : [`pinned to ${pinned}`]),
          ...(note === undefined ? [] : [note]),
          ...Object.entries(problems).map(([number, why]) => `${number}: ${why.join('; ')}`),
        ].join('; '),
      ],
    )
    const first =
      active === undefined
        ? 'No version is active'
        : `Version ${active.number} is active since ${active.time}, by ${active.by} (${active.kind}), epoch ${active.epoch}`
    const list =
      rows.length === 0
        ? 'No node is running'
        : table([['  node', 'version', 'epoch', 'prepared', 'note'], ...rows])
    const file = await fileStatus(store, config.rules, active)
    return {
      text: [first, ...(file.says === null ? [] : [file.says]), list].join('\n'),
      value: { active: active ?? null, file, nodes },
      isDone: active !== undefined && nodes.every((node) => !node.isStraggler),
    }
  })
}

/** How the rule file compares with the active version. */
interface FileStatus {
  readonly path: string
  /** Also false if the file cannot be read or nothing is active. */
  readonly isActive: boolean
  /** Null if there is nothing to report. */
  readonly says: string | null
}

async function fileStatus(
  store: RuleStore,
  file: string,
  active: Activation | undefined,
): Promise<FileStatus> {
  const path = shortPath(file)
  if (active === undefined) return { path, isActive: false, says: null }
  try {
    const difference = await fileDifference(store, path, fileHash(file))
    return { path, isActive: difference === undefined, says: difference ?? null }
  } catch (error) {
    if (!(error instanceof LoadError)) throw error
    return {
      path,
      isActive: false,
      says: `The rule file differs from the active version: ${error.problems[0]}`,
    }
  }
}

/** Prints what `after` changes in `before`. Not done (exit code 1) if they differ. */
export function showDiff(config: Config, before: string, after: string, options: JsonOption): Promise<void> {
  return runOnRules(config, [before, after], options, async (store) => {
    let repository: Repository | undefined
    const changes = diffRules(
      (await namedRules(store, before, config.rules)).ruleSet,
      (await namedRules(store, after, config.rules)).ruleSet,
      (objective) => {
        repository ??= loadRepositories(config)
        return repository.objectives.get(objective)?.unit
      },
    )
    return {
      text: changes.length === 0 ? 'No difference' : changes.join('\n'),
      value: { changes },
      isDone: changes.length === 0,
    }
  })
}
