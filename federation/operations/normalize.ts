import {
  type ASTNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  GraphQLError,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  type OperationDefinitionNode,
  SchemaMetaFieldDef,
  type SelectionSetNode,
  TypeMetaFieldDef,
  type ValueNode,
} from 'graphql'
import { getOrMake } from '../../lib/groups'
import { memoizedWeakly, numbering } from '../../lib/memoized'
import { hasHiddenTypes } from '../supergraph/publicSchema'
import { type CollectedField, collectFields, subselections } from './collectFields'
import { type Conditions, isIncluded } from './conditions'
import type {
  FetchedField,
  NormalArgument,
  NormalOperation,
  ObjectType,
  Place,
  Shape,
  ShapeFailure,
  ShownField,
} from './normalOperation'
import { NormalVariables } from './normalVariables'
import { type NormalForm, printOperation } from './printOperation'
import { maxFields, tooLarge } from './tooLarge'

/** One operation of a valid document, with the values of its conditions in a request. */
export interface OperationToNormalize {
  readonly schema: GraphQLSchema
  readonly operation: OperationDefinitionNode
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  readonly conditions: Conditions
  /** The numbers of the literals that may become variables. */
  readonly numbers: ReadonlyMap<ValueNode, number>
  readonly maxListLength: number
}

export interface NormalizedOperation {
  /** What the client sees. */
  readonly root: Place
  /** What is fetched, in order: a query as a whole, a mutation field by field. */
  readonly parts: readonly NormalOperation[]
  /** The introspection part. */
  readonly introspection: NormalOperation | undefined
}

/** Throws OPERATION_TOO_LARGE for too many fields, counted for every possible type of their places. */
export function normalize(asked: OperationToNormalize, form: NormalForm): NormalizedOperation {
  const kind = asked.operation.operation === 'mutation' ? 'mutation' : 'query'
  const rootType = asked.schema.getRootType(asked.operation.operation)!
  const variables = new NormalVariables(asked.operation, asked.schema, asked.numbers, asked.maxListLength)
  const root = new Normalizer(asked, variables, form).root(rootType)
  const [shape] = root.shapes.values()
  const part = (fetched: readonly FetchedField[]): NormalOperation[] => {
    if (fetched.length === 0) return []
    const own = { ...root, shapes: new Map([[rootType.name, { ...shape, fetched, shown: fetched }]]) }
    return [printOperation(kind, own, form, variables.named)]
  }
  const isIntrospection = ({ name }: FetchedField) => name === '__schema' || name === '__type'
  const fetched = shape.fetched.filter((field) => !isIntrospection(field))
  return {
    root,
    parts: kind === 'query' ? part(fetched) : fetched.flatMap((field) => part([field])),
    introspection: part(shape.fetched.filter(isIntrospection))[0],
  }
}

interface IdentifiedPlace extends Place {
  /** Equal if the same is fetched. */
  readonly identity: string
}

/** A field before its place has given it a key. */
interface Candidate extends CollectedField {
  readonly type: FetchedField['type']
  readonly args: readonly NormalArgument[]
  readonly place: IdentifiedPlace | undefined
  /** Equal if the same is fetched. */
  readonly identity: string
}

type Candidates = readonly (Candidate | (CollectedField & { readonly identity?: undefined }))[]

/** The selection for objects of one type, before its fields have keys. */
interface Selected {
  readonly candidates: Candidates
  readonly failure: ShapeFailure | undefined
}

class Normalizer {
  private fields = 0
  private readonly places = new Map<string, IdentifiedPlace>()
  private readonly identityNumber = numbering<string>()
  private readonly numberOf = numbering<ASTNode>()

  constructor(
    private readonly asked: OperationToNormalize,
    private readonly variables: NormalVariables,
    private readonly form: NormalForm,
  ) {}

  root(type: GraphQLObjectType): Place {
    return this.build(type, [this.asked.operation.selectionSet])
  }

