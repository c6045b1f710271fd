import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { LoadError } from '../../lib/errors'
import { readTextFile } from '../../lib/files/readTextFile'
import { shortPath } from '../../lib/packagePaths'
import { nodeWarnings, pinWarning } from '../../routing/node/nodeWarnings'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import { canonicalJson } from '../../routing/ruleSet/canonicalJson'
import { type Activation, floorOf } from '../../routing/store/head'
import {
  type NotPrepared,
  sentenceOf,
  type UnknownVersion,
  unpreparedText,
} from '../../routing/store/outcomes'
import { readinessFor } from '../../routing/store/readiness'
import type { RuleStore } from '../../routing/store/ruleStore'
import type { Config } from '../config/config'
import { loadKnownNames } from '../graph/graph'
import { holdsRules } from '../rules/fileDifference'
import { loadLine, loadOnServers, type ServerLoads } from '../rules/serverLoads'
import type { JsonOption, Told } from '../terminal/printResult'
import { runOnStore, whoAmI } from './ruleCommand'

export interface PublishOptions extends JsonOption {
  readonly message?: string
  readonly by?: string
  readonly create?: boolean
  readonly strict?: boolean
  readonly wait?: boolean
  readonly timeout: number
}

/**
 * Checks a rule file against the deployment and stores it under the next number. Creates the store if it does not
 * exist; in Redis only with the option for it. Warnings go to standard error and do not prevent publication. With `wait` it
 * is done once all nodes are prepared; what it would bring into use on servers elsewhere, and where that is loaded, goes to
 * standard error. Throws a LoadError with all problems.
 */
export async function publishRules(config: Config, file: string, options: PublishOptions): Promise<void> {
  const known = await loadKnownNames(config)
  const warnings: string[] = []
  const ruleSet = parseRuleSet(readTextFile(file), shortPath(file), known, (line) => warnings.push(line))
  if (options.strict && warnings.length > 0) throw new LoadError(warnings)
  for (const line of warnings) console.error(`warning: ${line}`)
  const { by = whoAmI(), message = ruleSet.message ?? '' } = options
  const publication = { text: canonicalJson(ruleSet), author: by, message }
  return runOnStore(config, options, async (store) => {
    const head = await store.head()
    const mayCreate = options.create ?? config.ruleStore.create
    if (head.kind === 'nothing' && head.floor.number === 0 && mayCreate) {
      const made = await store.create(publication)
      if (made.kind !== 'there already') return published(made, made.kind === 'created')
    }
    const outcome = await store.publish(publication)
    if (outcome.kind !== 'published' || !options.wait) return published(outcome, outcome.kind === 'published')
    const { number } = outcome.version
    const until = Date.now() + options.timeout
    const lacking = await awaitNodes(store, number, until)
    const ms = Math.max(patienceMs, until - Date.now())
    const loads = await tellLoads(config, store, number, head.active?.number ?? null, ms)
    const { text } = published(outcome, true)
    return {
      text:
        lacking === undefined
          ? `${text}, and all nodes are prepared`
          : `${text}, but ${unpreparedText(lacking)}`,
      value: { ...outcome, warnings, missing: lacking?.missing ?? [], loads },
      isDone: lacking === undefined,
    }
  })

  function published(outcome: Parameters<typeof sentenceOf>[0], isDone: boolean): Told {
    return { ...resultOf(outcome, isDone), value: { ...outcome, warnings } }
  }
}

/** Waits until all nodes are prepared, one says that it cannot be, or time is up. Returns which are not, if any. */
async function awaitNodes(store: RuleStore, number: number, until: number): Promise<NotPrepared | undefined> {
  for (;;) {
    const lacking = readinessFor(number, await store.leases(), 1)
    const isRefused = lacking?.missing.some(({ problems }) => problems.length > 0) === true
    if (lacking === undefined || isRefused || Date.now() >= until) return lacking
    await delay(100)
  }
}

export interface ActivateCommand extends JsonOption {
  readonly wait?: boolean
  readonly timeout: number
  readonly quorum?: number
  readonly force?: boolean
  readonly by?: string
}

/** Nodes prepare an old version only when they are asked for it. It takes them so long, but for large models. */
const patienceMs = 1_000

/**
 * Activates a version. First has servers elsewhere load what it brings into use, and tells on standard error what is loaded
 * where. Retries until the nodes are prepared, a node reports that it cannot be, or time is up: with
 * `wait` that is the timeout. Warns on standard error if the rule file, which processes follow, has other rules.
 */
