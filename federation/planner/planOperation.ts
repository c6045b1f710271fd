import { getNamedType, type SelectionSetNode } from 'graphql'
import { addTo, getOrMake, groupBy } from '../../lib/groups'
import { numbering } from '../../lib/memoized'
import type { NormalOperation } from '../operations/normalOperation'
import { maxFields, tooLarge } from '../operations/tooLarge'
import type { PlanNode } from '../queryPlan'
import { Alternatives } from '../supergraph/alternatives'
import type { Supergraph } from '../supergraph/readSupergraph'
import { Cover } from './cover'
import { Fetch } from './fetch'
import { Location, type Source } from './location'
import { planNode } from './planNode'
import { isHere, providedBelow } from './provided'
import { Representation } from './representation'
import { type Entry, Selection } from './selection'
import { OperationWants, selectionWants, type Want, type WantedField, type WantedPlace } from './wants'

/** A field of an operation that cannot be fetched. */
export class NotPlannable extends Error {
  constructor(readonly field: string) {
    super(`${field} cannot be reached`)
  }
}

/**
 * Plans an operation. Each field is fetched from the subgraph that its object comes from if that has it, otherwise from
 * one that finds the object by a key. Throws NotPlannable if a field cannot be reached.
 */
export function planOperation(operation: NormalOperation, supergraph: Supergraph): PlanNode {
  return new Planning(operation, supergraph).plan()
}

/** What a source could not give: tried with the next source, and at last with the location above. */
type Rest = readonly WantedField[]

class Planning {
  private readonly fetches: Fetch[] = []
  /**
   * How many fields were asked for so far, at all paths: one place of an operation may have many paths in the answer.
   */
  private asked = 0
  private readonly cover: Cover
  private readonly root = new Location([], new Set(), new Alternatives())
  /** Keys and requirements that are being fetched to enter a subgraph, not to be looked for in it. */
  private readonly busy = new Set<string>()
  private readonly numberOf = numbering<Location>()

  constructor(
    private readonly operation: NormalOperation,
    private readonly supergraph: Supergraph,
  ) {
    this.cover = new Cover(supergraph)
  }

  plan(): PlanNode {
    const [rest] = this.obtainPlace(this.root, new OperationWants().of(this.operation.root), new Set())
    if (rest !== undefined) throw new NotPlannable(nameOf(rest))
    return planNode(this.fetches, this.operation, this.supergraph)
  }

  private get rootType(): string {
    return this.operation.root.type.name
  }

  /** Plans what is wanted at a location; `used` collects the fetches that bring it. */
  private obtainPlace(location: Location, place: WantedPlace, used: Set<Fetch>): Rest {
    const types = location === this.root ? [this.rootType] : location.types
    for (const { want } of place.fields) location.reserve(want)
    if (place.needsTypename) this.obtainTypename(location, used)
    const far: WantedField[] = []
    for (const field of place.fields) {
      const own = field.types === undefined ? types : field.types.filter((type) => types.includes(type))
      if (own.length === 0) continue
      const near = location.bases.find(
        (source) => this.taken(location, source, own, field.want).length === own.length,
      )
      if (near === undefined) far.push({ ...field, types: own })
      else far.push(...this.ask(location, near, own, field.want, used))
    }
    if (far.length > 1) {
      // Fields with the fewest candidates first: their subgraphs must be asked in any case.
      const choices = new Map(far.map((field) => [field, this.candidates(location, field, new Set()).length]))
      far.sort((one, other) => choices.get(one)! - choices.get(other)!)
    }
    return far.flatMap((field) => this.obtain(location, field, used))
  }

  private obtain(location: Location, field: WantedField, used: Set<Fetch>): Rest {
    let open: Rest = [field]
    for (const source of [...location.sources]) {
      open = open.flatMap((one) => this.askOf(location, source, one, used))
    }
    const tried = new Set<string>()
    while (open.length > 0) {
      const [best] = this.candidates(location, open[0], tried)
      if (best === undefined) break
      tried.add(best)
      open = open.flatMap((one) => this.enterAndAsk(location, best, one, used))
    }
    return open
  }

