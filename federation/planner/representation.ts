import { Kind, type SelectionSetNode } from 'graphql'
import { getOrMake } from '../../lib/groups'
import type { RequiresSelection } from '../queryPlan'
import type { SentFields } from './fetch'
import type { Location } from './location'
import { argumentsText } from './wants'

/** A field that is sent of objects of some types. */
interface SentField {
  /** Its key in the data. */
  readonly key: string
  readonly types: Set<string>
  /** Undefined for a leaf. */
  readonly below: Representation | undefined
}

/** What is sent of the objects at a location. Each field is sent once, however many fields require it. */
export class Representation implements SentFields {
  private hasTypename = false
  /** By the name under which it is sent. */
  private readonly fields = new Map<string, SentField[]>()

  constructor(
    private readonly location: Location,
    /** Names of the object types that match a type condition. */
    private readonly typesOf: (condition: string) => readonly string[],
    /** The only type that is sent; undefined for all types of the location. */
    private readonly type?: string,
  ) {}

  /** Whether the selection can be sent together with what is sent already: no name may stand for two values. */
  allows({ selections }: SelectionSetNode, types = this.types): boolean {
    return selections.every((selection) => {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        return this.allows(selection.selectionSet, this.passing(selection.typeCondition?.name.value, types))
      }
      if (selection.kind !== Kind.FIELD) return true
      const name = selection.name.value
      return types.every((type) => {
        const sent = this.fields.get(name)?.find((one) => one.types.has(type))
        const entry = this.find(type, name, argumentsText(selection))
        if (sent === undefined || entry === undefined) return true
        const { below } = sent
        if (sent.key !== entry.key || below?.location !== this.location.childOf(entry)) return false
        return selection.selectionSet === undefined || below?.allows(selection.selectionSet) !== false
      })
    })
  }

  /** Adds the selection. Fields that are not in the data are not sent. */
  add({ selections }: SelectionSetNode, types = this.types): void {
    for (const selection of selections) {
      if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.hasTypename = true
        this.add(selection.selectionSet, this.passing(selection.typeCondition?.name.value, types))
      } else if (selection.kind === Kind.FIELD) {
        const name = selection.name.value
        if (name === '__typename') this.hasTypename = true
        const below = new Set(types.map((type) => this.addField(type, name, argumentsText(selection))))
        if (selection.selectionSet !== undefined) for (const one of below) one?.add(selection.selectionSet)
      }
    }
  }

  /** Plain fields if the same is sent of all types, else a fragment for each type. */
  write(): readonly RequiresSelection[] {
    const { types } = this
    const isSame = [...this.fields.values()].every((all) => types.every((type) => all[0].types.has(type)))
    return [
      ...(this.hasTypename ? [{ kind: 'Field', name: '__typename' } as const] : []),
      ...(isSame
        ? this.writeFields(types[0])
        : types.map((type): RequiresSelection => {
            return { kind: 'InlineFragment', typeCondition: type, selections: this.writeFields(type) }
          })),
    ]
  }

  private get types(): readonly string[] {
    return this.type === undefined ? this.location.types : [this.type]
  }

  private passing(condition: string | undefined, types: readonly string[]): readonly string[] {
    if (condition === undefined) return types
    const passed = this.typesOf(condition)
    return types.filter((type) => passed.includes(type))
  }

  private find(type: string, name: string, args: string) {
    return this.location.find(type, { key: undefined, name, args, variables: [], below: undefined })?.entry
  }

  /** Returns what is sent below it. */
  private addField(type: string, name: string, args: string): Representation | undefined {
    const entry = this.find(type, name, args)
    if (entry === undefined) return undefined
    const sent = getOrMake(this.fields, name, () => [])
    const location = this.location.childOf(entry)
    let field = sent.find((one) => one.key === entry.key && one.below?.location === location)
    if (field === undefined) {
      const below = location && new Representation(location, this.typesOf)
      field = { key: entry.key, types: new Set(), below }
      sent.push(field)
    }
    field.types.add(type)
    return field.below
  }

  private writeFields(type: string): readonly RequiresSelection[] {
    return [...this.fields].flatMap(([name, sent]): readonly RequiresSelection[] => {
      const field = sent.find(({ types }) => types.has(type))
      if (field === undefined) return []
      const { key, below } = field
      const alias = key === name ? {} : { alias: name }
      return [{ kind: 'Field', name: key, ...alias, ...(below && { selections: below.write() }) }]
    })
  }
}
