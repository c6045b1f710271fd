import { type GraphQLSchema, isAbstractType, isInterfaceType } from 'graphql'
import { addTo } from '../../lib/groups'
import { maxCharacters, tooLarge } from '../operations/tooLarge'
import type { Want } from './wants'

/** A field of a fetch, on objects of some types. */
export interface Entry {
  readonly key: string
  readonly name: string
  readonly args: string
  /** The field's type in the subgraph. Fields of different types cannot share a key. */
  readonly type: string
  /** Names of object types in the supergraph. */
  readonly types: Set<string>
  /** The selection on its objects; undefined for a leaf. */
  readonly below: Selection | undefined
}

/** What a fetch selects on the objects at one place of its answer. */
export class Selection {
  hasTypename = false
  private readonly byKey = new Map<string, Entry[]>()
  private readonly byField = new Map<string, Entry[]>()
  /** Written once, when planning is done. */
  private text: string | undefined

  constructor(
    /** The type that the subgraph declares there; undefined for entities of several types. */
    readonly typename: string | undefined,
    /** The subgraph's name for an object type of the supergraph. */
    readonly nameOf: (type: string) => string,
    /** Whether it selects on entities of that type. */
    private readonly isEntity = false,
  ) {}

  get isEmpty(): boolean {
    return this.byKey.size === 0 && !this.hasTypename
  }

  add(entry: Entry): void {
    addTo(this.byKey, entry.key, entry)
    addTo(this.byField, `${entry.name}${entry.args}`, entry)
  }

  /** The entry that answers the want for objects of the type; undefined if there is none. */
  find(type: string, { key, name, args }: Want): Entry | undefined {
    return this.byField
      .get(`${name}${args}`)
      ?.find((entry) => entry.types.has(type) && (key === undefined || entry.key === key))
  }

  /** The leaf with this key, of any types. */
  leaf(key: string): Entry | undefined {
    return this.byKey.get(key)?.find(({ below }) => below === undefined)
  }

  /** Whether a field may be added under the key. */
  allows(key: string, name: string, args: string, type: string): boolean {
    const others = this.byKey.get(key) ?? []
    return others.every((entry) => entry.name === name && entry.args === args && entry.type === type)
  }

  /** Throws OPERATION_TOO_LARGE. */
  print(schema: GraphQLSchema): string {
    this.text ??= this.write(schema)
    if (this.text.length > maxCharacters) throw tooLarge()
    return this.text
  }

  private write(schema: GraphQLSchema): string {
    const entries = [...this.byKey.values()].flat()
    const common = new Set(this.common(entries, schema))
    const parts = this.hasTypename ? ['__typename'] : []
    for (const entry of common) parts.push(printEntry(entry, schema))
    for (const [name, own] of this.byName(entries.filter((entry) => !common.has(entry)))) {
      const texts = new Set(own.map((entry) => printEntry(entry, schema)))
      parts.push(`...on ${name}{${[...texts].join(' ')}}`)
    }
    const text = `{${parts.join(' ') || '__typename'}}`
    return this.isEntity ? `{...on ${this.typename}${text}}` : text
  }

  /** The entries that can be selected without a type condition. */
  private common(entries: readonly Entry[], schema: GraphQLSchema): readonly Entry[] {
    if (this.typename === undefined) return []
    const type = schema.getType(this.typename)
    if (!isAbstractType(type)) return entries
    if (!isInterfaceType(type)) return []
    const possible = schema.getPossibleTypes(type)
    const fields = type.getFields()
    return entries.filter(
      ({ name, args, types, type: own }) =>
        Object.hasOwn(fields, name) &&
        String(fields[name].type) === own &&
        (args === '' || fields[name].args.length > 0) &&
        possible.every((one) => types.has(one.name)),
    )
  }

  /** By the subgraph's names of the types on which they are selected. */
  private byName(entries: readonly Entry[]): ReadonlyMap<string, readonly Entry[]> {
    const byName = new Map<string, Entry[]>()
    for (const entry of entries) {
      for (const name of new Set([...entry.types].map(this.nameOf))) addTo(byName, name, entry)
    }
    return byName
  }
}

function printEntry({ key, name, args, below }: Entry, schema: GraphQLSchema): string {
  return `${key === name ? '' : `${key}:`}${name}${args}${below ? below.print(schema) : ''}`
}
