import { z } from 'zod'
import { deepFreeze } from '../lib/deepFreeze'
import { LoadError } from '../lib/errors'
import { parseYaml } from '../lib/parseYaml'

const modelVersion = z
  .string()
  .regex(/^[A-Za-z0-9_.-]+@[A-Za-z0-9_.-]+$/, 'must be a version of a model, written name@version')
const shardName = z.string().min(1, 'must be a shard')

const ruleSetSchema = z.strictObject({
  message: z.string().optional(),
  objectives: z.record(
    z.string(),
    z.strictObject(
      { default: modelVersion },
      {
        error: (issue) =>
          issue.code === 'invalid_type' ? 'must be such as { default: name@version }' : undefined,
      },
    ),
  ),
  placement: z
    .record(z.string(), z.union([shardName, z.array(shardName).min(1, 'must name a shard')]))
    .default({}),
})

/** All routing rules of a deployment: which version answers each objective, and on which shards versions are placed. */
export interface RuleSet {
  readonly message?: string
  readonly objectives: Readonly<Record<string, { readonly default: string }>>
  /** By `name@version`, `name` or `*`: the first shard is taken unless a field names another of them. */
  readonly placement: Readonly<Record<string, readonly string[]>>
}

/** What a rule set is checked against. */
export interface KnownNames {
  readonly objectives: ReadonlySet<string>
  /** `name@version` of every version of the repository, ready or not. */
  readonly models: ReadonlySet<string>
  /** By `name@version`, where the manifest could be read: the objectives that the version may serve. */
  readonly serves: ReadonlyMap<string, readonly string[]>
  readonly shards: ReadonlySet<string>
  /** By objective that a prediction field asks for: the shards that such fields name, often none. */
  readonly fieldShards: ReadonlyMap<string, ReadonlySet<string>>
}

/** Parses a rule file's text. Throws a LoadError with all problems of its shape. */
export function parseRuleSet(text: string, file: string): RuleSet {
  const parsed = parseYaml(text, file, ruleSetSchema)
  const placement = Object.entries(parsed.placement).map(([key, shards]) => {
    return [key, typeof shards === 'string' ? [shards] : shards] as const
  })
  return deepFreeze({ ...parsed, placement: Object.fromEntries(placement) })
}

/** Throws a LoadError with every name in a rule set that does not exist, and every version that a field's shard lacks. */
export function checkRuleSet(ruleSet: RuleSet, file: string, known: KnownNames): void {
  const problems: string[] = []
  const one = (path: string, kind: string, name: string, names: Iterable<string>) => {
    problems.push(
      `${file}: ${path}: must be ${kind} (${[...names].sort().join(', ') || 'there is none'}), got ${name}`,
    )
  }
  for (const [objective, { default: model }] of Object.entries(ruleSet.objectives)) {
    const path = `objectives.${objective}`
    if (!known.objectives.has(objective)) one(path, 'an objective', objective, known.objectives)
    if (!known.models.has(model))
      one(`${path}.default`, 'a version of the repository', model, likelyVersions(model, known.models))
    const serves = known.serves.get(model)
    if (serves !== undefined && !serves.includes(objective)) {
      const came = serves.length === 0 ? 'none' : serves.join(', ')
      problems.push(`${file}: ${path}.default: must serve ${objective}, got ${model}, which serves ${came}`)
    }
    const placed = shardsOf(ruleSet, model)
    for (const shard of known.fieldShards.get(objective) ?? []) {
      if (placed.includes(shard)) continue
      problems.push(
        `${file}: ${path}.default: must be placed on ${shard}, which a field of ${objective} names, got ${placed.join(', ')}`,
      )
    }
  }
  for (const objective of known.fieldShards.keys()) {
    if (Object.hasOwn(ruleSet.objectives, objective)) continue
    problems.push(
      `${file}: objectives.${objective}: must have a default, since prediction fields ask for it, got nothing`,
    )
  }
  const names = new Set([...known.models].map((key) => key.split('@')[0]))
  for (const [key, shards] of Object.entries(ruleSet.placement)) {
    if (key !== '*' && !known.models.has(key) && !names.has(key)) {
      one(`placement.${key}`, 'a model, name@version or *', key, names)
    }
    shards.forEach((shard, index) => {
      if (!known.shards.has(shard)) one(`placement.${key}.${index}`, 'a shard', shard, known.shards)
    })
  }
  if (problems.length > 0) throw new LoadError(problems)
}

/** The versions of the model that was named, if there are any, else all. */
function likelyVersions(model: string, models: ReadonlySet<string>): readonly string[] {
  const prefix = `${model.split('@')[0]}@`
  const same = [...models].filter((key) => key.startsWith(prefix))
  return same.length > 0 ? same : [...models]
}

/** The shards that a version is placed on: by `name@version`, else `name`, else `*`, else `main`. */
export function shardsOf(ruleSet: RuleSet, model: string): readonly string[] {
  const { placement } = ruleSet
  for (const key of [model, model.split('@')[0], '*']) {
    if (Object.hasOwn(placement, key)) return placement[key]
  }
  return ['main']
}
