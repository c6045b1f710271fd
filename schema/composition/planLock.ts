import { printType } from '../../models/types/parseType'
import { bindingText } from '../fields/bindingText'
import { type InputBinding, type Plan, type PredictionField, pinOf } from '../fields/plan'

/**
 * The text of `schema/plan.lock.json`: what every prediction field compiled to, by subgraph and field, in a stable
 * order, so that a review shows when the source of an input changes.
 */
export function renderPlanLock(plan: Plan): string {
  // Inherits nothing, since a subgraph may have any name.
  const bySubgraph: Record<string, Record<string, unknown>> = Object.create(null)
  const ordered = [...plan.fields].sort(
    (a, b) => compare(a.subgraph, b.subgraph) || compare(a.coordinate, b.coordinate),
  )
  for (const field of ordered) {
    bySubgraph[field.subgraph] ??= {}
    bySubgraph[field.subgraph][field.coordinate] = describeField(field)
  }
  const lock = { generated: 'by "presage compose"; not to be edited', subgraphs: bySubgraph }
  return `${JSON.stringify(lock, null, 2)}\n`
}

function describeField(field: PredictionField): Record<string, unknown> {
  const inputs = [...field.inputs].sort((a, b) => compare(a.spec.name, b.spec.name))
  const outputs = [...field.outputs].sort((a, b) => compare(a.name, b.name))
  return {
    ...describeTarget(field.target),
    ...(field.shard === undefined ? {} : { shard: field.shard }),
    inputs: Object.fromEntries(inputs.map(({ spec, binding }) => [spec.name, describeBinding(binding)])),
    shape: field.shape.kind,
    outputs: Object.fromEntries(outputs.map(({ name, type }) => [name, printType(type)])),
    ...(field.shape.kind === 'records' ? { fields: [...field.shape.fields].sort(compare) } : {}),
  }
}

function describeTarget(target: PredictionField['target']): Record<string, unknown> {
  if (target.kind === 'objective') return { objective: target.objective }
  return { model: pinOf(target) }
}

function describeBinding(binding: InputBinding): string {
  const isRequired = binding.from === 'parent' && binding.external
  return `${bindingText(binding)}${isRequired ? ' (required)' : ''}`
}

/** By code units, which does not depend on the machine's locale. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
