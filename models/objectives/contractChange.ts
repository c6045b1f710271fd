import { show } from '../../lib/errors'
import type { InputSpec, Objective, OutputSpec } from '../contracts/objective'
import { printType } from '../types/parseType'
import { typeFits } from '../types/typeFits'
import { impliesRange, mostItems } from '../validation/impliedValidation'

/**
 * How a changed objective breaks its users. Everything that a field supplies must still be accepted and mean the same,
 * and everything that a client reads must still exist and mean the same; otherwise it is a new objective with a new
 * name. Inputs may be added if nullable or with a default, and loosened (wider range, longer lists, more labels, null
 * or a default where a value was required). Outputs may be added, and narrowed to fewer labels. Description, owner,
 * unit, deadline, maxRows and cache may change. Returns problems as `where: expectation, got what`.
 */
export function contractChange(before: Objective, after: Objective): readonly string[] {
  if (after.name !== before.name) return [`objective: must stay ${before.name}, got ${after.name}`]
  const problems: string[] = []
  for (const input of before.inputs) {
    const now = after.inputs.find(({ name }) => name === input.name)
    if (now === undefined) problems.push(`input ${input.name}: must stay, got nothing`)
    else for (const problem of inputChanges(input, now)) problems.push(`input ${input.name}: ${problem}`)
  }
  for (const input of after.inputs) {
    if (before.inputs.some(({ name }) => name === input.name)) continue
    if (input.nullable || Object.hasOwn(input, 'default')) continue
    problems.push(`input ${input.name}: must be nullable or have a default as it is new, got neither`)
  }
  for (const output of before.outputs) {
    const now = after.outputs.find(({ name }) => name === output.name)
    if (now === undefined) problems.push(`output ${output.name}: must stay, got nothing`)
    else for (const problem of outputChanges(output, now)) problems.push(`output ${output.name}: ${problem}`)
  }
  return problems
}

function inputChanges(before: InputSpec, after: InputSpec): string[] {
  const problems: string[] = []
  if (!typeFits(before.type, after.type)) {
    problems.push(`type must still take ${printType(before.type)}, got ${printType(after.type)}`)
  }
  if (before.nullable && !after.nullable) problems.push('must stay nullable, got not nullable')
  if (!before.nullable && before.onNull === 'missing' && after.nullable)
    problems.push('must stay not nullable, as null means the default, got nullable')
  if (before.onNull === 'missing' && after.onNull === 'error')
    problems.push('onNull must stay missing, got error')
  if (!sameDefault(before, after)) {
    problems.push(`default must stay ${show(before.default)}, got ${show(after.default)}`)
  }
  if (!impliesRange(before, after)) {
    problems.push(
      `range must still take ${before.range ? show(before.range) : 'every number'}, got ${show(after.range)}`,
    )
  }
  if (after.length !== undefined && after.length !== before.length) {
    problems.push(`length must stay ${before.length ?? 'free'}, got ${after.length}`)
  }
  const most = mostItems(before)
  if (mostItems(after) < most) {
    const kept = most === Number.POSITIVE_INFINITY ? 'stay free' : `not fall below ${most}`
    problems.push(`maxLength must ${kept}, got ${mostItems(after)}`)
  }
  if (before.measure !== undefined && after.measure !== before.measure) {
    problems.push(`measure must stay ${before.measure}, got ${after.measure ?? 'none'}`)
  }
  return problems
}

/** A new default is allowed if a value was required before. If absence meant null, it would change the meaning. */
function sameDefault(before: InputSpec, after: InputSpec): boolean {
  if (Object.hasOwn(before, 'default')) {
    return Object.hasOwn(after, 'default') && JSON.stringify(after.default) === JSON.stringify(before.default)
  }
  return !before.nullable || (after.default ?? null) === null
}

function outputChanges(before: OutputSpec, after: OutputSpec): string[] {
  const problems: string[] = []
  // An Int would fit where a Float was, but the next model may not keep the promise of a narrower type.
  if (!typeFits(after.type, before.type) || after.type.kind !== before.type.kind) {
    problems.push(`type must stay ${printType(before.type)}, got ${printType(after.type)}`)
  }
  if (before.measure !== undefined && after.measure !== before.measure) {
    problems.push(`measure must stay ${before.measure}, got ${after.measure ?? 'none'}`)
  }
  return problems
}
