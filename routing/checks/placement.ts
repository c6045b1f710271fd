import { listed } from '../../lib/files/nearMiss'
import { keyText } from '../../lib/files/shapeProblems'
import type { KnownNames } from '../ruleSet/knownNames'
import { defaultShard, namedVersions, placementKey, type RuleSet, shardsOf } from '../ruleSet/ruleSet'
import type { Part } from './part'

/** Checks `placement`: a shard or a list of shards per `name@version`, `name` or `*`. Returns it with lists only. */
export function checkPlacement(placement: Part): RuleSet['placement'] {
  return Object.fromEntries(placement.named('shards').map(([key, shards]) => [key, checkShards(shards)]))
}

function checkShards(shards: Part): readonly string[] {
  const each = Array.isArray(shards.value) ? shards.items : [shards]
  if (each.length === 0) shards.refuse('must name a shard, got []')
  return each.flatMap((shard) => {
    const { value } = shard
    if (typeof value === 'string' && value !== '') return value
    shard.mustBe('a shard')
    return []
  })
}

/** Checks that models and shards exist, and that pinned versions are on the shards that their fields name. */
export function checkPlaced(placement: RuleSet['placement'], written: Part, known: KnownNames): void {
  const names = new Set([...known.models].map((key) => key.split('@')[0]))
  for (const [key, shards] of Object.entries(placement)) {
    const part = written.at(key)
    if (key !== '*' && !known.models.has(key) && !names.has(key)) {
      part.refuseName('must be a model, name@version or *', key, () => [...names].sort(), keyText(key))
    }
    shards.forEach((shard, at) => {
      const there = known.shards
      if (there === undefined || there.has(shard)) return
      const place = Array.isArray(part.value) ? part.at(at) : part
      place.refuseName('must be a shard', shard, () => [...there].sort(), keyText(shard))
    })
  }
  for (const { field, model, shard } of known.pins) {
    if (shard === undefined) continue
    for (const version of pinnedVersions(model, known)) {
      const placed = shardsOf({ placement }, version)
      if (placed.includes(shard)) continue
      const key = placementKey(placement, version)
      const part = key === undefined ? written : written.at(key)
      part.refuse(
        `must put ${version} on ${shard}, where ${field} asks for it, got ${placed.map(keyText).join(', ')}`,
      )
    }
  }
}

/** Checks that versions which rules name or fields pin do not fall to the default shard if there is none. */
export function checkUnplaced(ruleSet: RuleSet, placement: Part, known: KnownNames): void {
  const { shards } = known
  if (shards === undefined || shards.has(defaultShard)) return
  const versions = [
    ...Object.keys(ruleSet.objectives).flatMap((name) => namedVersions(ruleSet, name)),
    ...known.pins.flatMap(({ model }) => pinnedVersions(model, known)),
  ]
  const unplaced = new Set(versions.filter((key) => placementKey(ruleSet.placement, key) === undefined))
  if (unplaced.size === 0) return
  const names = [...shards].sort()
  const advice = names.length === 0 ? '' : `name the shard here, such as { "*": ${names[0]} }, or `
  placement.refuse(
    `must put ${listed([...unplaced].sort())} on a shard (${listed(names)}), got nothing, which stands for ${defaultShard}; ${advice}configure a shard ${defaultShard}`,
  )
}

function pinnedVersions(model: string, { models }: KnownNames): readonly string[] {
  return model.includes('@') ? [model] : [...models].filter((key) => key.startsWith(`${model}@`))
}
