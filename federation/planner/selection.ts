import { type GraphQLSchema, isAbstractType, isInterfaceType } from 'graphql'
import type { Location } from './location'
import type { Want } from './wants'

/** A field that a fetch asks for, of objects of some types. */
export interface Entry {
  readonly key: string
  readonly name: string
  readonly args: string
  /** The field's type in the subgraph: two that differ cannot have the same key. */
  readonly type: string
  /** Names of object types, as the whole graph has them. */
  readonly types: Set<string>
  readonly below: { readonly selection: Selection; readonly location: Location } | undefined
}

/** What a fetch asks of the objects at one place of its answer. */
export class Selection {
  readonly entries: Entry[] = []
  hasTypename = false

  constructor(
    /** What the subgraph declares there; undefined: entities of several types. */
    readonly typename: string | undefined,
    /** The subgraph's name for an object type that may stand here. */
    readonly nameOf: (type: string) => string,
    /** Whether it is asked of entities of that type. */
    private readonly isEntity = false,
  ) {}

  get isEmpty(): boolean {
    return this.entries.length === 0 && !this.hasTypename
  }

  /** What answers the want for objects of the type; undefined where nothing does. */
  find(type: string, { key, name, args }: Want): Entry | undefined {
    return this.entries.find(
      (entry) =>
        entry.types.has(type) &&
        entry.name === name &&
        entry.args === args &&
        (key === undefined || entry.key === key),
    )
  }

  /** Whether a field may be asked for under the key beside all that is asked for already. */
  allows(key: string, name: string, args: string, type: string): boolean {
    return this.entries.every(
      (entry) => entry.key !== key || (entry.name === name && entry.args === args && entry.type === type),
    )
  }

  print(schema: GraphQLSchema): string {
    const common = this.common(schema)
    const parts = this.hasTypename ? ['__typename'] : []
    for (const entry of common) parts.push(printEntry(entry, schema))
    for (const [name, entries] of this.byName(common)) {
      const texts = new Set(entries.map((entry) => printEntry(entry, schema)))
      parts.push(`...on ${name}{${[...texts].join(' ')}}`)
    }
    const text = `{${parts.join(' ') || '__typename'}}`
    return this.isEntity ? `{...on ${this.typename}${text}}` : text
  }

  /** What can be asked without a type condition. */
  private common(schema: GraphQLSchema): readonly Entry[] {
    if (this.typename === undefined) return []
    const type = schema.getType(this.typename)
    if (!isAbstractType(type)) return this.entries
    if (!isInterfaceType(type)) return []
    const possible = schema.getPossibleTypes(type)
    const fields = type.getFields()
    return this.entries.filter(
      ({ name, args, types, type: own }) =>
        Object.hasOwn(fields, name) &&
        String(fields[name].type) === own &&
        (args === '' || fields[name].args.length > 0) &&
        possible.every((one) => types.has(one.name)),
    )
  }

  /** The other entries by the subgraph's names for the types that they are asked of. */
  private byName(common: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
    const byName = new Map<string, Entry[]>()
    for (const entry of this.entries) {
      if (common.includes(entry)) continue
      for (const name of new Set([...entry.types].map(this.nameOf))) {
        const entries = byName.get(name)
        if (entries === undefined) byName.set(name, [entry])
        else entries.push(entry)
      }
    }
    return byName
  }
}

function printEntry({ key, name, args, below }: Entry, schema: GraphQLSchema): string {
  return `${key === name ? '' : `${key}:`}${name}${args}${below ? below.selection.print(schema) : ''}`
}