  /** The place below merged fields; the same for the same fields. */
  private below(type: GraphQLCompositeType, field: CollectedField): IdentifiedPlace {
    const key = `${type.name} ${field.nodes.map((node) => this.numberOf(node)).join()}`
    return getOrMake(this.places, key, () => this.build(type, subselections(field)))
  }

  private build(type: GraphQLCompositeType, selectionSets: readonly SelectionSetNode[]): IdentifiedPlace {
    const types = this.typesAt(type)
    const isApart = isAbstractType(type) && this.form === 'apart'
    const selected = types.map((objectType) => this.select(objectType, selectionSets, isApart))
    const keys = new ResponseKeys(types, this.form)
    for (const { candidates } of selected) {
      for (const candidate of candidates) if (candidate.identity !== undefined) keys.add(candidate)
    }
    const shapes = new Map<string, Shape>()
    for (const [at, objectType] of types.entries()) {
      const { candidates, failure } = selected[at]
      shapes.set(objectType.name, {
        type: objectType,
        failure,
        ...shownOf(candidates, keys, this.isMutationRoot(objectType)),
      })
    }
    // Objects of hidden types are null.
    const needsTypename =
      isAbstractType(type) && (showsTypename(selected) || !isUniform(selected) || hasHiddenTypes(type))
    return {
      type,
      shapes,
      needsTypename,
      // Places are nested, so long identities would double with each level.
      identity: `#${this.identityNumber(this.identityOf(selected, keys, needsTypename))}`,
    }
  }

  /** Equal if the same is fetched under the same keys. */
  private identityOf(selected: readonly Selected[], keys: ResponseKeys, needsTypename: boolean): string {
    const byType = selected.map(({ candidates, failure }) => {
      // Two failures are equal only if the same condition is null: each has its own nodes in the document.
      if (failure !== undefined) return `!${failure.nodes.map((node) => this.numberOf(node)).join()}`
      const fetched = new Set<string>()
      for (const one of candidates)
        if (one.identity !== undefined) fetched.add(`${keys.of(one)}=${one.identity}`)
      return [...fetched].sort().join()
    })
    const [first, ...others] = byType
    const all = others.every((text) => text === first) ? first : byType.join('|')
    return `{${needsTypename ? '__typename ' : ''}${all}}`
  }

  private typesAt(type: GraphQLCompositeType): readonly ObjectType[] {
    if (!isAbstractType(type)) return [type]
    const possible = this.asked.schema.getPossibleTypes(type)
    return possible.length === 0 && isInterfaceType(type) ? [type] : possible
  }

  private select(type: ObjectType, selectionSets: readonly SelectionSetNode[], isApart: boolean): Selected {
    const { schema, fragments, conditions } = this.asked
    try {
      const collected = collectFields(type, selectionSets, {
        schema,
        fragments,
        isIncluded: (selection) => isIncluded(selection, conditions),
      })
      return {
        candidates: collected.map((field) => this.candidate(type, field, isApart)),
        failure: undefined,
      }
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      return { candidates: [], failure: { message: error.message, nodes: error.nodes ?? [] } }
    }
  }

  private candidate(parent: ObjectType, field: CollectedField, isApart: boolean): Candidates[number] {
    if (++this.fields > maxFields) throw tooLarge()
    if (field.name === '__typename') return field
    const definition = definitionOf(parent, field.name)
    const { args, identity } = this.argumentsOf(definition, field.nodes[0])
    const named = getNamedType(definition.type)
    const place = isCompositeType(named) ? this.below(named, field) : undefined
    const own = this.isMutationRoot(parent) ? `${field.responseKey}:` : isApart ? `${parent.name}.` : ''
    const { responseKey, name, nodes } = field
    const below = place === undefined ? '' : place.identity
    return {
      responseKey,
      name,
      nodes,
      type: definition.type,
      args,
      place,
      identity: `${own}${name}(${identity}):${textOf(definition.type)}${below}`,
    }
  }

  /** Equal root fields of a mutation each run, so they are not merged. */
  private isMutationRoot(type: ObjectType): boolean {
    return this.asked.operation.operation === 'mutation' && type === this.asked.schema.getMutationType()
  }

