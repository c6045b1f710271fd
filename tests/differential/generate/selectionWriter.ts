import {
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql'
import type { Dice } from './dice'
import type { Samples } from './generate'
import type { Literals } from './literals'
import { MergeScopes, type PlacedField, shapeOf, type WrittenArguments } from './mergeScopes'
import type { Variables } from './variables'

/** A fragment that may be spread again. */
interface Fragment {
  readonly name: string
  readonly type: GraphQLCompositeType
  readonly entries: readonly [path: string, field: PlacedField][]
}

const noArguments: WrittenArguments = { text: '' }
const maxDepth = 8
const maxFragments = 4
const oftenTimes = 5

/** Writes the selections of one operation, and the fragments that they spread. */
export class SelectionWriter {
  readonly fragmentTexts: string[] = []
  private readonly scopes = new MergeScopes()
  private readonly fragments: Fragment[] = []
  private readonly written = new Map<string, WrittenArguments[]>()
  private readonly fieldNames: readonly string[]
  private named = 0
  private aliases = 0

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly samples: Samples,
    private readonly shape: Dice,
    private readonly values: Dice,
    private readonly literals: Literals,
    private readonly variables: Variables,
    private readonly prefix: string,
    /** How many fields may still come; a little more do, since no selection is empty. */
    private left: number,
  ) {
    this.fieldNames = Object.values(schema.getTypeMap()).flatMap((type) =>
      isObjectType(type) && !type.name.startsWith('__') ? Object.keys(type.getFields()) : [],
    )
  }

  root(type: GraphQLObjectType): string {
    return this.selections(type, '', 0, 0)
  }

  private selections(type: GraphQLCompositeType, path: string, depth: number, nesting: number): string {
    const { shape } = this
    const parts: string[] = []
    const count = depth === 0 ? shape.pick([1, 2, 2, 3, 4]) : 1 + shape.below(depth < 3 ? 5 : 4)
    for (let i = 0; i < count && (parts.length === 0 || this.left > 0); i++) {
      const part = this.selection(type, path, depth, nesting)
      if (part !== undefined) parts.push(part)
    }
    if (parts.length === 0) parts.push('__typename')
    return `{ ${parts.join(this.separator())} }`
  }

  /** Commas and comments mean nothing, wherever they stand. */
  private separator(): string {
    return this.shape.chance(0.9)
      ? this.shape.pick([' ', ' ', '\n', '\n  '])
      : this.shape.pick([', ', ' # } $no "\n', '\r\n'])
  }

  private selection(
    type: GraphQLCompositeType,
    path: string,
    depth: number,
    nesting: number,
  ): string | undefined {
    const { shape } = this
    const fragmentChance =
      nesting >= maxFragments ? 0 : isUnionType(type) ? 0.85 : isInterfaceType(type) ? 0.5 : 0.22
    if (shape.chance(fragmentChance)) return this.fragment(type, path, depth, nesting)
    if (isUnionType(type) || shape.chance(0.08)) return this.typename(type, path)
    if (type === this.schema.getQueryType() && shape.chance(0.03)) return this.introspection()
    if (shape.chance(0.12))
      return this.repeated(type, path, depth, nesting) ?? this.field(type, path, depth, nesting)
    return this.field(type, path, depth, nesting)
  }

  private typename(type: GraphQLCompositeType, path: string): string | undefined {
    const placed: PlacedField = {
      parent: type.name,
      objectType: isObjectType(type) ? type.name : undefined,
      name: '__typename',
      args: noArguments,
      shape: 'String!',
    }
    const key = this.shape.chance(0.2) ? this.aliasFor(type, path, placed) : '__typename'
    if (!this.scopes.admits(`${path}/${key}`, placed)) return undefined
    this.left--
    this.scopes.add(`${path}/${key}`, placed)
    return `${key === '__typename' ? '' : `${key}: `}__typename${this.directives()}`
  }

  private introspection(): string {
    const key = `meta${this.aliases++}`
    const names = ['Query', 'Book', 'String', 'NoSuchType', 'Boolean']
    return this.shape.chance(0.5)
      ? `${key}: __schema${this.directives()} { queryType { name __typename } ${this.shape.chance(0.3) ? 'mutationType { name }' : ''} }`
      : `${key}: __type(name: "${this.values.pick(names)}")${this.directives()} { kind n: name __typename }`
  }

  private field(
    type: Exclude<GraphQLCompositeType, { getTypes(): unknown }>,
    path: string,
    depth: number,
    nesting: number,
  ): string | undefined {
    const fields = Object.values(type.getFields())
    const isDeep = depth >= maxDepth || this.left <= 0
    const leaves = fields.filter((field) => !isCompositeType(getNamedType(field.type)))
    const candidates = isDeep
      ? leaves
      : depth > 0 && this.shape.chance(0.35) && leaves.length > 0
        ? leaves
        : fields
    if (candidates.length === 0) return undefined
    const definition = this.shape.pick(this.weighed(type.name, candidates))
    const placed = this.place(type, definition)
    const key = this.keyFor(type, path, placed)
    if (key === undefined) return undefined
    return this.write(placed, key, definition, path, depth, nesting)
  }

  /** What is to be asked often, several times. */
  private weighed<T extends { readonly name: string }>(type: string, fields: readonly T[]): readonly T[] {
    const { often } = this.samples
    if (often === undefined) return fields
    return fields.flatMap((field) =>
      often.has(`${type}.${field.name}`) ? Array<T>(oftenTimes).fill(field) : [field],
    )
  }

  /** A field that stands here already, again, with other selections below it. */
  private repeated(
    type: Exclude<GraphQLCompositeType, { getTypes(): unknown }>,
    path: string,
    depth: number,
    nesting: number,
  ): string | undefined {
    const keys = [...this.scopes.keysBelow(path)].filter((key) =>
      this.scopes
        .at(`${path}/${key}`)
        .some(({ parent, name }) => parent === type.name && name !== '__typename'),
    )
    if (keys.length === 0) return undefined
    const key = this.shape.pick(keys)
    const placed = this.scopes.at(`${path}/${key}`).find(({ parent }) => parent === type.name)
    const definition = placed && type.getFields()[placed.name]
    if (definition === undefined || (depth >= maxDepth && isCompositeType(getNamedType(definition.type))))
      return undefined
    return this.write(placed as PlacedField, key, definition, path, depth, nesting)
  }

  private write(
    placed: PlacedField,
    key: string,
    definition: GraphQLField<unknown, unknown>,
    path: string,
    depth: number,
    nesting: number,
  ): string {
    const below = `${path}/${key}`
    this.left--
    this.scopes.add(below, placed)
    const directives = this.directives()
    const named = getNamedType(definition.type)
    const inside = isCompositeType(named)
      ? ` ${this.selections(named, below, depth + 1, Math.max(0, nesting - 1))}`
      : ''
    return `${key === placed.name ? '' : `${key}: `}${placed.name}${placed.args.text}${directives}${inside}`
  }

  private place(type: GraphQLCompositeType, definition: GraphQLField<unknown, unknown>): PlacedField {
    return {
      parent: type.name,
      objectType: isObjectType(type) ? type.name : undefined,
      name: definition.name,
      args: this.args(`${type.name}.${definition.name}`, definition),
      shape: shapeOf(definition.type),
    }
  }

  private args(coordinate: string, definition: GraphQLField<unknown, unknown>): WrittenArguments {
    const { shape } = this
    if (definition.args.length === 0) return noArguments
    const known = this.written.get(coordinate)
    if (known !== undefined && shape.chance(0.4)) return shape.pick(known)
    const isAlways = ({ name }: { readonly name: string }) =>
      this.samples.always?.has(`${definition.name}.${name}`) ?? false
    const chosen = definition.args.filter(
      (arg) =>
        isRequiredArgument(arg) || isAlways(arg) || shape.chance(definition.args.length > 5 ? 0.25 : 0.5),
    )
    if (chosen.length === 0) return noArguments
    const texts = chosen.map((arg) => {
      const name = `${definition.name}.${arg.name}`
      const place = { name, hasDefault: arg.defaultValue !== undefined, isNotNull: isAlways(arg) }
      return `${arg.name}: ${this.literals.write(arg.type, place, this.variables)}`
    })
    const args = { text: `(${texts.join(', ')})` }
    this.written.set(coordinate, [...(known ?? []), args])
    return args
  }

  /** The field's own name, or an alias where chance or another field wants it; undefined where nothing fits. */
  private keyFor(type: GraphQLCompositeType, path: string, placed: PlacedField): string | undefined {
    const fits = this.scopes.admits(`${path}/${placed.name}`, placed)
    if (fits && !this.shape.chance(0.2)) return placed.name
    return this.aliasFor(type, path, placed)
  }

  private aliasFor(type: GraphQLCompositeType, path: string, placed: PlacedField): string {
    const { shape } = this
    const own = isUnionType(type) ? ['id'] : Object.keys(type.getFields())
    for (let i = 0; i < 4; i++) {
      const alias = shape.pick([
        () => shape.pick(own),
        () => shape.pick(own),
        () => shape.pick(this.fieldNames),
        () => `${placed.name}_${shape.pick(['1', '2', '3'])}`,
        () => `${placed.name}_${shape.pick(['Book', 'Film', 'Product'])}`,
        () => shape.pick(['id', 'id', 'x', 'y']),
        () =>
          shape.pick([
            'toString',
            'constructor',
            'hasOwnProperty',
            '_entities',
            '__typename',
            '__typename_2',
            '__key',
            '_0',
            'data',
            'errors',
            'null',
            'on',
            'then',
            'length',
          ]),
      ])()
      if (this.scopes.admits(`${path}/${alias}`, placed)) return alias
    }
    return `z${this.aliases++}`
  }

  private fragment(
    type: GraphQLCompositeType,
    path: string,
    depth: number,
    nesting: number,
  ): string | undefined {
    const { shape } = this
    if (this.fragments.length > 0 && shape.chance(0.25)) return this.spreadAgain(type, path, depth)
    if (shape.chance(isObjectType(type) ? 0.3 : 0.1)) {
      return `...${this.directives()} ${this.selections(type, path, depth, nesting + 1)}`
    }
    const condition = shape.pick(this.conditionsFor(type))
    if (!shape.chance(0.3))
      return `... on ${condition.name}${this.directives()} ${this.selections(condition, path, depth, nesting + 1)}`
    const name = `${this.prefix}${this.named++}`
    const { result, entries } = this.scopes.record(path, () =>
      this.selections(condition, path, depth, nesting + 1),
    )
    this.fragments.push({ name, type: condition, entries })
    this.fragmentTexts.push(`fragment ${name} on ${condition.name} ${result}`)
    return `...${name}${this.directives()}`
  }

  private spreadAgain(type: GraphQLCompositeType, path: string, depth: number): string | undefined {
    const fitting = this.fragments.filter(
      (fragment) =>
        this.overlaps(type, fragment.type) &&
        fragment.entries.every(([below, field]) => this.scopes.admits(path + below, field)) &&
        depth + Math.max(0, ...fragment.entries.map(([below]) => below.split('/').length - 1)) <=
          maxDepth + 4,
    )
    if (fitting.length === 0) return undefined
    const { name, entries } = this.shape.pick(fitting)
    for (const [below, field] of entries) this.scopes.add(path + below, field)
    return `...${name}${this.directives()}`
  }

  /** The types that a fragment may have here; the concrete ones more often. */
  private conditionsFor(type: GraphQLCompositeType): readonly GraphQLCompositeType[] {
    if (isAbstractType(type)) {
      const possible = this.schema.getPossibleTypes(type)
      return [
        ...possible,
        ...possible,
        ...possible,
        ...this.abstractTypes().filter((other) => this.overlaps(type, other)),
      ]
    }
    return [type, ...this.abstractTypes().filter((other) => this.overlaps(type, other))]
  }

  private abstractTypes(): readonly GraphQLCompositeType[] {
    return Object.values(this.schema.getTypeMap()).filter(isAbstractType)
  }

  private overlaps(one: GraphQLCompositeType, other: GraphQLCompositeType): boolean {
    if (one === other) return true
    const possible = (type: GraphQLCompositeType) =>
      isAbstractType(type) ? this.schema.getPossibleTypes(type) : [type]
    return possible(one).some((type) => possible(other).includes(type))
  }

  private directives(): string {
    const { shape } = this
    if (!shape.chance(0.12)) return ''
    const first = shape.pick(['skip', 'include'])
    const texts = [` @${first}(if: ${this.condition()})`]
    if (shape.chance(0.15)) texts.push(` @${first === 'skip' ? 'include' : 'skip'}(if: ${this.condition()})`)
    return texts.join('')
  }

  private condition(): string {
    return this.shape.chance(0.3) ? this.values.pick(['true', 'false']) : this.variables.condition()
  }
}
