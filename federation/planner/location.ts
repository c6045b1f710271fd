import type { SelectionSetNode } from 'graphql'
import type { PathSegment } from '../queryPlan'
import type { Alternatives } from '../supergraph/alternatives'
import type { Fetch } from './fetch'
import type { Entry, Selection } from './selection'
import type { Want } from './wants'

/** A fetch that selects something on the objects at a location. */
export interface Source {
  readonly subgraph: string
  readonly fetch: Fetch
  readonly selection: Selection
  /** Names of the object types in the supergraph on which it selects. */
  readonly types: Set<string>
  /** Selections of external fields that it can answer, because of a `@provides` above. */
  readonly provided: readonly SelectionSetNode[]
  /**
   * The interface that the subgraph has as an interface object, so that it does not know the objects' types; or the
   * interface by which the entities are fetched.
   */
  readonly untypedAs: string | undefined
  /** Whether the objects come from this fetch; otherwise they are fetched as entities. */
  readonly isBase: boolean
}

/** A place with objects in the merged data. */
export class Location {
  readonly sources: Source[] = []
  /** The sources from which the objects come. */
  readonly bases: Source[] = []
  /** The possible types of the objects. */
  readonly types: string[] = []
  private readonly children: {
    readonly key: string
    readonly types: ReadonlySet<string>
    location: Location
  }[] = []
  private readonly childByEntry = new Map<Entry, Location>()
  /** The field that each response key means. */
  private readonly meanings = new Map<string, string>()

  /** `needs` are the fetches of the types on which the path depends. */
  constructor(
    readonly path: readonly PathSegment[],
    readonly needs: ReadonlySet<Fetch>,
    readonly alternatives: Alternatives,
  ) {}

  add(source: Source): void {
    this.sources.push(source)
    if (!source.isBase) return
    this.bases.push(source)
    for (const type of source.types) if (!this.types.includes(type)) this.types.push(type)
  }

  isOfAll(types: readonly string[]): boolean {
    return this.types.every((type) => types.includes(type))
  }

  /** Reserves a key for the field that the operation wants under it. */
  reserve({ key, name, args }: Want): void {
    if (key !== undefined) this.meanings.set(key, `${name}${args}`)
  }

  /** Finds a source that already answers the want for objects of the type. */
  find(type: string, want: Want): { readonly source: Source; readonly entry: Entry } | undefined {
    for (const source of this.sources) {
      const entry = source.types.has(type) ? source.selection.find(type, want) : undefined
      if (entry !== undefined) return { source, entry }
    }
    return undefined
  }

  /** A key for a field that the planner adds: its name, unless that already means something else here. */
  chooseKey({ name, args }: Want, isAllowed: (key: string) => boolean): string {
    for (let number = 1; ; number++) {
      const key = number === 1 ? name : `${name}_r${number}`
      const meaning = this.meanings.get(key)
      if ((meaning !== undefined && meaning !== `${name}${args}`) || !isAllowed(key)) continue
      this.meanings.set(key, `${name}${args}`)
      return key
    }
  }

  /** The location of the objects of an entry's field; undefined for a leaf. */
  childOf(entry: Entry): Location | undefined {
    return this.childByEntry.get(entry)
  }

  setChild(entry: Entry, child: Location): void {
    this.childByEntry.set(entry, child)
  }

  /** The location of a field's values on these types; `typed` are the fetches that tell them from others. */
  child(
    key: string,
    types: readonly string[],
    typed: ReadonlySet<Fetch>,
    alternatives: Alternatives,
  ): Location {
    const known = this.children.find((one) => one.key === key && types.every((type) => one.types.has(type)))
    if (known !== undefined) return known.location
    const condition = this.isOfAll(types) ? [] : [{ TypeCondition: types }]
    const location = new Location(
      [...this.path, ...condition, { Field: key }],
      new Set([...this.needs, ...typed]),
      alternatives,
    )
    this.children.push({ key, types: new Set(types), location })
    return location
  }
}
