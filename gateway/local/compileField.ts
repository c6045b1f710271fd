import { defaultFieldResolver, isNonNullType, type ResponsePath } from 'graphql'
import { isPromise } from '../../lib/isPromise'
import type { Complete } from './completeObject'
import type { FieldUse } from './fieldUse'
import type { LocalRun } from './localRun'

/**
 * Resolves and completes a field of one object; `parent` is the object's path. Returns the value, null after a recorded
 * error, or a promise of it. Throws or rejects if a non-null field fails.
 */
export type ExecuteField = (source: unknown, parent: ResponsePath | undefined, run: LocalRun) => unknown

export function compileField(
  use: FieldUse,
  complete: Complete,
  resolve: ExecuteField = compileResolve(use),
): ExecuteField {
  const isNullable = !isNonNullType(use.field.type)
  const { key } = use
  const fail = (thrown: unknown, parent: ResponsePath | undefined, run: LocalRun): null =>
    use.fail(thrown, use.path(parent), isNullable, run)
  const later = (value: PromiseLike<unknown>, parent: ResponsePath | undefined, run: LocalRun) =>
    value.then(undefined, (thrown) => fail(thrown, parent, run))
  return (source, parent, run) => {
    try {
      const value = resolve(source, parent, run)
      if (typeof value === 'object' && isPromise(value)) {
        return later(
          value.then((settled) => complete(settled, parent, key, run)),
          parent,
          run,
        )
      }
      const completed = complete(value, parent, key, run)
      return typeof completed === 'object' && isPromise(completed) ? later(completed, parent, run) : completed
    } catch (thrown) {
      return fail(thrown, parent, run)
    }
  }
}

/** Compiles the call of the field's resolver. */
export function compileResolve(use: FieldUse): ExecuteField {
  const { name, resolve } = use.field
  if (resolve !== undefined && resolve !== defaultFieldResolver) {
    return (source, parent, run) =>
      resolve(source, use.ownArgs(run), run.contextValue, use.info(run, use.path(parent)))
  }
  return (source, parent, run) => {
    // An invalid argument fails the field even if nobody reads it.
    if (use.field.args.length > 0) use.argsOf(run)
    if ((typeof source !== 'object' && typeof source !== 'function') || source === null) return undefined
    const value = (source as Record<string, unknown>)[name]
    if (typeof value !== 'function') return value
    return value.call(source, use.ownArgs(run), run.contextValue, use.info(run, use.path(parent)))
  }
}
