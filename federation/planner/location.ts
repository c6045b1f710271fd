import type { SelectionSetNode } from 'graphql'
import type { PathSegment } from '../queryPlan'
import type { Alternatives } from '../supergraph/alternatives'
import type { Fetch } from './fetch'
import type { Entry, Selection } from './selection'
import type { Want } from './wants'

/** A fetch that asks something of the objects at a location. */
export interface Source {
  readonly subgraph: string
  readonly fetch: Fetch
  readonly selection: Selection
  /** Names of the object types, as the whole graph has them, that it is asked of. */
  readonly types: Set<string>
  /** External fields that it answers nevertheless, by a `@provides` above. */
  readonly provided: readonly SelectionSetNode[]
  /** The interface that the subgraph has as an object, so that it does not know the objects' types; or by which it was asked. */
  readonly untypedAs: string | undefined
  /** Whether the objects come from there; else they are asked for as entities. */
  readonly isBase: boolean
}

/** Where objects stand in the merged data. */
export class Location {
  readonly sources: Source[] = []
  private readonly ownBases: Source[] = []
  private readonly ownTypes: string[] = []
  private readonly children: {
    readonly key: string
    readonly types: ReadonlySet<string>
    location: Location
  }[] = []
  private readonly childByEntry = new Map<Entry, Location>()
  /** The meanings of response keys. */
  private readonly meanings = new Map<string, string>()

  /** `needs` fetch the types that the path depends on. */
  constructor(
    readonly path: readonly PathSegment[],
    readonly needs: ReadonlySet<Fetch>,
    readonly alternatives: Alternatives,
  ) {}

  /** Where the objects come from. */
  get bases(): readonly Source[] {
    return this.ownBases
  }

  /** Of all objects that may stand here. */
  get types(): readonly string[] {
    return this.ownTypes
  }

  add(source: Source): void {
    this.sources.push(source)
    if (!source.isBase) return
    this.ownBases.push(source)
    for (const type of source.types) if (!this.ownTypes.includes(type)) this.ownTypes.push(type)
  }

  isOfAll(types: readonly string[]): boolean {
    return this.types.every((type) => types.includes(type))
  }

  /** Reserves a key for the field that the operation wants under it. */
  reserve({ key, name, args }: Want): void {
    if (key !== undefined) this.meanings.set(key, `${name}${args}`)
  }

  /** Finds what answers the want already, for objects of the type. */
  find(type: string, want: Want): { readonly source: Source; readonly entry: Entry } | undefined {
    for (const source of this.sources) {
      const entry = source.types.has(type) ? source.selection.find(type, want) : undefined
      if (entry !== undefined) return { source, entry }
    }
    return undefined
  }

  /** A key for a field that the planner adds: its name, unless that means something else here. */
  chooseKey({ name, args }: Want, isAllowed: (key: string) => boolean): string {
    for (let number = 1; ; number++) {
      const key = number === 1 ? name : `${name}_r${number}`
      const meaning = this.meanings.get(key)
      if ((meaning !== undefined && meaning !== `${name}${args}`) || !isAllowed(key)) continue
      this.meanings.set(key, `${name}${args}`)
      return key
    }
  }

  /** Where the objects of an entry's field stand; undefined for a leaf. */
  childOf(entry: Entry): Location | undefined {
    return this.childByEntry.get(entry)
  }

  setChild(entry: Entry, child: Location): void {
    this.childByEntry.set(entry, child)
  }

  /** Where the values of a field stand, of objects of these types; `typed` are the fetches that tell them from others. */
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
