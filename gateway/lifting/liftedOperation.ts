import {
  type ConstValueNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  visit,
} from 'graphql'
import { type CompileContext, type CompiledOperation, compileOperation } from '../compileOperation'
import { compileVariableListCheck } from '../listLimits'
import { compileVariables } from '../local/compileOperation'
import { placedError } from '../locatedError'
import type { LiftedDocument, LiteralUse } from './liftedShape'

/** An operation that was compiled without its literals, for all texts that differ in nothing else. */
export class LiftedOperation {
  private readonly compiled: CompiledOperation
  private readonly readOwn: CompiledOperation['readVariables']
  private readonly checkOwn: CompiledOperation['checkVariableLists']
  /** Of the lifted document, by their order in it; made when the first error must be placed. */
  private places: ReadonlyMap<unknown, number> | undefined

  /** `own` is the operation without the variables that stand for literals. */
  constructor(
    private readonly lifted: LiftedDocument,
    private readonly uses: readonly LiteralUse[],
    private readonly context: CompileContext,
  ) {
    const { document, operation, text } = lifted
    this.compiled = compileOperation(document, operation, text, context)
    const ours = new Set(uses.map(({ variable }) => variable))
    const own: OperationDefinitionNode = {
      ...operation,
      variableDefinitions: operation.variableDefinitions?.filter(
        ({ variable }) => !ours.has(variable.name.value),
      ),
    }
    const fragments = new Map<string, FragmentDefinitionNode>()
    for (const node of document.definitions) {
      if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
    }
    this.readOwn = compileVariables(context.schema, own)
    this.checkOwn = compileVariableListCheck(own, fragments, context.schema, context.limits.listLength)
  }

  get name(): string | undefined {
    return this.lifted.operation.name?.value
  }

  /** Whether these literals may be given as variables. */
  takes(literals: readonly ConstValueNode[]): boolean {
    return takesLiterals(this.uses, literals)
  }

  /** The operation of a text, which must be of this one's shape. Its variables cannot be read where it does not take the literals. */
  of(text: string, literals: readonly ConstValueNode[]): CompiledOperation {
    const { compiled } = this
    return {
      ...compiled,
      checkVariableLists: this.checkOwn,
      readVariables: (variables) => this.readVariables(variables, text, literals),
      shape: {
        needsData: compiled.shape.needsData,
        shape: (run) => {
          const answer = compiled.shape.shape(run)
          return answer.errors.length === 0 ? answer : { ...answer, errors: this.place(answer.errors, text) }
        },
      },
    }
  }

  /** Literals are read for each request, so that none gets what another's resolvers have in hand. */
  private readVariables(
    variables: Readonly<Record<string, unknown>>,
    text: string,
    literals: readonly ConstValueNode[],
  ): ReturnType<CompiledOperation['readVariables']> {
    const { coerced } = this.readOwn(variables)
    if (coerced === undefined) {
      // Its errors say where in the client's text the variables are declared.
      const operation = parse(text).definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION)
      return compileVariables(this.context.schema, operation as OperationDefinitionNode)(variables)
    }
    const all: Record<string, unknown> = Object.assign(Object.create(null), coerced)
    for (const { variable, literal, read } of this.uses) {
      const value = read(literals[literal])
      if (value === undefined) return {}
      all[variable] = value
    }
    return { coerced: all }
  }

  /** The same errors, on the lines of the client's text. */
  private place(errors: readonly GraphQLError[], text: string): readonly GraphQLError[] {
    this.places ??= new Map(fieldsOf(this.lifted.document).map((field, place) => [field, place]))
    const { places } = this
    const fields = fieldsOf(parse(text))
    return errors.map((error) => {
      if (error.nodes === undefined) return error
      const nodes = error.nodes.map((node) => fields[places.get(node)!])
      return placedError(error, error.path, nodes)
    })
  }
}

export function takesLiterals(uses: readonly LiteralUse[], literals: readonly ConstValueNode[]): boolean {
  for (const { literal, read } of uses) if (read(literals[literal]) === undefined) return false
  return true
}

function fieldsOf(document: DocumentNode): readonly FieldNode[] {
  const fields: FieldNode[] = []
  visit(document, {
    Field(node) {
      fields.push(node)
    },
  })
  return fields
}
