import { notOneOf } from '../../lib/files/nearMiss'
import { keyText } from '../../lib/files/shapeProblems'
import type { KnownNames } from '../ruleSet/knownNames'
import { type RuleSet, shardsOf } from '../ruleSet/ruleSet'
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
      part.refuse(notOneOf('must be a model, name@version or *', key, [...names].sort(), keyText(key)))
    }
    shards.forEach((shard, at) => {
      if (known.shards === undefined || known.shards.has(shard)) return
      const place = Array.isArray(part.value) ? part.at(at) : part
      place.refuse(notOneOf('must be a shard', shard, [...known.shards].sort(), keyText(shard)))
    })
  }
  for (const { field, model, shard } of known.pins) {
    const versions = model.includes('@')
      ? [model]
      : [...known.models].filter((key) => key.startsWith(`${model}@`))
    for (const version of versions) {
      const placed = shardsOf({ placement }, version)
      if (placed.includes(shard)) continue
      const key = [version, version.split('@')[0], '*'].find((one) => Object.hasOwn(placement, one))
      const part = key === undefined ? written : written.at(key)
      part.refuse(
        `must put ${version} on ${shard}, where ${field} asks for it, got ${placed.map(keyText).join(', ')}`,
      )
    }
  }
}
