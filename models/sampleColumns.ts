import type { Column } from '../lib/column'
import type { InputSpec } from './objective'

/**
 * Rows that a model admits and that say nothing: what warm-up batches are made of. Raw values, by feature; `samples` are the
 * model's own, for features whose declaration alone does not tell what it takes.
 */
export function sampleColumns(
  features: readonly InputSpec[],
  rows: number,
  samples: Readonly<Record<string, unknown>> = {},
): readonly Column[] {
  return features.map((feature) => {
    const value = Object.hasOwn(samples, feature.name) ? samples[feature.name] : sampleValue(feature)
    return new Array(rows).fill(value)
  })
}

/** A value that the declaration takes; absent where that is allowed. */
export function sampleValue(spec: InputSpec): unknown {
  if (spec.default !== undefined || spec.nullable) return undefined
  if (spec.type.kind !== 'list') return sampleScalar(spec, spec.type)
  return new Array(spec.length ?? 1).fill(sampleScalar(spec, spec.type.of))
}

function sampleScalar(spec: InputSpec, type: InputSpec['type']): unknown {
  switch (type.kind) {
    case 'Int':
      return Math.ceil(spec.range?.[0] ?? 0)
    case 'Float':
      return spec.range?.[0] ?? 0
    case 'Boolean':
      return false
    case 'enum':
      return type.labels[0]
    default:
      return '0'
  }
}
