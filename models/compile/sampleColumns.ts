import type { Column } from '../../lib/column'
import type { Model } from '../contracts/model'
import type { InputSpec } from '../contracts/objective'
import { repeated } from '../preprocess/lists'
import { float32Highest } from '../types/elementType'

/** Valid rows without meaning, for warm-up batches: raw values, by feature. */
export function sampleColumns(
  { features, samples }: Pick<Model, 'features' | 'samples'>,
  rows: number,
): readonly Column[] {
  return features.map((feature) => {
    const value = Object.hasOwn(samples, feature.name) ? samples[feature.name] : sampleValue(feature)
    return new Array(rows).fill(value)
  })
}

/** A value that the declaration accepts; undefined if it may be absent. */
export function sampleValue(spec: InputSpec): unknown {
  if (spec.default !== undefined || spec.nullable) return undefined
  if (spec.type.kind !== 'list') return sampleScalar(spec, spec.type)
  return repeated(sampleScalar(spec, spec.type.of), spec.length ?? 1)
}

function sampleScalar(spec: InputSpec, type: InputSpec['type']): unknown {
  switch (type.kind) {
    case 'Int':
    case 'Float':
      return Math.max(spec.range?.[0] ?? 0, -float32Highest)
    case 'Boolean':
      return false
    case 'enum':
      return type.labels[0]
    default:
      return '0'
  }
}
