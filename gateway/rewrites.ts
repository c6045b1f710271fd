import type { FetchNodePathSegment, FetchRewrite } from '@graphql-hive/router-query-planner'
import { isResponseObject, type Path } from './responseData'
import type { Supergraph } from './supergraph'

/** Changes a value in place: what is sent to a subgraph, or what it answered. */
export type Rewrite = (value: unknown) => void

/** One function for all rewrites of a fetch, in their order; undefined where there are none. */
export function compileRewrites(
  rewrites: readonly FetchRewrite[] | null | undefined,
  supergraph: Supergraph,
): Rewrite | undefined {
  if (!rewrites || rewrites.length === 0) return undefined
  const compiled = rewrites.map((rewrite) => compileRewrite(rewrite, supergraph))
  return (value) => {
    for (const apply of compiled) apply(value)
  }
}

/** Carries an error's path over the renames of an answer's rewrites. */
export function renamePath(path: Path, rewrites: readonly FetchRewrite[] | null | undefined): Path {
  if (!rewrites || rewrites.length === 0) return path
  const renamed = [...path]
  for (const rewrite of rewrites) {
    if (!('KeyRenamer' in rewrite)) continue
    const keys = rewrite.KeyRenamer.path.flatMap((segment) => ('Key' in segment ? [segment.Key] : []))
    let matched = 0
    for (let i = 0; i < renamed.length; i++) {
      if (typeof renamed[i] === 'number') continue
      if (renamed[i] !== keys[matched]) break
      matched++
      if (matched < keys.length) continue
      renamed[i] = rewrite.KeyRenamer.renameKeyTo
      break
    }
  }
  return renamed
}

function compileRewrite(rewrite: FetchRewrite, supergraph: Supergraph): Rewrite {
  if ('KeyRenamer' in rewrite) {
    const { path, renameKeyTo } = rewrite.KeyRenamer
    return compileStep(path, supergraph, (object, key) => {
      if (!(key in object)) return
      object[renameKeyTo] = object[key]
      delete object[key]
    })
  }
  // The planner writes this one in two forms.
  const { path, setValueTo } = 'ValueSetter' in rewrite ? rewrite.ValueSetter : rewrite
  return compileStep(path, supergraph, (object, key) => {
    object[key] = setValueTo
  })
}

/** Walks the path through objects and lists and changes the key that ends it. */
function compileStep(
  path: readonly FetchNodePathSegment[],
  supergraph: Supergraph,
  change: (object: Record<string, unknown>, key: string) => void,
): Rewrite {
  const [segment, ...rest] = path
  if (segment === undefined) throw new Error('Bug: a rewrite without a key')
  let atObject: (object: Record<string, unknown>) => void
  if ('Key' in segment && rest.length === 0) {
    atObject = (object) => change(object, segment.Key)
  } else {
    const next = compileStep(rest, supergraph, change)
    if ('Key' in segment) {
      atObject = (object) => next(object[segment.Key])
    } else {
      const types = new Set(segment.TypenameEquals.flatMap((name) => [...supergraph.possibleTypes(name)]))
      atObject = (object) => {
        if (typeof object.__typename !== 'string' || types.has(object.__typename)) next(object)
      }
    }
  }
  return function apply(value: unknown): void {
    if (Array.isArray(value)) for (const item of value) apply(item)
    else if (isResponseObject(value)) atObject(value)
  }
}
