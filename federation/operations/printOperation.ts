import {
  type GraphQLCompositeType,
  type GraphQLInterfaceType,
  isAbstractType,
  isInterfaceType,
} from 'graphql'
import { memoized } from '../../lib/memoized'
import type { FetchedField, NormalOperation, Place } from './normalOperation'
import { declarationOf, type NormalVariables, VariableNames } from './normalVariables'
import { maxCharacters, tooLarge } from './tooLarge'

/**
 * `compact`: fields common to all types of a place are selected on the interface, and keys are the fields' names if
 * possible. `apart`: each type is selected separately, with its own keys, and fields with arguments never keep their
 * names.
 */
export type NormalForm = 'compact' | 'apart'

/** Writes a normal form as a document, and names its variables. */
export function printOperation(
  kind: NormalOperation['kind'],
  root: Place,
  form: NormalForm,
  named: NormalVariables['named'],
): NormalOperation {
  const names = new VariableNames(named)
  const selection = new Printer(names, form).place(root)
  const declared = [...names.declared].map(declarationOf).join(',')
  return {
    kind,
    text: `${kind}${declared === '' ? '' : `(${declared})`}${selection}`,
    root,
    variables: [...names.all],
  }
}

class Printer {
  constructor(
    private readonly names: VariableNames,
    private readonly form: NormalForm,
  ) {}

  /** Equal parents share their places. */
  readonly place = memoized((place: Place): string => {
    const text = this.write(place)
    if (text.length > maxCharacters) throw tooLarge()
    return text
  })

  private write({ type, shapes, needsTypename }: Place): string {
    const common = this.common(type, shapes)
    const parts = needsTypename ? ['__typename'] : []
    for (const field of common.values()) parts.push(this.field(field))
    for (const [name, { fetched }] of shapes) {
      const own = fetched.filter(({ key }) => !common.has(key))
      if (own.length > 0) parts.push(`...on ${name}{${own.map((field) => this.field(field)).join(' ')}}`)
    }
    // With an alias, so that a plan which needs the objects' own types cannot rely on it.
    return `{${parts.join(' ') || '_:__typename'}}`
  }

  /** The fields that can be selected without a type condition. */
  private common(type: GraphQLCompositeType, shapes: Place['shapes']): ReadonlyMap<string, FetchedField> {
    const [first, ...others] = shapes.values()
    const common = new Map<string, FetchedField>()
    for (const field of first?.fetched ?? []) {
      if (isAbstractType(type)) {
        if (this.form === 'apart' || !isInterfaceType(type) || !isDefinedOn(type, field)) continue
        if (!others.every(({ fetched }) => fetched.some(({ key }) => key === field.key))) continue
      }
      common.set(field.key, field)
    }
    return common
  }

  private field({ name, key, args, place }: FetchedField): string {
    const alias = key === name ? '' : `${key}:`
    const given = args.map((argument) => `${argument.name}:$${this.names.nameOf(argument.variable)}`)
    return `${alias}${name}${given.length === 0 ? '' : `(${given.join(',')})`}${place ? this.place(place) : ''}`
  }
}

function isDefinedOn(type: GraphQLInterfaceType, { name, args }: FetchedField): boolean {
  const definition = Object.hasOwn(type.getFields(), name) ? type.getFields()[name] : undefined
  return (
    definition !== undefined && args.every((given) => definition.args.some((one) => one.name === given.name))
  )
}
