import {
  type GraphQLInputType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql'
import type { GraphSource } from '../graphs/graph'
import type { Dice } from './dice'
import { samplesFor } from './literals'

const strings = ['', 'plain', 'a\bc\n"\\', 'é 😀', 'null', '# $x {', '\u0000\u2028']
const ints = [0, 1, 2, 3, -1, 7, 2147483647, -2147483648]
const floats = [0, 1, -1, 0.5, 1e21, 1e-7, 9007199254740991, -0]

/** Values of variables, as JSON. */
export class JsonValues {
  constructor(
    private readonly dice: Dice,
    private readonly samples: Pick<GraphSource, 'samples' | 'variableValues'>,
  ) {}

  /** Not null, at the top. */
  make(type: GraphQLInputType, name: string, depth = 0): unknown {
    const { dice } = this
    if (isNonNullType(type)) return this.make(type.ofType, name, depth)
    if (isListType(type)) {
      if (dice.chance(0.12)) return this.make(type.ofType, name, depth + 1)
      return Array.from({ length: dice.pick([0, 1, 2, 3]) }, () => this.maybe(type.ofType, name, depth + 1))
    }
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields())
      const value: Record<string, unknown> = {}
      if (type.isOneOf) {
        const field = dice.pick(fields)
        value[field.name] = this.make(field.type, field.name, depth + 1)
        return value
      }
      for (const field of fields) {
        if (!isRequiredInputField(field) && (depth > 2 || !dice.chance(0.4))) continue
        value[field.name] = this.maybe(field.type, field.name, depth + 1)
      }
      return value
    }
    if (isEnumType(type)) return dice.pick(type.getValues()).name
    const values = this.samples.variableValues[type.name]
    if (values !== undefined) return dice.pick(values)
    const samples = samplesFor(this.samples.samples, name, type.name)
    if (samples !== undefined && dice.chance(0.9)) return dice.pick(samples)
    switch (type.name) {
      case 'Int':
        return dice.pick(ints)
      case 'Float':
        return dice.pick(floats)
      case 'Boolean':
        return dice.chance(0.5)
      case 'ID':
        return dice.pick(['1', 1, 'none', ''])
      default:
        return dice.pick(strings)
    }
  }

  private maybe(type: GraphQLInputType, name: string, depth: number): unknown {
    return !isNonNullType(type) && this.dice.chance(0.1) ? null : this.make(type, name, depth)
  }
}
