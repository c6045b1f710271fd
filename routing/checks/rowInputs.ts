import { show } from '../../lib/errors'
import { notOneOf } from '../../lib/files/nearMiss'
import { memoized, memoizedWeakly } from '../../lib/memoized'
import type { InputSpec } from '../../models/contracts/objective'
import { compileValidator, ValidationError } from '../../models/validation/validator'

/** Returns the first problem with the inputs of one row; undefined if there is none. `owner` is whose inputs they must be. */
export type RowCheck = (inputs: Readonly<Record<string, unknown>>, owner: string) => string | undefined

/**
 * Checks the names and types of the inputs of one row that somebody wrote by hand or in another program. Inputs may be left
 * out or null, and ranges are not checked: such rows are decided too.
 */
export const rowCheckOf = memoizedWeakly((specs: readonly InputSpec[]): RowCheck => {
  const names = [...new Set(specs.map(({ name }) => name))]
  // Several objectives may have an input of the same name.
  const checksOf = memoized((name: string) =>
    specs
      .filter((spec) => spec.name === name)
      .map(({ type }) => compileValidator({ name, type, nullable: true, onNull: 'missing' }).value),
  )
  return (inputs, owner) => {
    for (const [name, value] of Object.entries(inputs)) {
      if (!names.includes(name)) return notOneOf(`must be inputs of ${owner}`, name, names, show(name))
      if (value === null || value === undefined) continue
      const found = checksOf(name).map((check) => check(value))
      const [first] = found
      if (first instanceof ValidationError && found.every((one) => one instanceof ValidationError))
        return `${name} ${first.expectation}, got ${first.got}`
    }
    return undefined
  }
})
