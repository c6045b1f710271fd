import { type GraphQLInputType, isNonNullType } from 'graphql'
import type { Dice } from './dice'
import type { JsonValues } from './jsonValues'
import type { Literals, Place } from './literals'

interface Declared {
  readonly name: string
  readonly type: string
  readonly defaultText: string | undefined
  readonly values: () => { readonly value: unknown } | undefined
  readonly isCondition: boolean
}

const names = [
  'a',
  'b',
  'id',
  'first',
  'on',
  'query',
  'null',
  'true',
  'x_1',
  'toString',
  'representations',
  '_0',
  'type',
  'v',
  'w',
  'y',
  'z',
]

/** The variables of one operation: declared where they are first used, and used again where they fit. */
export class Variables {
  private readonly declared: Declared[] = []

  constructor(
    private readonly shape: Dice,
    private readonly dice: Dice,
    private readonly literals: Literals,
    private readonly json: JsonValues,
    private readonly prefix: string,
  ) {}

  /** A variable in the place of a value of this type, with its dollar sign. */
  use(type: GraphQLInputType, place: Place): string {
    const inner = isNonNullType(type) ? type.ofType : type
    const variants: { type: string; isNullable: boolean; hasDefault: boolean }[] = [
      { type: `${inner}!`, isNullable: false, hasDefault: false },
      { type: `${inner}!`, isNullable: false, hasDefault: true },
    ]
    if (!place.isNotNull) {
      variants.push({ type: `${inner}`, isNullable: true, hasDefault: true })
      if (!isNonNullType(type) || place.hasDefault) {
        variants.push({ type: `${inner}`, isNullable: true, hasDefault: false })
        variants.push({ type: `${inner}`, isNullable: true, hasDefault: false })
      }
    }
    const known = this.declared.find(
      (it) =>
        !it.isCondition &&
        variants.some(
          (variant) => variant.type === it.type && variant.hasDefault === (it.defaultText !== undefined),
        ) &&
        (it.defaultText !== 'null' || !isNonNullType(type)),
    )
    if (known !== undefined && this.shape.chance(0.4)) return `$${known.name}`
    const { type: typeText, isNullable, hasDefault } = this.shape.pick(variants)
    const mayBeNull = isNullable && !isNonNullType(type)
    const isDefaultNull = mayBeNull && hasDefault && this.shape.chance(0.15)
    const defaultText = hasDefault
      ? isDefaultNull
        ? 'null'
        : this.literals.write(inner, { name: place.name, hasDefault: false, isNotNull: true }, undefined, 2)
      : undefined
    return this.declare(typeText, defaultText, false, () =>
      this.valueOf(inner, place.name, isNullable, hasDefault),
    )
  }

  /** A variable for a condition: required, with a default, or nullable with one. */
  condition(): string {
    const known = this.declared.filter(({ isCondition }) => isCondition)
    if (known.length > 2 || (known.length > 0 && this.shape.chance(0.6)))
      return `$${this.shape.pick(known).name}`
    const type = this.shape.pick(['Boolean!', 'Boolean!', 'Boolean!', 'Boolean! =', 'Boolean ='])
    const hasDefault = type.endsWith('=')
    const isNullable = !type.includes('!')
    return this.declare(
      type.split(' ')[0],
      hasDefault ? this.dice.pick(['true', 'false']) : undefined,
      true,
      () => {
        if (hasDefault && this.dice.chance(0.4)) return undefined
        if (isNullable && this.dice.chance(0.05)) return { value: null }
        return { value: this.dice.chance(0.5) }
      },
    )
  }

  /** A variable of which nothing is known but that it is used inside of a scalar. */
  any(): string {
    const type = this.shape.pick(['String', 'Int', 'Boolean'])
    return this.declare(type, undefined, false, () =>
      this.dice.chance(0.2) ? undefined : { value: { String: 'any', Int: 5, Boolean: true }[type] },
    )
  }

  get isEmpty(): boolean {
    return this.declared.length === 0
  }

  /** In parentheses, or nothing. */
  definitions(): string {
    if (this.isEmpty) return ''
    const texts = this.declared.map(
      ({ name, type, defaultText }) =>
        `$${name}: ${type}${defaultText === undefined ? '' : ` = ${defaultText}`}`,
    )
    return `(${texts.join(', ')})`
  }

  /** What the client sends. */
  sent(): Record<string, unknown> {
    const sent: Record<string, unknown> = {}
    for (const { name, values } of this.declared) {
      const given = values()
      if (given !== undefined) sent[name] = given.value
    }
    if (this.dice.chance(0.05)) sent['extra'] = 1
    return sent
  }

  private declare(
    type: string,
    defaultText: string | undefined,
    isCondition: boolean,
    values: Declared['values'],
  ): string {
    const count = this.declared.length
    const start = this.shape.below(names.length)
    const free = [...names.slice(start), ...names].find(
      (name) => !this.declared.some((it) => it.name === this.prefix + name),
    )
    const name = this.prefix + (free ?? `v${count}`)
    this.declared.push({ name, type, defaultText, values, isCondition })
    return `$${name}`
  }

  private valueOf(
    type: GraphQLInputType,
    name: string,
    isNullable: boolean,
    hasDefault: boolean,
  ): { readonly value: unknown } | undefined {
    const { dice } = this
    // What does not fit is refused before anything runs.
    if (dice.chance(0.004)) return { value: { not: 'this' } }
    if (isNullable || hasDefault ? dice.chance(0.3) : dice.chance(0.004)) return undefined
    if (isNullable ? dice.chance(0.2) : dice.chance(0.004)) return { value: null }
    return { value: this.json.make(type, name) }
  }
}
