import { LoadError } from '../../lib/errors'
import { LruCache } from '../../lib/lruCache'
import { GentlePace } from '../../lib/scheduling/turns'
import { readStoredRules } from '../../routing/apart/readRuleSet'
import { checkRules } from '../../routing/parse/checkRules'
import { parseRuleSet } from '../../routing/parse/parseRuleSet'
import { asIfThere } from '../../routing/parse/undecidable'
import type { KnownNames } from '../../routing/ruleSet/knownNames'
import { ownRules } from '../../routing/ruleSet/ownRules'
import { problemLine } from '../../routing/ruleSet/problems'
import { namedVersions, type RuleSet, shardsOf } from '../../routing/ruleSet/ruleSet'
import type { RuleSetVersion } from '../../routing/store/ruleSetVersion'
import type { PredictionField } from '../../schema/fields/plan'
import type { ModelLibrary } from '../../serving/repository/modelLibrary'
import type { PredictionRuntime } from '../../serving/requests/predictionRuntime'
import { type ActiveRules, compileRules } from '../../serving/rules/ruleBook'

export interface PreparedRulesOptions {
  readonly serving: PredictionRuntime
  readonly library: Pick<ModelLibrary, 'ensureLoaded' | 'wake'>
  readonly knownNames: () => KnownNames
  readonly fields: () => readonly PredictionField[]
  /** Whether to load only what its fields may need. */
  readonly isPart: boolean
  /** How long models may take to become ready, in milliseconds. */
  readonly timeoutMs: number
  /** Called when models are ready for which a preparation has not waited: it would succeed now. */
  readonly readyLate: () => void
}

/** How many compiled versions to keep. */
const kept = 32

/** Versions of the rules, each parsed and compiled once, with the models that they need. */
export class PreparedRules {
  private readonly compiled = new LruCache<ActiveRules>(kept, 0)
  /** Versions that are checked already, so that activation is a mere swap. */
  private checked = new WeakSet<ActiveRules>()
  /** Why a version's text is not a rule set, as of a later release: to find that out takes as long each time. */
  private readonly refused = new WeakMap<RuleSetVersion, unknown>()
  private preparing: RuleSet | undefined
  /** Rule sets whose models load on though their preparation has not waited. */
  private readonly late = new Set<RuleSet>()

  constructor(private readonly options: PreparedRulesOptions) {}

  /** Why a version cannot be served as it should: what is wrong with it here, and which models are not ready. */
  async prepare(version: RuleSetVersion): Promise<readonly string[]> {
    const { serving, fields, knownNames } = this.options
    try {
      const key = this.keyOf(version)
      // What a former preparation has loaded stays meanwhile.
      this.preparing = this.compiled.get(key)?.ruleSet
      // Any context key: one that is no longer declared is merely absent and must not keep a process from serving.
      const ruleSet = await readStoredRules(version.text, { ...knownNames(), contextKeys: undefined })
      const rules = this.compiled.get(key) ?? this.compile(version, ruleSet, key)
      this.checked.add(rules)
      const pace = new GentlePace()
      for (const { target, shard } of fields()) {
        if (target.kind !== 'objective') continue
        await pace.piece(() => {
          rules.router.for(target.objective, shard)
          rules.objective(target.objective)
        })
      }
      this.preparing = rules.ruleSet
      const missing = await this.loadAll(rules.ruleSet)
      // Before anybody learns that this process is prepared: a client may name the version as soon as it is active.
      if (missing.length === 0) serving.rules.prepared(rules)
      return missing
    } catch (error) {
      if (error instanceof LoadError) return error.problems
      throw error
    } finally {
      this.preparing = undefined
    }
  }

  /** The rule sets whose models are being loaded, and must not be unloaded before all of them are ready. */
  loading(): readonly RuleSet[] {
    return this.preparing === undefined ? [...this.late] : [this.preparing, ...this.late]
  }

