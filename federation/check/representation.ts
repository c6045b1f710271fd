import { type FieldNode, Kind, type SelectionSetNode } from 'graphql'
import type { RequiredField, RequiresSelection } from '../queryPlan'
import { type FetchCheck, printArguments } from './document'
import { type Group, knownAs, type Meaning } from './symbols'

export type { RequiredField as SentField } from '../queryPlan'

/** By the name under which they are sent. */
export type SentFields = ReadonlyMap<string, RequiredField>

/** The name under which a field is sent. */
export function nameOf({ name, alias = name }: RequiredField): string {
  return alias
}

/** Checks what representations contain, given the data from which the gateway makes them. */
export class Representations {
  constructor(private readonly check: FetchCheck) {}

  /** The fields that are sent for an object known by this name; for one without a name, those outside conditions. */
  fieldsOf(sent: readonly RequiresSelection[] | undefined, name: string | undefined): SentFields {
    const fields = new Map<string, RequiredField>()
    const collect = (selections: readonly RequiresSelection[]) => {
      for (const one of selections) {
        this.check.report.step()
        if (one.kind === 'Field') {
          const to = nameOf(one)
          if (one.name === '__typename' && to === '__typename') continue
          const present = fields.get(to)
          if (present !== undefined && present.name !== one.name) {
            this.check.report.add(`Both ${present.name} and ${one.name} are sent as ${to}`)
          }
          fields.set(to, one)
        } else if (name !== undefined && this.check.supergraph.possibleTypes(one.typeCondition).has(name)) {
          collect(one.selections)
        }
      }
    }
    collect(sent ?? [])
    return fields
  }

  /**
   * Reports fields that mean something else than the name under which they are sent, down to the leaves. Data that is
   * not there is not sent, and a key or requirement that needs it reports that. A fetch that brings it later must bring
   * the same field.
   */
  checkMeanings(fields: SentFields, group: Group, typename: string, path: readonly string[]): void {
    for (const [to, { name: from, selections = [] }] of fields) {
      this.check.report.step()
      const field = `${typename}.${to}`
      const meaning = group.fields.get(from)
      if (meaning === undefined) {
        group.sent.set(from, to)
        continue
      }
      if (meaning.name !== to) {
        this.check.report.add(`The value sent as ${field} is that of ${typename}.${meaning.name}`, {
          field,
          path,
        })
        continue
      }
      if ((meaning.place === undefined) !== (selections.length === 0)) {
        this.check.report.add(`${field} is sent without its fields`, { field, path })
        continue
      }
      for (const below of this.below(meaning, selections)) {
        this.checkMeanings(below.fields, below.group, below.type, [...path, from])
      }
    }
  }

  /**
   * The first field of a key or of `@requires` that is not sent completely and with the stated arguments, as a path of
   * names with the reason; undefined if there is none. Adds the fields with such arguments to `stated`.
   */
  missing(
    wanted: SelectionSetNode,
    fields: SentFields,
    group: Group,
    type: string,
    stated: Set<RequiredField>,
  ): string | undefined {
    for (const selection of wanted.selections) {
      this.check.report.step()
      let missing: string | undefined
      if (selection.kind === Kind.FIELD) {
        missing = this.missingField(selection, fields, group, stated)
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const condition = selection.typeCondition?.name.value ?? type
        if (this.check.supergraph.possibleTypes(condition).has(type)) {
          missing = this.missing(selection.selectionSet, fields, group, type, stated)
        }
      }
      if (missing !== undefined) return missing
    }
    return undefined
  }

  /** The first field that is sent with arguments that no key or requirement states. */
  unstated(fields: SentFields, group: Group, stated: ReadonlySet<RequiredField>): RequiredField | undefined {
    for (const sent of fields.values()) {
      this.check.report.step()
      const meaning = group.field(sent.name, this.check.visible)
      if (meaning === undefined) continue
      if (meaning.args !== '' && !stated.has(sent)) return sent
      for (const { fields: members, group: inside } of this.below(meaning, sent.selections)) {
        const found = this.unstated(members, inside, stated)
        if (found !== undefined) return found
      }
    }
    return undefined
  }

  private missingField(
    wanted: FieldNode,
    fields: SentFields,
    group: Group,
    stated: Set<RequiredField>,
  ): string | undefined {
    const name = wanted.name.value
    if (name === '__typename') return undefined
    const args = printArguments(wanted)
    const shown = args === '' ? name : `${name}(${args})`
    const sent = fields.get(name)
    if (sent === undefined) return `${shown} is not sent`
    const meaning = group.field(sent.name, this.check.visible)
    if (meaning === undefined) return `${shown} was not fetched before`
    if (meaning.name !== name || meaning.args !== args) return `${shown} is not the value that is sent`
    if (args !== '') stated.add(sent)
    if (wanted.selectionSet === undefined) return undefined
    for (const below of this.below(meaning, sent.selections)) {
      const missing = this.missing(wanted.selectionSet, below.fields, below.group, below.type, stated)
      if (missing !== undefined) return `${name}.${missing}`
    }
    return undefined
  }

  /** The objects under a field, by type, with the fields that are sent of them. */
  private *below({ place }: Meaning, sent: readonly RequiresSelection[] | undefined) {
    for (const group of place?.groups ?? []) {
      for (const type of group.types) {
        yield { group, type, fields: this.fieldsOf(sent, knownAs(group.typename(this.check.visible), type)) }
      }
    }
  }
}