export function activateRules(config: Config, number: number, options: ActivateCommand): Promise<void> {
  const { wait = false, timeout, quorum, force, by = whoAmI() } = options
  return runOnStore(config, options, async (store) => {
    const expected = (await store.head()).active?.number ?? null
    const ms = wait ? timeout : patienceMs
    const end = Date.now() + ms
    const loads = force ? [] : await tellLoads(config, store, number, expected, ms)
    const until = Math.max(end, Date.now() + patienceMs)
    for (;;) {
      const outcome = await store.activate(number, { expected, by, quorum, force })
      const isOver =
        outcome.kind !== 'not prepared' || outcome.missing.some(({ problems }) => problems.length > 0)
      if (outcome.kind === 'activated') {
        const warnings = fileWarnings(config, outcome.active)
        for (const line of warnings) console.error(`warning: ${line}`)
        return { ...resultOf(outcome, true), value: { ...outcome, warnings, loads } }
      }
      if (outcome.kind === 'unknown version') return unknownVersion(store, outcome)
      if (isOver || Date.now() >= until) return { ...resultOf(outcome, false), value: { ...outcome, loads } }
      await delay(100)
    }
  })
}

/** Has servers elsewhere load what the version brings into use, and tells where it is loaded. */
async function tellLoads(...asked: Parameters<typeof loadOnServers>): Promise<readonly ServerLoads[]> {
  const loads = await loadOnServers(...asked)
  for (const one of loads) console.error(loadLine(one))
  return loads
}

/** Whoever edits the rule file next puts the file's rules into effect, all of them. */
function fileWarnings({ rules, ruleStore }: Config, { number, sha256 }: Activation): readonly string[] {
  if (!ruleStore.follow || !existsSync(rules) || holdsRules(rules, sha256)) return []
  const file = shortPath(rules)
  return [
    `${file} differs from version ${number}, and its next edit replaces it: make the change there too (\`presage rules diff ${file} ${number}\` shows it)`,
  ]
}

async function unknownVersion(store: RuleStore, outcome: UnknownVersion): Promise<Told> {
  const newest = floorOf(await store.head()).number
  const { text, ...result } = resultOf(outcome, false)
  return { ...result, text: newest === 0 ? text : `${text}; the newest is ${newest}` }
}

/** Makes the previous version active again. Warns on standard error of nodes that cannot run it. */
export function rollbackRules(config: Config, options: JsonOption & { by?: string }): Promise<void> {
  return runOnStore(config, options, async (store) => {
    const expected = (await store.head()).active?.number
    const outcome = await store.rollback({ by: options.by ?? whoAmI(), expected })
    if (outcome.kind !== 'rolled back') return resultOf(outcome, false)
    const warnings = await nodeWarnings(store, outcome.active)
    for (const line of warnings) console.error(`warning: ${line}`)
    return { ...resultOf(outcome, true), value: { ...outcome, warnings } }
  })
}

export interface PinOptions extends JsonOption {
  readonly node?: string
  readonly off?: boolean
}

/**
 * Pins a node to a version, or unpins it. The node is the one of the options, of the configuration, or the only one. Warns on
 * standard error if it does not run the version, or is not running itself.
 */
export function pinRules(config: Config, number: number | undefined, options: PinOptions): Promise<void> {
  return runOnStore(config, options, async (store) => {
    const node = options.node ?? config.ruleStore.node ?? (await onlyNode(store))
    const outcome = await store.pin(node, options.off ? null : (number ?? null))
    if (outcome.kind === 'unknown version') return unknownVersion(store, outcome)
    if (outcome.kind !== 'pinned' && outcome.kind !== 'unpinned') return resultOf(outcome, false)
    const warning = number === undefined ? undefined : await pinWarning(store, node, number)
    const warnings = warning === undefined ? [] : [warning]
    for (const line of warnings) console.error(`warning: ${line}`)
    return {
      text:
        number === undefined
          ? `Node ${node} follows the active version`
          : `Node ${node} is pinned to version ${number}`,
      value: { node, ...outcome, warnings },
    }
  })
}

async function onlyNode(store: RuleStore): Promise<string> {
  const nodes = (await store.leases()).map(({ node }) => node)
  if (nodes.length === 1) return nodes[0]
  throw new LoadError([
    `--node: must name one of the nodes (${nodes.join(', ') || 'there is none'}), got nothing`,
  ])
}

export function resultOf(outcome: Parameters<typeof sentenceOf>[0], isDone: boolean): Told {
  return { text: sentenceOf(outcome), value: outcome, isDone }
}
