import type { Column } from '../lib/column'
import type { InputSpec } from './objective'

/** Rows that a model admits and that say nothing: what warm-up batches are made of. Raw values, by feature. */
export function sampleColumns(features: readonly InputSpec[], rows: number): readonly Column[] {
  return features.map((feature) => new Array(rows).fill(sampleValue(feature)))
}

function sampleValue(spec: InputSpec): unknown {
  if (spec.default !== undefined) return undefined
  if (spec.nullable) return null
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
