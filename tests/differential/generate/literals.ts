import {
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLNamedInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql'
import type { GraphSource } from '../graphs/graph'
import type { Dice } from './dice'
import { floatLiterals, idLiterals, intLiterals, stringLiterals } from './strings'
import type { Variables } from './variables'

/** What a value is for: hints for what is worth writing, and for what a variable in its place must be. */
export interface Place {
  /** Of the argument, as `field.argument`, or of the input field. */
  readonly name: string
  /** Whether it has a default, so that a variable that may be null fits where null does not. */
  readonly hasDefault: boolean
  /** Whether null must not come here, though the type allows it: in an input object of which exactly one field must be given. */
  readonly isNotNull?: boolean
}

type Samples = Pick<GraphSource, 'samples' | 'literals'>

/**
 * Writes values into a document. `shape` decides what is written where: variables, lists and fields; `values` decides which literals.
 * A document that is made again with other `values` differs in its literals only.
 */
export class Literals {
  constructor(
    private readonly shape: Dice,
    private readonly values: Dice,
    private readonly samples: Samples,
  ) {}

  /** Without `variables`, none is used, and all that differs may differ with `values`. */
  write(type: GraphQLInputType, place: Place, variables: Variables | undefined, depth = 0): string {
    const dice = variables ? this.shape : this.values
    if (variables && dice.chance(0.25)) return variables.use(type, place)
    if (isNonNullType(type)) return this.some(type.ofType, place, variables, depth)
    if (!place.isNotNull && dice.chance(0.07)) return 'null'
    return this.some(type, place, variables, depth)
  }

  private some(
    type: GraphQLInputType,
    place: Place,
    variables: Variables | undefined,
    depth: number,
  ): string {
    const dice = variables ? this.shape : this.values
    if (isListType(type)) {
      if (dice.chance(0.15)) return this.some(nullable(type.ofType), place, variables, depth)
      const inside = { name: place.name, hasDefault: false }
      // Lists without a variable in them may have another length in another round.
      const isOpen = variables && dice.chance(0.5) ? variables : undefined
      const length = (isOpen ? this.shape : this.values).pick([0, 1, 1, 2, 2, 3])
      const items = Array.from({ length }, () => this.write(type.ofType, inside, isOpen, depth + 1))
      return `[${items.join(dice.pick([', ', ' ']))}]`
    }
    if (isInputObjectType(type)) return this.object(type, variables, depth)
    return this.leaf(type as GraphQLNamedInputType, place, variables)
  }

  private object(type: GraphQLInputObjectType, variables: Variables | undefined, depth: number): string {
    const dice = variables ? this.shape : this.values
    const fields = Object.values(type.getFields())
    const chosen = type.isOneOf
      ? [dice.pick(fields)]
      : fields.filter((field) => isRequiredInputField(field) || (depth < 3 && dice.chance(0.35)))
    const texts = chosen.map((field) => `${field.name}: ${this.field(field, type.isOneOf, variables, depth)}`)
    return `{${texts.join(', ')}}`
  }

  private field(
    field: GraphQLInputField,
    isOneOf: boolean,
    variables: Variables | undefined,
    depth: number,
  ): string {
    const place = { name: field.name, hasDefault: field.defaultValue !== undefined, isNotNull: isOneOf }
    return this.write(field.type, place, variables, depth + 1)
  }

  private leaf(type: GraphQLNamedInputType, place: Place, variables: Variables | undefined): string {
    const { values } = this
    if (isEnumType(type)) return values.pick(type.getValues()).name
    const written = this.samples.literals[type.name]
    if (written !== undefined) {
      // Nothing says what is allowed inside of a custom scalar; a variable is.
      if (variables && type.name === 'Json' && this.shape.chance(0.2))
        return `{a: ${variables.any()}, b: [1]}`
      return values.pick(written)
    }
    const samples = samplesFor(this.samples.samples, place.name, type.name)
    if (samples !== undefined && values.chance(0.9)) return JSON.stringify(values.pick(samples))
    switch (type.name) {
      case 'Int':
        return values.pick(intLiterals)
      case 'Float':
        return values.pick(floatLiterals)
      case 'Boolean':
        return values.pick(['true', 'false'])
      case 'ID':
        return values.pick(idLiterals)
      default:
        return values.pick(stringLiterals)
    }
  }
}

/** Those for an argument of a certain field come first, then for one of that name, then for the type. */
export function samplesFor(
  samples: Samples['samples'],
  name: string,
  type: string,
): readonly unknown[] | undefined {
  return samples[name] ?? samples[name.slice(name.indexOf('.') + 1)] ?? samples[type]
}

function nullable(type: GraphQLInputType): GraphQLInputType {
  return isNonNullType(type) ? type.ofType : type
}