  /** Asks a source for the part of the want that it can answer. Returns the rest. */
  private askOf(location: Location, source: Source, field: WantedField, used: Set<Fetch>): Rest {
    const { want, types = location.types } = field
    const taken = this.taken(location, source, types, want)
    if (taken.length === 0) return [field]
    const others = types.filter((type) => !taken.includes(type))
    const rest = this.ask(location, source, taken, want, used)
    return others.length === 0 ? rest : [...rest, { want, types: others }]
  }

  /** The types for which the source can answer some part of the want on its own. */
  private taken(location: Location, source: Source, types: readonly string[], want: Want): readonly string[] {
    const taken = types.filter((type) => source.types.has(type) && this.takes(source, type, want))
    // An interface object is asked only if all its types are wanted, because errors of other types would reach the
    // client.
    const isForAll = want.key === undefined || !this.isStandIn(source) || location.isOfAll(taken)
    return isForAll ? taken : []
  }

  private isStandIn({ subgraph, untypedAs }: Source): boolean {
    return untypedAs !== undefined && this.supergraph.isInterfaceObject(subgraph, untypedAs)
  }

  private takes(source: Source, type: string, want: Want): boolean {
    const known = source.selection.find(type, want)
    if (known !== undefined && want.below === undefined) return true
    const typename = source.selection.nameOf(type)
    const { subgraph } = source
    const object = { subgraph, typename, type, provided: source.provided }
    if (!isHere(object, want.name, this.supergraph)) return false
    const { leaves, missing } = this.cover.of(subgraph, typename, want, source.provided)
    return missing === 0 || (missing < leaves && !this.hasUnidentified(subgraph, typename, want.name))
  }

  /** Whether objects under the field cannot be assembled from several subgraphs. */
  private hasUnidentified(subgraph: string, typename: string, field: string): boolean {
    const declared = getNamedType(this.supergraph.reach.typeOf(subgraph, typename, field)!).name
    return this.supergraph
      .objects(subgraph, declared)
      .some((object) => this.isUnidentified(subgraph, object.typename))
  }

  private ask(
    location: Location,
    source: Source,
    types: readonly string[],
    want: Want,
    used: Set<Fetch>,
  ): Rest {
    if (++this.asked > maxFields) throw tooLarge()
    const { fetch, selection, subgraph } = source
    used.add(fetch)
    for (const name of want.variables) fetch.variables.add(name)
    const byType = groupBy(types, (type) =>
      String(this.supergraph.reach.typeOf(subgraph, selection.nameOf(type), want.name)),
    )
    return [...byType].flatMap(([fieldType, alike]) => {
      const entries = this.entriesFor(location, source, alike, want, fieldType)
      return [...entries].flatMap(([entry, own]) => {
        const child = location.childOf(entry)
        if (want.below === undefined || child === undefined) return []
        const rest = this.obtainPlace(child, want.below, used)
        if (rest.length === 0) return []
        for (const field of rest) this.refuseUnidentified(subgraph, field)
        return [
          { types: own, want: { ...want, key: entry.key, below: { needsTypename: false, fields: rest } } },
        ]
      })
    })
  }

  private refuseUnidentified(subgraph: string, { want, types = [] }: WantedField): void {
    for (const type of types) {
      if (this.isUnidentified(subgraph, this.supergraph.typenameFor(subgraph, type) ?? type)) {
        throw new NotPlannable(`${type}.${want.name}`)
      }
    }
  }

  /** Whether it has their key only as external fields: then subgraphs need not mean the same objects. */
  private isUnidentified(subgraph: string, typename: string): boolean {
    return this.supergraph
      .keys(subgraph, typename)
      .some(({ selectionSet }) =>
        selectionWants(selectionSet, this.typesOf).fields.some(
          ({ want }) => this.supergraph.field(subgraph, typename, want.name)?.isExternal,
        ),
      )
  }

