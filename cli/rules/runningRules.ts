import type { Readiness } from '../../gateway/admin/adminPages'
import { defer } from '../../lib/scheduling/deferred'
import type { NodeStatus } from '../../routing/node/nodeStatus'
import { RuleNode } from '../../routing/node/ruleNode'
import type { RuleSet } from '../../routing/ruleSet/ruleSet'
import type { RuleStore } from '../../routing/store/ruleStore'
import type { Config } from '../config/config'
import type { Predictions } from '../predictions/startPredictions'
import { type NodePlace, openStore } from './openStore'
import { PreparedRules, type PreparedRulesOptions } from './preparedRules'
import { RuleFile } from './ruleFile'

/** The rules of a serving process: its node, which follows the configured store. */
export interface RunningRules {
  readonly store: RuleStore
  readonly node: RuleNode
  /**
   * Lets versions be prepared. Settles once `loaded` has, and the node knows whether it is prepared for its own, or has
   * left.
   */
  begin(loaded: Promise<void>): Promise<void>
  /** The readiness of models, combined with that of the node: see `isReady` of its status. None once it has left. */
  readiness(models: () => Readiness): () => Readiness
  /** Checks prepared and refused versions again, because the fields that rules decide have changed. */
  fieldsChanged(): void
  /** Leaves the nodes and closes the store. */
  dispose(): Promise<void>
}

export interface RunningRulesParts extends Pick<PreparedRulesOptions, 'knownNames' | 'fields' | 'isPart'> {
  readonly predictions: Predictions
  readonly place: NodePlace
  readonly log: (line: string) => void
}

/** Joins the nodes. If the store does not answer, the rule file stays in effect and the process is not ready. */
export async function startRules(
  { rules: file, ruleStore }: Config,
  { predictions, knownNames, fields, isPart, place, log }: RunningRulesParts,
): Promise<RunningRules> {
  const { serving, library } = predictions
  const rules = serving.rules
  const timeoutMs = ruleStore.prepareTimeout
  let node: RuleNode | undefined
  const prepared = new PreparedRules({
    serving,
    library,
    knownNames,
    fields,
    isPart,
    timeoutMs,
    readyLate: () => node?.recheck(),
  })
  const opened = defer<void>()
  const store = await openStore(ruleStore, log)
  try {
    node = await RuleNode.start({
      node: place.name,
      store,
      file: place.file,
      // Nobody chose this folder, and the node has no copy that a person could restore it from.
      restores: ruleStore.isDefault,
      // First lets the start load the models, several at once.
      prepare: (version) => opened.promise.then(() => prepared.prepare(version)),
      activate: (version) => rules.activate(prepared.servable(version)),
      log,
    })
    const follower = new RuleFile({ file, store, node, nodeName: place.name, knownNames, log })
    if (ruleStore.create) await follower.create()
    return running(node, follower)
  } catch (error) {
    await node?.dispose()
    await store.dispose()
    throw error
  }

  function running(started: RuleNode, follower: RuleFile): RunningRules {
    rules.hold(started.isPinned)
    const { files } = predictions.repository
    const preparedVersions = () =>
      started.status().prepared.flatMap((number) => started.version(number) ?? [])
    predictions.holdRuleSets(function* held(key): Iterable<RuleSet> {
      yield rules.current().ruleSet
      yield* prepared.loading()
      // A new worker cannot load what has no files, so only what answers, or is next to answer, may keep that.
      const ready = files.isGone(key) ? [] : preparedVersions()
      for (const version of [...started.versionsToHold(), ...ready]) {
        const ruleSet = prepared.ruleSetOf(version)
        if (ruleSet !== undefined) yield ruleSet
      }
    })
    /** What is prepared does not stay so when its models are gone. What is in effect serves on, with fallbacks. */
    const reconsider = () => {
      const others = preparedVersions().filter(({ number }) => number !== started.status().inEffect?.number)
      if (others.some((version) => prepared.isLacking(version))) started.prepareAgain()
    }
    const recheck = () => {
      reconsider()
      started.recheck()
      follower.retry()
    }
    const isRefused = () => Object.keys(started.status().problems).length > 0
    const unsubscribe = [
      predictions.repositoryChanged(recheck),
      // A server that has come may serve what none could.
      ...[...serving.shards.values()].flatMap(({ remote }) =>
        remote ? [remote.joined(() => isRefused() && recheck())] : [],
      ),
      started.changed(() => {
        rules.hold(started.isPinned)
        const keys = serving.registry.list().map(({ key }) => key)
        void library.evict(isPart ? keys : keys.filter((key) => files.isGone(key)))
        reconsider()
      }),
    ]
    const left = defer<void>()
    let hasLeft = false
    const begin = async (loaded: Promise<void>) => {
      opened.resolve()
      if (ruleStore.follow) await follower.follow()
      else await follower.tellDifference()
      await loaded
      await Promise.race([decided(started), left.promise])
    }
    let begun: Promise<void> | undefined
    return {
      store,
      node: started,
      begin(loaded) {
        begun ??= begin(loaded)
        return begun
      },
      readiness: (models) => () => {
        if (hasLeft) return { ready: false, reasons: ['shutting down'] }
        const { ready, reasons } = models()
        const why = ready ? reasonOf(started.status()) : undefined
        return why === undefined ? { ready, reasons } : { ready: false, reasons: [...reasons, why] }
      },
      fieldsChanged() {
        prepared.forgetChecks()
        started.prepareAgain()
        follower.retry()
      },
      async dispose() {
        hasLeft = true
        left.resolve()
        for (const end of unsubscribe) end()
        await follower.stop()
        await started.dispose()
        await store.dispose()
      },
    }
  }
}

/** Undefined if the node is ready. */
function reasonOf({ isReady, inEffect, state, prepared, problems }: NodeStatus): string | undefined {
  if (isReady) return undefined
  if (inEffect === undefined)
    return `rules: no version is in effect${'why' in state ? ` (${state.why})` : ''}`
  const { number } = inEffect
  if (state.kind === 'behind' && prepared.includes(number))
    return `rules: version ${state.target} should be in effect, but still version ${number} is: ${state.why}`
  const why = Object.hasOwn(problems, number) ? problems[number].join('; ') : 'it is being prepared'
  return `rules: version ${number} is in effect but not prepared: ${why}`
}

/** Settles when the node is prepared for the version in effect, cannot be, or has none in effect. */
function decided(node: RuleNode): Promise<void> {
  const isDecided = ({ inEffect, prepared, problems }: NodeStatus) =>
    inEffect === undefined || prepared.includes(inEffect.number) || Object.hasOwn(problems, inEffect.number)
  if (isDecided(node.status())) return Promise.resolve()
  return new Promise((resolve) => {
    const unsubscribe = node.changed((status) => {
      if (!isDecided(status)) return
      unsubscribe()
      resolve()
    })
  })
}
