import { LoadError } from '../../lib/errors'
import { checkRules } from '../../routing/parse/checkRules'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import type { KnownNames } from '../../routing/ruleSet/knownNames'
import { problemLine } from '../../routing/ruleSet/problems'
import { namedVersions, type RuleSet, shardsOf } from '../../routing/ruleSet/ruleSet'
import type { RuleSetVersion } from '../../routing/store/ruleSetVersion'
import type { PredictionField } from '../../schema/fields/plan'
import type { ModelLibrary } from '../../serving/repository/modelLibrary'
import type { PredictionRuntime } from '../../serving/requests/predictionRuntime'
import { type ActiveRules, compileRules } from '../../serving/rules/ruleBook'

export interface PreparedRulesOptions {
  readonly serving: PredictionRuntime
  readonly library: Pick<ModelLibrary, 'ensureLoaded'>
  /** What rules may name now. */
  readonly knownNames: () => KnownNames
  /** The fields that this process answers now. */
  readonly fields: () => readonly PredictionField[]
  /** Whether only what its fields may need is loaded. */
  readonly isPart: boolean
  /** How long models may take, in milliseconds. */
  readonly timeoutMs: number
}

/** How many versions are kept compiled. */
const kept = 32

/** Versions of the rules, parsed and compiled once, with the models that they need. */
export class PreparedRules {
  private readonly compiled = new Map<number, ActiveRules>()
  /** Those that were checked already, so that a flip is a swap. */
  private readonly checked = new WeakSet<ActiveRules>()
  /** What is being prepared: its models are not to be unloaded meanwhile. */
  preparing: RuleSet | undefined

  constructor(private readonly options: PreparedRulesOptions) {}

  /** Answers why a version cannot be served as it should: what is wrong in it here and now, and which models are not ready. */
  async prepare(version: RuleSetVersion): Promise<readonly string[]> {
    const { serving, fields, knownNames } = this.options
    try {
      const rules = this.get(version)
      const { problems } = checkRules(rules.ruleSet, storedNames(knownNames()))
      if (problems.length > 0) return problems.map((problem) => problemLine(problem, ''))
      this.checked.add(rules)
      for (const { target, shard } of fields()) {
        if (target.kind !== 'objective') continue
        rules.router.for(target.objective, shard)
        serving.objectiveRules(rules, target.objective)
      }
      this.preparing = rules.ruleSet
      const missing = await this.loadAll(rules.ruleSet)
      // Before anybody is told that this process is prepared: whoever sees the version activated first may name it at once.
      if (missing.length === 0) serving.rules.prepared(rules)
      return missing
    } catch (error) {
      if (error instanceof LoadError) return error.problems
      throw error
    } finally {
      this.preparing = undefined
    }
  }

  /**
   * A version that can be served, if need be with fallbacks in the place of models that are missing. Throws a LoadError for what no
   * request could be decided by.
   */
  servable(version: RuleSetVersion): ActiveRules {
    const rules = this.get(version)
    if (this.checked.has(rules)) return rules
    const { ruleSet } = rules
    const known = storedNames(this.options.knownNames())
    const objectives = Object.keys(ruleSet.objectives)
    // Whose model is missing is answered by its fallback; whose objective is missing is not answered at all.
    const models = new Set([...known.models, ...objectives.flatMap((name) => namedVersions(ruleSet, name))])
    for (const { canary } of Object.values(ruleSet.objectives)) if (canary) models.add(canary.of)
    const missing = { ...known, models, serves: new Map() }
    const { problems } = checkRules(ruleSet, missing)
    const fatal = problems.filter(({ path }) => !path.startsWith('placement.'))
    if (fatal.length > 0) throw new LoadError(fatal.map((problem) => problemLine(problem, '')))
    return rules
  }

  /** Parsed and compiled, whatever it names. Throws a LoadError for a text that is no rule set. */
  get({ number, sha256, text }: RuleSetVersion): ActiveRules {
    const known = this.compiled.get(number)
    if (known?.sha256 === sha256) return known
    const { objectives, registry } = this.options.serving
    const ruleSet = parseRuleSet(text, '')
    const rules = compileRules({ number, sha256, ruleSet }, objectives, registry)
    this.compiled.set(number, rules)
    for (const oldest of this.compiled.keys()) {
      if (this.compiled.size <= kept) break
      this.compiled.delete(oldest)
    }
    return rules
  }

  /** The rule set of a version; undefined for a text that is none. */
  ruleSetOf(version: RuleSetVersion): RuleSet | undefined {
    try {
      return this.get(version).ruleSet
    } catch {
      return undefined
    }
  }

  private async loadAll(ruleSet: RuleSet): Promise<readonly string[]> {
    const { library, timeoutMs, serving } = this.options
    const waiting = new Set(this.neededBy(ruleSet))
    const problems: string[] = []
    const loads = [...waiting].map(async (key) => {
      try {
        await library.ensureLoaded(key, shardsOf(ruleSet, key))
      } catch (error) {
        if (!(error instanceof LoadError)) throw error
        problems.push(...error.problems)
      }
      waiting.delete(key)
    })
    let cancel = () => {}
    const late = new Promise<void>((resolve) => {
      cancel = serving.clock.after(timeoutMs, resolve)
    })
    await Promise.race([Promise.all(loads), late])
    cancel()
    if (waiting.size === 0) return problems
    return [...problems, `not ready within ${timeoutMs} ms: ${[...waiting].sort().join(', ')}`]
  }

  private neededBy(ruleSet: RuleSet): readonly string[] {
    const { fields, isPart, serving } = this.options
    const asked = fields().flatMap(({ target }) => (target.kind === 'objective' ? [target.objective] : []))
    const objectives = isPart ? asked : Object.keys(ruleSet.objectives)
    const pinned = fields().flatMap(({ target }) => {
      if (target.kind !== 'model') return []
      if (target.version !== undefined) return [`${target.model}@${target.version}`]
      return serving.registry.newestReady(target.model) ?? []
    })
    return [...new Set([...objectives.flatMap((name) => namedVersions(ruleSet, name)), ...pinned])]
  }
}

/**
 * What a version that was published already may name: any context key, since one that is no longer declared is merely absent, and
 * must not keep a process from serving.
 */
function storedNames(known: KnownNames): KnownNames {
  const { contextKeys: _, ...names } = known
  return names
}