  /** The entries for the field, each with its types. Missing ones are added. */
  private entriesFor(
    location: Location,
    source: Source,
    types: readonly string[],
    want: Want,
    fieldType: string,
  ): ReadonlyMap<Entry, readonly string[]> {
    const { selection } = source
    const found = new Map<Entry, string[]>()
    const missing: string[] = []
    for (const type of types) {
      const entry = selection.find(type, want)
      if (entry === undefined) missing.push(type)
      else addTo(found, entry, type)
    }
    if (missing.length === 0) return found
    const { name, args } = want
    const isAllowed = (key: string) => selection.allows(key, name, args, fieldType)
    const known = location.find(missing[0], want)?.entry.key
    const key =
      want.key ?? (known !== undefined && isAllowed(known) ? known : location.chooseKey(want, isAllowed))
    if (!isAllowed(key)) throw new NotPlannable(`${missing[0]}.${name}`)
    const alike = selection.leaf(key)
    if (alike !== undefined) {
      for (const type of missing) alike.types.add(type)
      return found.set(alike, missing)
    }
    const below = want.below && this.below(location, source, missing, want, key)
    const entry: Entry = {
      key,
      name,
      args,
      type: fieldType,
      types: new Set(missing),
      below: below?.selection,
    }
    if (below !== undefined) location.setChild(entry, below.location)
    selection.add(entry)
    return found.set(entry, missing)
  }

  private below(
    location: Location,
    { subgraph, fetch, selection, provided }: Source,
    types: readonly string[],
    { name }: Want,
    key: string,
  ): { readonly selection: Selection; readonly location: Location } {
    const typename = selection.nameOf(types[0])
    const declared = getNamedType(this.supergraph.reach.typeOf(subgraph, typename, name)!).name
    const objects = this.supergraph.objects(subgraph, declared)
    const alternatives = location.alternatives.below(types[0], name, this.supergraph)
    const names = new Map(
      objects.flatMap((one) =>
        alternatives
          .possible(one.types, subgraph, types[0], name, this.supergraph)
          .map((type) => [type, one.typename]),
      ),
    )
    // If only some types are meant, `__typename` tells their objects from others.
    const typed = new Set<Fetch>()
    if (!location.isOfAll(types)) this.obtainTypename(location, typed)
    const child = location.child(key, types, typed, alternatives)
    const own = new Selection(declared, (type) => names.get(type) ?? type)
    child.add({
      subgraph,
      fetch,
      selection: own,
      types: new Set(names.keys()),
      provided: providedBelow({ subgraph, typename, type: types[0], provided }, name, this.supergraph),
      untypedAs: this.supergraph.isInterfaceObject(subgraph, declared) ? declared : undefined,
      isBase: true,
    })
    return { selection: own, location: child }
  }

  /** Makes sure that the objects' own types are fetched. */
  private obtainTypename(location: Location, used: Set<Fetch>): void {
    const typed = location.sources.find(({ isBase, untypedAs, selection }) =>
      isBase
        ? untypedAs === undefined
        : untypedAs !== undefined && selection.typename === untypedAs && selection.hasTypename,
    )
    if (typed !== undefined) {
      typed.selection.hasTypename = true
      used.add(typed.fetch)
      return
    }
    const [base] = location.bases
    const name = base?.untypedAs
    if (name === undefined) return
    for (const subgraph of this.supergraph.subgraphs) {
      if (
        this.supergraph.isInterfaceObject(subgraph, name) ||
        this.supergraph.keys(subgraph, name).length === 0
      )
        continue
      const source = this.enterByInterface(location, subgraph, name)
      if (source === undefined) continue
      source.selection.hasTypename = true
      used.add(source.fetch)
      return
    }
    throw new NotPlannable(`${name}.__typename`)
  }