  private argumentsOf(definition: GraphQLField<unknown, unknown>, node: FieldNode) {
    if (node.arguments === undefined || node.arguments.length === 0) return noArguments
    const args: NormalArgument[] = []
    const identities: string[] = []
    for (const argument of definition.args) {
      const given = node.arguments.find(({ name }) => name.value === argument.name)
      if (given === undefined) continue
      const taken = this.variables.argument(argument, given.value)
      args.push(taken.argument)
      identities.push(taken.identity)
    }
    return { args, identity: identities.join() }
  }
}

const noArguments = { args: [], identity: '' }

const textOf = memoizedWeakly((type: GraphQLOutputType) => String(type))

function definitionOf(parent: ObjectType, name: string): GraphQLField<unknown, unknown> {
  if (name === SchemaMetaFieldDef.name) return SchemaMetaFieldDef
  if (name === TypeMetaFieldDef.name) return TypeMetaFieldDef
  const definition = parent.getFields()[name]
  if (definition === undefined) throw new Error(`Bug: ${parent.name} has no field ${name}`)
  return definition
}

/**
 * Gives the fields of a place their response keys: their own names, with a number if different fields share a name. A
 * key is never the name of another field, since the planner adds fields under their own names.
 */
class ResponseKeys {
  private readonly byIdentity = new Map<string, string>()
  private readonly taken = new Set<string>()
  /** The last number of each name. */
  private readonly numbers = new Map<string, number>()

  constructor(
    private readonly types: readonly ObjectType[],
    private readonly form: NormalForm,
  ) {}

  add({ name, identity, args }: Candidate): void {
    if (this.byIdentity.has(identity)) return
    const isPlain = args.length === 0 || this.form === 'compact'
    const key = isPlain && !this.taken.has(name) ? name : this.numbered(name)
    this.taken.add(key)
    this.byIdentity.set(identity, key)
  }

  of({ identity }: Candidate): string {
    return this.byIdentity.get(identity)!
  }

  private numbered(name: string): string {
    for (let number = (this.numbers.get(name) ?? 1) + 1; ; number++) {
      const key = `${name}_${number}`
      if (this.taken.has(key) || this.types.some((type) => key in type.getFields())) continue
      this.numbers.set(name, number)
      return key
    }
  }
}

function shownOf(
  candidates: Candidates,
  keys: ResponseKeys,
  keepsOrder: boolean,
): Pick<Shape, 'shown' | 'fetched'> {
  const byKey = new Map<string, FetchedField>()
  const shown = candidates.map((candidate): ShownField => {
    const { responseKey, nodes } = candidate
    if (candidate.identity === undefined) return { responseKey, nodes, name: '__typename' }
    const { name, type, args, place } = candidate
    const key = keys.of(candidate)
    const field = { responseKey, nodes, name, key, type, args, place }
    if (!byKey.has(key)) byKey.set(key, field)
    return field
  })
  const fetched = [...byKey.values()]
  // Sorted, so that the client's order does not matter.
  if (!keepsOrder) fetched.sort((one, other) => (one.key < other.key ? -1 : 1))
  return { shown, fetched }
}

/** Whether objects of all types show the same fields, from the same nodes of the document. */
function isUniform([first, ...others]: readonly Selected[]): boolean {
  return others.every(
    ({ candidates, failure }) =>
      failure?.message === first.failure?.message &&
      candidates.length === first.candidates.length &&
      candidates.every((one, at) => isSame(one, first.candidates[at])),
  )
}

function isSame(one: Candidates[number], other: Candidates[number]): boolean {
  return (
    one.responseKey === other.responseKey &&
    one.identity === other.identity &&
    one.nodes.length === other.nodes.length &&
    one.nodes.every((node, at) => node === other.nodes[at])
  )
}

function showsTypename(selected: readonly Selected[]): boolean {
  return selected.some(({ candidates }) => candidates.some(({ name }) => name === '__typename'))
}
