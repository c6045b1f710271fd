import { shortPath } from '../../lib/packagePaths'

/** The files that composition writes, as absolute paths. */
interface ComposedPaths {
  readonly supergraph: string
  readonly planLock: string
}

/** What is at an absolute path. */
type NamedFile = readonly [file: string, what: string]

/**
 * The keys of files that `presage compose` would write over one of the `others`, or over each other, with what is wrong.
 */
export function overwriteProblems(
  { supergraph, planLock }: ComposedPaths,
  others: readonly NamedFile[],
): readonly (readonly [path: string, problem: string])[] {
  const written = [
    ['graph.supergraph', supergraph, others],
    ['graph.planLock', planLock, [[supergraph, 'graph.supergraph'], ...others]],
  ] as const
  return written.flatMap(([path, file, taken]) => {
    const other = taken.find(([one]) => one === file)
    if (other === undefined) return []
    return [
      [path, `must be a file of its own, since compose overwrites it, got ${shortPath(file)}, ${other[1]}`],
    ] as const
  })
}