  /** Subgraphs that may be entered for the want, best first. */
  private candidates(
    location: Location,
    { want, types = location.types }: WantedField,
    tried: ReadonlySet<string>,
  ) {
    const scored = this.supergraph.subgraphs.flatMap((subgraph) => {
      if (tried.has(subgraph)) return []
      const open = types.filter((one) => this.mayEnter(location, subgraph, one, want.name))
      if (open.length === 0) return []
      const [type] = open
      const { missing, far, jumps } = this.cover.of(
        subgraph,
        this.supergraph.typenameFor(subgraph, type) ?? type,
        want,
      )
      const isEntered = location.sources.some((source) => source.subgraph === subgraph)
      return [
        {
          subgraph,
          score: missing * 1_000_000 + (types.length - open.length) * 1000 + jumps * 2 + (isEntered ? 0 : 1),
          far,
        },
      ]
    })
    return scored
      .sort((one, other) => one.score - other.score || one.far - other.far)
      .map(({ subgraph }) => subgraph)
  }

  private mayEnter(location: Location, subgraph: string, type: string, field: string): boolean {
    if (location === this.root) return this.supergraph.reach.isLocal(subgraph, type, field)
    const typename = this.supergraph.typenameFor(subgraph, type)
    if (typename === undefined || !this.supergraph.reach.isLocal(subgraph, typename, field)) return false
    if (this.supergraph.field(subgraph, typename, field)?.isExternal) return false
    if (this.busy.has(this.busyKey(location, subgraph, type))) return false
    if (this.busy.has(this.busyKey(location, subgraph, `${type}.${field}`))) return false
    return location.bases.some(
      (base) =>
        base.types.has(type) &&
        (this.supergraph.reach.from(base.subgraph, type).has(subgraph) ||
          this.isKeyProvided(base, subgraph, type, typename)),
    )
  }

  /** Whether `@provides` gives the source a key by which the subgraph finds the objects. */
  private isKeyProvided(base: Source, subgraph: string, type: string, typename: string): boolean {
    if (base.provided.length === 0) return false
    return this.supergraph
      .keys(subgraph, typename)
      .some(
        ({ selectionSet, isResolvable }) =>
          isResolvable &&
          selectionWants(selectionSet, this.typesOf).fields.every(({ want }) => this.takes(base, type, want)),
      )
  }

  private busyKey(location: Location, subgraph: string, what: string): string {
    return `${this.numberOf(location)} ${subgraph} ${what}`
  }

  private enterAndAsk(location: Location, subgraph: string, field: WantedField, used: Set<Fetch>): Rest {
    const { want, types = location.types } = field
    const may = types.filter((type) => this.mayEnter(location, subgraph, type, want.name))
    const entered = may.length === 0 ? [] : this.enter(location, subgraph, may, want.name)
    const done = new Set(entered.flatMap((one) => one.types))
    const others = types.filter((type) => !done.has(type))
    const rest = entered.flatMap((one) => this.ask(location, one.source, one.types, want, used))
    return others.length === 0 ? rest : [...rest, { want, types: others }]
  }

  /** Enters a subgraph for the field and fetches what it requires. Returns the sources, each with its types. */
  private enter(
    location: Location,
    subgraph: string,
    types: readonly string[],
    field: string,
  ): readonly { readonly source: Source; readonly types: readonly string[] }[] {
    if (location === this.root) return [{ source: this.enterRoot(subgraph), types }]
    const name = this.interfaceFor(location, subgraph, types, field)
    if (name !== undefined) {
      const source = this.enterByInterface(location, subgraph, name, field)
      return source === undefined ? [] : [{ source, types: types.filter((type) => source.types.has(type)) }]
    }
    return types.flatMap((type) => {
      const source = this.enterTyped(location, subgraph, type, field)
      return source === undefined ? [] : [{ source, types: [type] }]
    })
  }