  /** Whether a version names models that this process no longer has. */
  isLacking(version: RuleSetVersion): boolean {
    const { registry } = this.options.serving
    const ruleSet = this.ruleSetOf(version)
    return ruleSet !== undefined && this.neededBy(ruleSet).some((key) => registry.get(key) === undefined)
  }

  /** Checks every version again before it is put into effect. Call when the fields have changed. */
  forgetChecks(): void {
    this.checked = new WeakSet()
  }

  /** A version to serve, with fallbacks for missing models. Throws a LoadError if it cannot decide any request. */
  servable(version: RuleSetVersion): ActiveRules {
    const rules = this.get(version)
    if (this.checked.has(rules)) return rules
    const { ruleSet } = rules
    // A missing model has a fallback; a missing objective cannot be answered at all.
    const known = asIfThere(ruleSet, Object.keys(ruleSet.objectives), this.options.knownNames())
    const { problems } = checkRules(ruleSet, known)
    const fatal = problems.filter(({ path }) => path.split('.')[0] !== 'placement')
    if (fatal.length > 0) throw new LoadError(fatal.map((problem) => problemLine(problem, '')))
    return rules
  }

  /** The version parsed and compiled, whatever it names. Throws a LoadError for a text that is not a rule set. */
  get(version: RuleSetVersion): ActiveRules {
    const key = this.keyOf(version)
    const known = this.compiled.get(key)
    if (known !== undefined) return known
    if (this.refused.has(version)) throw this.refused.get(version)
    try {
      const ruleSet = ownRules(parseRuleSet(version.text, ''), this.options.serving.objectives)
      return this.compile(version, ruleSet, key)
    } catch (error) {
      this.refused.set(version, error)
      throw error
    }
  }

  /** Objectives are only added: what a version says of one that has come counts from then on. */
  private keyOf({ number, sha256 }: RuleSetVersion): string {
    return `${number} ${sha256} ${this.options.serving.objectives.size}`
  }

  private compile(version: RuleSetVersion, ruleSet: RuleSet, key: string): ActiveRules {
    const { objectives, registry } = this.options.serving
    const { number, sha256 } = version
    const rules = compileRules({ number, sha256, ruleSet }, objectives, registry)
    this.compiled.set(key, rules, 0)
    return rules
  }

  /** The rule set of a version; undefined if its text is not a rule set. */
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
    // Those in use stay in the memory of servers elsewhere as far as they are asked.
    const inUse = new Set(this.neededBy(serving.rules.current().ruleSet))
    const problems: string[] = []
    const loads = [...waiting].map(async (key) => {
      try {
        const shards = shardsOf(ruleSet, key)
        await library.ensureLoaded(key, shards)
        if (!inUse.has(key)) await library.wake(key, shards)
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
    const loaded = Promise.all(loads)
    await Promise.race([loaded, late])
    cancel()
    if (waiting.size === 0) return problems
    const known = problems.length
    this.late.add(ruleSet)
    void loaded
      .then(
        () => {
          // One that is refused would only be loaded, and refused, again.
          if (problems.length === known) this.options.readyLate()
        },
        () => {},
      )
      .finally(() => this.late.delete(ruleSet))
    return [...problems, `not ready within ${timeoutMs} ms: ${[...waiting].sort().join(', ')}`]
  }

  private neededBy(ruleSet: RuleSet): readonly string[] {
    const { fields, isPart, serving } = this.options
    const pinned = fields().flatMap(({ target }) => {
      if (target.kind !== 'model') return []
      if (target.version !== undefined) return [`${target.model}@${target.version}`]
      return serving.registry.newestReady(target.model) ?? []
    })
    return [...new Set([...ruledVersions(ruleSet, isPart ? fields() : undefined), ...pinned])]
  }
}

/** The versions that rules name for the objectives of these fields; by default for all of theirs. */
export function ruledVersions(ruleSet: RuleSet, fields?: readonly PredictionField[]): readonly string[] {
  const asked = fields?.flatMap(({ target }) => (target.kind === 'objective' ? [target.objective] : []))
  return (asked ?? Object.keys(ruleSet.objectives)).flatMap((name) => namedVersions(ruleSet, name))
}
