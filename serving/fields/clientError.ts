import { PresageError } from '../../lib/errors'
import { memoizedWeakly } from '../../lib/memoized'
import { BadFeature } from '../../models/validation/validateRows'
import { sourceOf } from '../../schema/fields/bindingText'
import type { InputBinding, PredictionField } from '../../schema/fields/plan'

/**
 * Compiles what a field's clients see of an error: in words of the objective, not of the version that answered. An error
 * about an input says where the input comes from, such as an argument, and shows no value of another field.
 */
export function compileClientError({ target, inputs }: PredictionField): (error: Error) => Error {
  const bindings = new Map(inputs.map(({ spec, binding }) => [spec.name, binding]))
  const objective = target.kind === 'objective' ? target.objective : undefined
  // Rows that share an error share the client's, too.
  return memoizedWeakly((error: Error): Error => {
    if (error instanceof BadFeature) return badInput(error, bindings, objective)
    if (!(error instanceof PresageError) || objective === undefined || !versionPrefix.test(error.message))
      return error
    const { model: _, ...details } = error.details ?? {}
    const told = new PresageError(error.code, error.message.replace(versionPrefix, `${objective}: `), details)
    if (error.cause !== undefined) told.cause = error.cause
    return told
  })
}

/** How messages about a version begin. */
const versionPrefix = /^[\w.-]+@[\w.-]+: /

function badInput(
  error: BadFeature,
  bindings: ReadonlyMap<string, InputBinding>,
  objective: string | undefined,
): Error {
  const { expectation, got, details } = error
  const name = [details?.['input'], details?.['feature']].map(String).find((one) => bindings.has(one))
  if (name === undefined) return error
  const binding = bindings.get(name)!
  const found = sourceOf(binding)
  const source = found && `${found.kind} ${found.name}`
  // The contract allows the value, and only this version does not take it.
  const feature = details?.['feature']
  const whose =
    objective === undefined || feature === undefined ? '' : ` for the version's feature ${feature}`
  const came = binding.from === 'parent' ? '' : `, got ${got}`
  const from = source === undefined ? '' : ` (from ${source})`
  return new PresageError(
    'BAD_FEATURE',
    `input ${name}${objective === undefined ? '' : ` of ${objective}`}: ${expectation}${whose}${came}${from}`,
    { input: name, ...(source !== undefined && { source }) },
  )
}