  /**
   * The interface that finds all objects at once, if their own types are unknown here or in that subgraph. What a type
   * requires for its field cannot be sent under the name of the interface.
   */
  private interfaceFor(
    location: Location,
    subgraph: string,
    types: readonly string[],
    field: string,
  ): string | undefined {
    const isOfAll = location.isOfAll(types)
    const untyped = location.bases[0].untypedAs
    const isStandIn = untyped !== undefined && this.supergraph.isInterfaceObject(subgraph, untyped)
    if (!isStandIn && types.some((type) => this.supergraph.requiredBy(subgraph, type, field)))
      return undefined
    if (untyped !== undefined && (isOfAll || !isStandIn)) {
      return this.supergraph.keys(subgraph, untyped).length > 0 ? untyped : undefined
    }
    const [first, ...others] = types.map((type) => this.supergraph.typenameFor(subgraph, type))
    const isOneName = others.length > 0 && others.every((name) => name === first)
    return isOfAll && isOneName ? first : undefined
  }

  private enterRoot(subgraph: string): Source {
    const known = this.root.sources.find((source) => source.subgraph === subgraph)
    if (known !== undefined) return known
    const selection = new Selection(this.rootType, (type) => type)
    const fetch = new Fetch(subgraph, undefined, selection)
    this.fetches.push(fetch)
    const types = new Set([this.rootType])
    const source = { subgraph, fetch, selection, types, provided: [], untypedAs: undefined, isBase: true }
    this.root.add(source)
    return source
  }

  private enterTyped(location: Location, subgraph: string, type: string, field: string): Source | undefined {
    const typename = this.supergraph.typenameFor(subgraph, type)!
    const needs = new Set<Fetch>()
    if (location.types.length > 1) this.obtainTypename(location, needs)
    const required = this.obtainRequired(location, subgraph, type, typename, field, needs)
    if (required === undefined) return undefined
    const known = location.sources.find(
      (source) =>
        isEntitySource(source, subgraph) &&
        source.types.has(type) &&
        !isCircular(source, needs) &&
        this.maySend(source, type, required),
    )
    if (known !== undefined) return this.send(location, known, type, required, needs)
    const key = this.obtainKey(location, subgraph, [type], typename, needs)
    if (key === undefined) return undefined
    // An interface object that stands for several types gets a source per type: they may be asked for different fields.
    const joined = location.sources.find(
      (source) =>
        typename === type &&
        isEntitySource(source, subgraph) &&
        [...source.types].every((other) => other !== type && source.selection.nameOf(other) === other) &&
        !isCircular(source, needs),
    )
    const source = joined ?? this.newSource(location, subgraph, undefined)
    source.types.add(type)
    return this.send(location, source, type, [...key, ...required], needs)
  }

  private enterByInterface(
    location: Location,
    subgraph: string,
    name: string,
    field?: string,
  ): Source | undefined {
    const needs = new Set<Fetch>()
    const { types } = location
    let required: readonly SelectionSetNode[] | undefined = []
    for (const type of field === undefined ? [] : types) {
      required = this.obtainRequired(location, subgraph, type, name, field!, needs)
      if (required === undefined) return undefined
    }
    const known = location.sources.find(
      (source) =>
        !source.isBase &&
        source.untypedAs === name &&
        source.subgraph === subgraph &&
        !isCircular(source, needs) &&
        this.maySend(source, name, required),
    )
    if (known !== undefined) return this.send(location, known, name, required, needs)
    const key = this.obtainKey(location, subgraph, types, name, needs)
    if (key === undefined) return undefined
    const source = this.newSource(location, subgraph, name)
    return this.send(location, source, name, [...key, ...required], needs)
  }

  private newSource(location: Location, subgraph: string, untypedAs: string | undefined): Source {
    const objects = untypedAs === undefined ? [] : this.supergraph.objects(subgraph, untypedAs)
    const names = new Map(objects.flatMap((one) => one.types.map((type) => [type, one.typename])))
    const nameOf = (type: string) =>
      untypedAs === undefined
        ? (this.supergraph.typenameFor(subgraph, type) ?? type)
        : (names.get(type) ?? type)
    const selection = new Selection(untypedAs, nameOf, untypedAs !== undefined)
    const fetch = new Fetch(subgraph, location.path, selection)
    this.fetches.push(fetch)
    for (const need of [...location.needs, ...location.bases.map((base) => base.fetch)]) fetch.needs.add(need)
    const types = new Set(names.keys())
    const source = { subgraph, fetch, selection, types, provided: [], untypedAs, isBase: false }
    location.add(source)
    return source
  }

