import {
  type GraphQLArgument,
  type GraphQLSchema,
  isNonNullType,
  isSpecifiedScalarType,
  Kind,
  type OperationDefinitionNode,
  print,
  type TypeNode,
  type ValueNode,
  type VariableDefinitionNode,
  visit,
} from 'graphql'
import { getOrMake } from '../../lib/groups'
import { memoized, numbering } from '../../lib/memoized'
import { compileLiteralReader } from './literalReader'
import type { NormalArgument, NormalVariable, VariableSource } from './normalOperation'

/** A variable that gets its name when the text is written. */
interface NamedLater extends NormalVariable {
  name: string
}

export function declarationOf({ name, type, defaultValue }: NormalVariable): string {
  return `$${name}:${type}${defaultValue === undefined ? '' : `=${defaultValue}`}`
}

/**
 * Whether subgraphs get the variable exactly as the client sent it or left it out. Only the subgraph knows the meaning
 * of custom scalars, enums and defaults of input fields.
 */
export function isReadBySubgraphs({ type }: VariableDefinitionNode, schema: GraphQLSchema): boolean {
  const named = schema.getType(nameOf(type))
  return named === undefined || !isSpecifiedScalarType(named)
}

/** The variables of one normal form: one per source and type. */
export class NormalVariables {
  private readonly byIdentity = new Map<string, NamedLater>()
  private readonly numberOf = numbering<NormalVariable>()
  /** By value, then by type. Long values are read once, however many fragments and types of an interface use them. */
  private readonly known = memoized((_: ValueNode) => new Map<string, NormalVariable>())
  /** How many variables have a name. */
  readonly named = { count: 0 }
  private readonly definitions: ReadonlyMap<string, VariableDefinitionNode>

  /** `numbers` are those of the document's literals. */
  constructor(
    operation: OperationDefinitionNode,
    private readonly schema: GraphQLSchema,
    private readonly numbers: ReadonlyMap<ValueNode, number>,
    private readonly maxItems: number,
  ) {
    this.definitions = new Map(
      operation.variableDefinitions?.map((definition) => [definition.variable.name.value, definition]),
    )
  }

  /** The variable for a field's argument. Equal arguments have equal identities. */
  argument(definition: GraphQLArgument, value: ValueNode): { argument: NormalArgument; identity: string } {
    const { name } = definition
    const type = String(definition.type)
    const variable = getOrMake(this.known(value), type, () => this.variableFor(definition, type, value))
    return { argument: { name, variable }, identity: `${name}:${this.numberOf(variable)}` }
  }

  private variableFor(definition: GraphQLArgument, type: string, value: ValueNode): NormalVariable {
    if (value.kind === Kind.VARIABLE) {
      const own = this.definitions.get(value.name.value)!
      // A nullable variable for a non-null argument: the subgraph reports a null.
      const mayBeNull = isNonNullType(definition.type) && own.type.kind !== Kind.NON_NULL_TYPE
      const isRead = own.defaultValue !== undefined && isReadBySubgraphs(own, this.schema)
      return mayBeNull || isRead ? this.declaredAs(own) : this.variable(own, type, undefined)
    }
    const number = this.numbers.get(value)
    const read = number === undefined ? undefined : compileLiteralReader(definition.type, this.maxItems)
    if (number !== undefined && read?.(value) !== undefined) {
      return this.intern(`${number} ${type}`, type, undefined, { kind: 'literal', number, read })
    }
    const source = { kind: 'inDocument', value, inside: this.inside(value) } as const
    return this.intern(`${print(value)} ${type}`, type, undefined, source)
  }

  private inside(value: ValueNode): ReadonlyMap<string, NormalVariable> {
    const inside = new Map<string, NormalVariable>()
    visit(value, {
      Variable: ({ name: { value: name } }) => {
        inside.set(name, this.declaredAs(this.definitions.get(name)!))
      },
    })
    return inside
  }

  /** A variable as the client declared it. */
  private readonly declaredAs = memoized((own: VariableDefinitionNode) =>
    this.variable(own, print(own.type), own.defaultValue && print(own.defaultValue)),
  )

  private variable({ variable }: VariableDefinitionNode, type: string, defaultValue: string | undefined) {
    const name = variable.name.value
    return this.intern(`$${name} ${type} ${defaultValue}`, type, defaultValue, { kind: 'variable', name })
  }

  private intern(identity: string, type: string, defaultValue: string | undefined, source: VariableSource) {
    return getOrMake(this.byIdentity, identity, () => ({ name: '', type, defaultValue, source }))
  }
}

function nameOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : nameOf(type.type)
}

/** Names variables in the order in which the texts of one operation use them. */
export class VariableNames {
  /** The variables in the text itself. */
  readonly declared = new Set<NormalVariable>()
  /** These and the variables inside literals. */
  readonly all = new Set<NormalVariable>()

  constructor(private readonly named: { count: number }) {}

  nameOf(variable: NormalVariable): string {
    this.declared.add(variable)
    this.add(variable)
    return variable.name
  }

  private add(variable: NormalVariable): void {
    if (this.all.has(variable)) return
    // Another part of the operation may have named it.
    if (variable.name === '') (variable as NamedLater).name = `v${this.named.count++}`
    this.all.add(variable)
    if (variable.source.kind !== 'inDocument') return
    for (const inside of variable.source.inside.values()) this.add(inside)
  }
}
