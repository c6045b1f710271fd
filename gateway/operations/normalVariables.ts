import {
  type GraphQLArgument,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  print,
  type ValueNode,
  visit,
} from 'graphql'
import { compileLiteralReader } from './literalReader'
import type { NormalArgument, NormalVariable, VariableSource } from './normalOperation'

/** A variable that gets its name when the text is written. */
interface NamedLater extends NormalVariable {
  name: string
}

/** The variables of one normal form: what is given from the same place as the same type is one. */
export class NormalVariables {
  private readonly byIdentity = new Map<string, NamedLater>()
  private readonly typesOf: ReadonlyMap<string, string>

  /** `numbers` are those of the document's literals. */
  constructor(
    operation: OperationDefinitionNode,
    private readonly numbers: ReadonlyMap<ValueNode, number>,
    private readonly maxItems: number,
  ) {
    this.typesOf = new Map(
      operation.variableDefinitions?.map(({ variable, type }) => [variable.name.value, print(type)]),
    )
  }

  /** What a field's argument is given as; `identity` is equal for equal ones. */
  argument(definition: GraphQLArgument, value: ValueNode): { argument: NormalArgument; identity: string } {
    const { identity, variable } = this.variableFor(definition, value)
    return { argument: { name: definition.name, variable }, identity: `${definition.name}:${identity}` }
  }

  private variableFor(definition: GraphQLArgument, value: ValueNode) {
    const type = String(definition.type)
    if (value.kind === Kind.VARIABLE) {
      const name = value.name.value
      const own = this.typesOf.get(name)!
      // A variable that may be null, for an argument with a default: the subgraph says what is wrong with null.
      const declared =
        isNonNullType(definition.type) && !own.endsWith('!') && definition.defaultValue !== undefined
          ? own
          : type
      return this.intern(`$${name} ${declared}`, declared, { kind: 'variable', name })
    }
    const number = this.numbers.get(value)
    const read = number === undefined ? undefined : compileLiteralReader(definition.type, this.maxItems)
    if (number !== undefined && read?.(value) !== undefined) {
      return this.intern(`${number} ${type}`, type, { kind: 'literal', number, read })
    }
    return this.intern(`${print(value)} ${type}`, type, {
      kind: 'inDocument',
      value,
      inside: this.inside(value),
    })
  }

  private inside(value: ValueNode): ReadonlyMap<string, NormalVariable> {
    const inside = new Map<string, NormalVariable>()
    visit(value, {
      Variable: ({ name: { value: name } }) => {
        const type = this.typesOf.get(name)!
        inside.set(name, this.intern(`$${name} ${type}`, type, { kind: 'variable', name }).variable)
      },
    })
    return inside
  }

  private intern(identity: string, type: string, source: VariableSource) {
    let variable = this.byIdentity.get(identity)
    if (variable === undefined) {
      variable = { name: '', type, source }
      this.byIdentity.set(identity, variable)
    }
    return { identity, variable }
  }
}

/** Names variables in the order in which a text has them. */
export class VariableNames {
  /** Those of the text itself. */
  readonly declared = new Set<NormalVariable>()
  /** With those that stand inside literals. */
  readonly all = new Set<NormalVariable>()

  nameOf(variable: NormalVariable): string {
    this.declared.add(variable)
    this.add(variable)
    return variable.name
  }

  private add(variable: NormalVariable): void {
    if (this.all.has(variable)) return
    ;(variable as NamedLater).name = `v${this.all.size}`
    this.all.add(variable)
    if (variable.source.kind !== 'inDocument') return
    for (const inside of variable.source.inside.values()) this.add(inside)
  }
}