  /** Whether these selections can be sent together with what is sent already. */
  private maySend({ fetch }: Source, condition: string, selections: readonly SelectionSetNode[]): boolean {
    const sent = fetch.requires.get(condition)
    return sent === undefined || selections.every((selection) => sent.allows(selection))
  }

  /** Adds selections to what the source is sent. */
  private send(
    location: Location,
    source: Source,
    condition: string,
    selections: readonly SelectionSetNode[],
    needs: ReadonlySet<Fetch>,
  ): Source {
    const { fetch, untypedAs } = source
    for (const need of needs) fetch.needs.add(need)
    const type = untypedAs === undefined ? condition : location.types[0]
    const make = () => new Representation(location, this.typesOf, type)
    const sent = getOrMake(fetch.requires, condition, make)
    for (const selection of selections) sent.add(selection)
    return source
  }

  /** Fetches what the field requires. Undefined if it cannot be fetched. */
  private obtainRequired(
    location: Location,
    subgraph: string,
    type: string,
    typename: string,
    field: string,
    needs: Set<Fetch>,
  ): readonly SelectionSetNode[] | undefined {
    const required = this.supergraph.requiredBy(subgraph, typename, field)
    if (required === undefined) return []
    const busy = this.busyKey(location, subgraph, `${type}.${field}`)
    return this.whileBusy([busy], () => this.obtainAll(location, [type], required, needs))
      ? [required]
      : undefined
  }

  /** A key by which the subgraph finds the objects, fetched; undefined if there is none. */
  private obtainKey(
    location: Location,
    subgraph: string,
    types: readonly string[],
    typename: string,
    needs: Set<Fetch>,
  ): readonly SelectionSetNode[] | undefined {
    const busy = types.map((type) => this.busyKey(location, subgraph, type))
    const keys = this.supergraph.keys(subgraph, typename).filter(({ isResolvable }) => isResolvable)
    const near = ({ selectionSet }: { selectionSet: SelectionSetNode }) =>
      selectionWants(selectionSet, this.typesOf).fields.every(({ want }) =>
        types.every((type) =>
          location.bases.some((base) => base.types.has(type) && this.takes(base, type, want)),
        ),
      )
    for (const { selectionSet } of [...keys.filter(near), ...keys.filter((key) => !near(key))]) {
      const own = new Set(needs)
      if (!this.whileBusy(busy, () => this.obtainAll(location, types, selectionSet, own))) continue
      for (const need of own) needs.add(need)
      return [selectionSet]
    }
    return undefined
  }

  private obtainAll(
    location: Location,
    types: readonly string[],
    selection: SelectionSetNode,
    needs: Set<Fetch>,
  ): boolean {
    const { fields } = selectionWants(selection, this.typesOf)
    return fields.every(({ want }) => this.obtain(location, { want, types }, needs).length === 0)
  }

  private whileBusy<T>(keys: readonly string[], act: () => T): T {
    for (const key of keys) this.busy.add(key)
    try {
      return act()
    } finally {
      for (const key of keys) this.busy.delete(key)
    }
  }

  private readonly typesOf = (condition: string) => [...this.supergraph.possibleTypes(condition)]
}

function isEntitySource(source: Source, subgraph: string): boolean {
  return !source.isBase && source.subgraph === subgraph && source.untypedAs === undefined
}

/** Whether the source has to be sent before something that it would need. */
function isCircular({ fetch }: Source, needs: ReadonlySet<Fetch>): boolean {
  for (const need of needs) if (need === fetch || need.isAfter(fetch)) return true
  return false
}

/** `Type.field` of the field that could not be fetched, as deep as it is known. */
function nameOf({ want, types }: WantedField): string {
  const [below] = want.below?.fields ?? []
  return below === undefined ? `${types?.[0] ?? ''}.${want.name}` : nameOf(below)
}
