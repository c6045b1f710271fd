import { addTo } from '../../lib/groups'
import type { Alternatives } from '../supergraph/alternatives'
import type { Report } from './report'

/**
 * The data while a plan runs, as symbols. For each place with objects it knows their possible types and what each of
 * their response keys means. Types that were treated alike share a group, which is divided when a fetch treats them
 * differently.
 */
export class Place {
  groups: Group[]
  /** The fields whose value it is: of objects of several types, until a fetch treats these differently. */
  private readonly owners = new Set<Meaning>()

  constructor(
    /** Response keys from the root. */
    readonly path: readonly string[],
    types: Iterable<string>,
    readonly alternatives: Alternatives,
  ) {
    const all = new Set(types)
    this.groups = all.size > 0 ? [new Group(all)] : []
  }

  /** The groups of exactly these types. Groups that hold others too are divided. */
  narrow(types: ReadonlySet<string>, report: Report): Group[] {
    const inside: Group[] = []
    for (const group of [...this.groups]) {
      report.step()
      const others = [...group.types].filter((type) => !types.has(type))
      if (others.length === group.types.size) continue
      if (others.length > 0) this.groups.push(group.divide(others, report))
      inside.push(group)
    }
    return inside
  }

  ownedBy(meaning: Meaning): void {
    this.owners.add(meaning)
  }

  /** The place for these owners only: the place itself if it has no others, else a copy that becomes theirs. */
  only(owners: readonly Meaning[], report: Report): Place {
    if (owners.length === this.owners.size) return this
    const place = new Place(this.path, [], this.alternatives)
    place.groups = this.groups.map((group) => group.copy(group.types, report))
    for (const owner of owners) {
      this.owners.delete(owner)
      place.owners.add(owner)
      owner.place = place
    }
    return place
  }
}

/** The places below some meanings, separated from all other owners. */
export function placesOf(meanings: readonly Meaning[], report: Report): readonly Place[] {
  const owners = new Map<Place, Meaning[]>()
  for (const meaning of meanings) if (meaning.place !== undefined) addTo(owners, meaning.place, meaning)
  return [...owners].map(([place, own]) => place.only(own, report))
}

/** Objects of some types at one place about which the same is known. */
export class Group {
  /** Fetches of `__typename`, and what they return. */
  typenames: TypenameSource[] = []
  readonly fields = new Map<string, Meaning>()
  /** Keys sent before any fetch brought them, with the field that they must mean: a parallel fetch may follow. */
  readonly sent = new Map<string, string>()

  constructor(readonly types: Set<string>) {}

  /** Moves the types from this group to a new one. */
  divide(types: readonly string[], report: Report): Group {
    for (const type of types) this.types.delete(type)
    return this.copy(new Set(types), report)
  }

  copy(types: ReadonlySet<string>, report: Report): Group {
    const group = new Group(new Set(types))
    group.typenames = [...this.typenames]
    for (const [key, name] of this.sent) group.sent.set(key, name)
    for (const [key, meaning] of this.fields) {
      report.step()
      const copied = { ...meaning, fetches: new Set(meaning.fetches) }
      meaning.place?.ownedBy(copied)
      group.fields.set(key, copied)
    }
    return group
  }

  /** The meaning of the key for a reader who sees only these fetches. */
  field(key: string, visible: Visible): Meaning | undefined {
    const meaning = this.fields.get(key)
    if (meaning === undefined) return undefined
    for (const fetch of meaning.fetches) if (visible.has(fetch)) return meaning
    return undefined
  }

  /** What `__typename` says of these objects. */
  typename(visible: Visible): Typename {
    let typename: Typename = { kind: 'unknown' }
    for (const source of this.typenames) {
      if (!visible.has(source.fetch)) continue
      if (source.interfaceObject === undefined) return { kind: 'own' }
      typename = { kind: 'interface', name: source.interfaceObject }
    }
    return typename
  }
}

/** Numbers of the fetches whose answers have arrived. */
export type Visible = ReadonlySet<number>

/** The meaning of a response key. */
export interface Meaning {
  readonly name: string
  /** As printed, sorted by name. */
  readonly args: string
  /** Numbers of the fetches that bring it. */
  readonly fetches: Set<number>
  /** Undefined for leaves. Shared with equal meanings of types that were divided. */
  place: Place | undefined
}

export interface TypenameSource {
  readonly fetch: number
  /** The interface object's name, which the subgraph gives to all implementors; undefined for own types. */
  readonly interfaceObject: string | undefined
}

export type Typename =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'own' }
  | { readonly kind: 'interface'; readonly name: string }

/** The name by which type conditions know an object, by its `__typename`; undefined if nobody asked for that. */
export function knownAs(typename: Typename, type: string): string | undefined {
  switch (typename.kind) {
    case 'unknown':
      return undefined
    case 'own':
      return type
    case 'interface':
      return typename.name
  }
}
