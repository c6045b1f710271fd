import {
  type ConstDirectiveNode,
  type DocumentNode,
  type FieldDefinitionNode,
  Kind,
  type ObjectTypeDefinitionNode,
  parse,
} from 'graphql'

/** Who answers which field, as the `join__` directives of a supergraph say. */
export interface Owners {
  /** The subgraphs that have a field, and what each of them requires for it. */
  ofField(type: string, field: string): readonly Owner[]
  /** A key by which a subgraph finds entities of the type; undefined where it finds none. */
  keyIn(type: string, subgraph: string): readonly string[] | undefined
  isEntity(type: string): boolean
}

export interface Owner {
  readonly subgraph: string
  /** Fields of other subgraphs. */
  readonly requires: readonly string[]
}

interface TypeFacts {
  readonly subgraphs: readonly string[]
  readonly keys: ReadonlyMap<string, readonly string[]>
  readonly owners: ReadonlyMap<string, readonly Owner[]>
}

/** Reads the object types of a supergraph. Throws for what the example has no need of yet. */
export function readOwners(supergraphSdl: string): Owners {
  const document = parse(supergraphSdl)
  const names = graphNames(document)
  const types = new Map<string, TypeFacts>()
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OBJECT_TYPE_DEFINITION)
      types.set(definition.name.value, readType(definition, names))
    if (definition.kind === Kind.INTERFACE_TYPE_DEFINITION || definition.kind === Kind.UNION_TYPE_DEFINITION)
      throw new Error(`${definition.name.value}: only object types are known here`)
  }
  const facts = (type: string) => must(types.get(type), type)
  return {
    ofField(type, field) {
      const { subgraphs, owners } = facts(type)
      return owners.get(field) ?? subgraphs.map((subgraph) => ({ subgraph, requires: [] }))
    },
    keyIn: (type, subgraph) => facts(type).keys.get(subgraph),
    isEntity: (type) => facts(type).keys.size > 0,
  }
}

/** The names of subgraphs, by the values of `join__Graph`. */
function graphNames({ definitions }: DocumentNode): ReadonlyMap<string, string> {
  const names = new Map<string, string>()
  for (const definition of definitions) {
    if (definition.kind !== Kind.ENUM_TYPE_DEFINITION || definition.name.value !== 'join__Graph') continue
    for (const { name, directives = [] } of definition.values ?? []) {
      names.set(name.value, String(must(argumentsOf(directives, 'join__graph')[0]?.['name'], 'join__graph')))
    }
  }
  return names
}

function readType(
  { directives = [], fields = [] }: ObjectTypeDefinitionNode,
  names: ReadonlyMap<string, string>,
): TypeFacts {
  const subgraphs = new Set<string>()
  const keys = new Map<string, readonly string[]>()
  for (const { graph, key, resolvable } of argumentsOf(directives, 'join__type')) {
    const subgraph = must(names.get(String(graph)), String(graph))
    subgraphs.add(subgraph)
    if (typeof key === 'string' && resolvable !== false && !keys.has(subgraph))
      keys.set(subgraph, fieldNames(key))
  }
  const owners = new Map(
    fields.flatMap((field) => {
      const found = readField(field, names)
      return found === undefined ? [] : [[field.name.value, found] as const]
    }),
  )
  return { subgraphs: [...subgraphs], keys, owners }
}

/** Undefined where all subgraphs of the type have it. */
function readField(
  { directives = [], name }: FieldDefinitionNode,
  names: ReadonlyMap<string, string>,
): readonly Owner[] | undefined {
  const joins = argumentsOf(directives, 'join__field')
  if (joins.length === 0) return undefined
  return joins.flatMap(({ graph, requires, external, ...others }) => {
    const unknown = Object.keys(others)
    if (unknown.length > 0) throw new Error(`${name.value}: join__field with ${unknown.join(', ')}`)
    if (external === true) return []
    const subgraph = must(names.get(String(graph)), String(graph))
    return [{ subgraph, requires: typeof requires === 'string' ? fieldNames(requires) : [] }]
  })
}

/** Strings, names and booleans among the arguments of each directive of that name. */
function argumentsOf(
  directives: readonly ConstDirectiveNode[],
  name: string,
): readonly Readonly<Record<string, string | boolean | undefined>>[] {
  return directives
    .filter((directive) => directive.name.value === name)
    .map(({ arguments: args = [] }) =>
      Object.fromEntries(
        args.map(({ name, value }) => [name.value, 'value' in value ? value.value : undefined]),
      ),
    )
}

function fieldNames(selection: string): readonly string[] {
  if (/[^\w\s]/.test(selection)) throw new Error(`{ ${selection} }: only plain fields are known here`)
  return selection.trim().split(/\s+/)
}

function must<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new Error(`${what}: not in the supergraph`)
  return value
}
