import type { Column } from '../../lib/column'
import { invariant } from '../../lib/invariant'
import type { Context } from '../../lib/request/clientRequest'
import type { InputSpec } from '../../models/contracts/objective'
import type { ObjectiveContract } from '../ruleSet/knownNames'
import type { Reference } from '../ruleSet/reference'

/** Reads a value of a request or of one of its rows; undefined if it is absent or null. */
export type ReadValue = (context: Context, columns: readonly Column[], row: number) => unknown

/** Compiles the reading of a condition's or unit's value: of inputs with defaults, and ids as text. */
export function compileRead({ from, name }: Reference, contract: ObjectiveContract): ReadValue {
  if (from === 'context') return readContext(name)
  const place = contract.inputs.findIndex((input) => input.name === name)
  invariant(place >= 0, `no input ${name}`)
  return readInput(place, contract.inputs[place])
}

function readContext(key: string): ReadValue {
  // Names that every object inherits are not keys; for all other keys a plain read is enough.
  if (key in Object.prototype) {
    return (context) => (Object.hasOwn(context, key) ? (context[key] ?? undefined) : undefined)
  }
  return (context) => {
    const value: unknown = context[key]
    return value === null ? undefined : value
  }
}

function readInput(place: number, { type, nullable, default: standIn }: InputSpec): ReadValue {
  const whenAbsent = standIn ?? undefined
  const whenNull = nullable ? undefined : whenAbsent
  const isId = type.kind === 'ID'
  return (_, columns, row) => {
    const value = columns[place]?.[row]
    if (value === undefined) return whenAbsent
    if (value === null) return whenNull
    return isId && typeof value === 'number' ? String(value) : value
  }
}
