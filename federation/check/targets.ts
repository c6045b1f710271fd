import type { PathSegment, RequiresSelection } from '../queryPlan'
import type { FetchCheck } from './document'
import { type Group, knownAs, type Place, placesOf } from './symbols'

/** The objects at the end of a path: some types at one place. */
export interface Target {
  readonly place: Place
  readonly types: ReadonlySet<string>
}

/** Follows a path through what was fetched before. Reports a path that leads nowhere. */
export function followPath(path: readonly PathSegment[], root: Place, check: FetchCheck): readonly Target[] {
  let targets: readonly Target[] = [{ place: root, types: typesAt(root) }]
  const walked: string[] = []
  for (const segment of path) {
    const here = targets
    if ('Field' in segment) {
      walked.push(segment.Field)
      targets = below(here, segment.Field, check)
    } else {
      const names = segment.TypeCondition
      targets = here.flatMap((target) => onlyTypes(target, names, check))
    }
  }
  if (targets.length === 0) {
    check.report.add('The path of a fetch leads to nothing that was fetched before', { path: walked })
  }
  return targets
}

/** By the representation's `__typename`, or else its only fragment. Undefined if neither is known. */
export function representedAs(
  group: Group,
  type: string,
  sent: readonly RequiresSelection[],
  { visible, supergraph }: FetchCheck,
): string | undefined {
  const name = knownAs(group.typename(visible), type)
  if (name !== undefined) return name
  const [only] = sent
  if (sent.length !== 1 || only.kind !== 'InlineFragment') return undefined
  return supergraph.possibleTypes(only.typeCondition).has(type) ? only.typeCondition : undefined
}

function typesAt(place: Place): ReadonlySet<string> {
  return new Set(place.groups.flatMap(({ types }) => [...types]))
}

function below(targets: readonly Target[], key: string, { visible, report }: FetchCheck): readonly Target[] {
  const meanings = targets.flatMap(({ place, types }) =>
    place.narrow(types, report).flatMap((group) => group.field(key, visible) ?? []),
  )
  return placesOf(meanings, report).map((place) => ({ place, types: typesAt(place) }))
}

function onlyTypes(
  { place, types }: Target,
  names: readonly string[],
  { visible, supergraph, report }: FetchCheck,
): readonly Target[] {
  const matching = new Set<string>()
  for (const group of place.groups) {
    const typename = group.typename(visible)
    for (const type of group.types) {
      report.step()
      if (!types.has(type)) continue
      const known = knownAs(typename, type) ?? type
      if (names.some((name) => supergraph.possibleTypes(name).has(known))) matching.add(type)
      else if (typename.kind === 'unknown') {
        const message = `A path continues only for ${names.join(', ')}, but cannot tell these from ${type} without a __typename`
        report.add(message, { path: place.path })
      }
    }
  }
  return matching.size === 0 ? [] : [{ place, types: matching }]
}
