import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  visit,
} from 'graphql'
import { fragmentsOf } from '../../federation/operations/collectFields'
import { conditionsKey, conditionVariables, readConditions } from '../../federation/operations/conditions'
import { isReadBySubgraphs } from '../../federation/operations/normalVariables'
import { LruCache } from '../../lib/lruCache'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { compileVariableListCheck, type VariableListCheck } from '../limits/listLimits'
import type { Variables } from '../run/planRun'
import { cacheBytes, documentBytes } from './cacheBytes'
import { type CompiledOperation, compileOperation } from './compileOperation'
import { type Coerced, compileVariables } from './compileVariables'
import type { DocumentShape } from './documentShape'
import type { OperationEnvironment } from './operationEnvironment'

/**
 * One operation of a valid document, shared by all texts that differ only in literals. It is compiled once for each
 * combination of its conditions.
 */
export class PreparedOperation {
  readonly name: string | null
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  private readonly conditions: readonly string[]
  private readonly coerce: (variables: Variables) => Coerced
  private readonly checkLists: VariableListCheck | undefined
  /** Names of the variables that are checked here but sent to subgraphs as the client wrote them. */
  private readonly readBySubgraphs: readonly string[]
  private variants = noVariants()
  /** The position of each node in the document; made for the first error. */
  private places: ReadonlyMap<ASTNode, number> | undefined

  constructor(
    /** What it is cached by. */
    readonly key: string,
    private readonly document: DocumentNode,
    private readonly operation: OperationDefinitionNode,
    private readonly shape: DocumentShape,
    readonly environment: OperationEnvironment,
    /** Called when it takes more memory than before. */
    private readonly onGrown: (operation: PreparedOperation) => void,
  ) {
    const { schema, maxListLength } = environment
    this.name = operation.name?.value ?? null
    this.fragments = fragmentsOf(document)
    this.conditions = shape.hasDirectives ? conditionVariables(operation, this.fragments) : []
    this.coerce = compileVariables(schema, operation)
    this.readBySubgraphs = (operation.variableDefinitions ?? [])
      .filter((definition) => isReadBySubgraphs(definition, schema))
      .map(({ variable }) => variable.name.value)
    this.checkLists = compileVariableListCheck(operation, this.fragments, schema, maxListLength)
  }

  /** How much memory it takes, roughly. */
  get bytes(): number {
    return documentBytes(this.key) + this.variants.totalWeight
  }

  /** Drops what is compiled. Texts may keep the operation, which is then compiled again when it is asked. */
  forget(): void {
    this.variants = noVariants()
  }

  /** Coerces variables to the values that subgraphs get. Throws LIST_TOO_LONG. */
  readVariables(variables: Variables): Coerced {
    this.checkLists?.(variables)
    const result = this.coerce(variables)
    if (result.coerced === undefined || this.readBySubgraphs.length === 0) return result
    const coerced: Record<string, unknown> = { ...result.coerced }
    for (const name of this.readBySubgraphs) {
      if (Object.hasOwn(variables, name)) coerced[name] = variables[name]
      else delete coerced[name]
    }
    return { coerced }
  }

  /** The operation compiled for this combination of conditions, if it is. */
  compiled(coerced: Variables): CompiledOperation | undefined {
    return this.variants.get(conditionsKey(this.conditions, coerced))
  }

  /**
   * Throws TOO_MANY_NEW_OPERATIONS if the client has had too many operations compiled, and NOT_SUPPORTED if the
   * operation cannot be planned correctly.
   */
  compile(coerced: Variables, request: ClientRequest): CompiledOperation {
    this.environment.admit(request)
    const { operation, fragments, shape, environment } = this
    const asked = {
      schema: environment.schema,
      maxListLength: environment.maxListLength,
      operation,
      fragments,
      conditions: readConditions(this.conditions, coerced),
      numbers: shape.numbers,
    }
    const compiled = compileOperation(asked, environment)
    this.variants.set(conditionsKey(this.conditions, coerced), compiled, compiled.bytes)
    this.onGrown(this)
    return compiled
  }

  /** Maps nodes of the document to the corresponding nodes of another text of the same shape. */
  nodesIn(text: string): (nodes: readonly ASTNode[]) => readonly ASTNode[] {
    let own: readonly ASTNode[] | undefined
    return (nodes) => {
      this.places ??= new Map(allNodes(this.document).map((node, place) => [node, place]))
      own ??= allNodes(parse(text))
      const { places } = this
      return nodes.flatMap((node) => own![places.get(node)!] ?? [])
    }
  }
}

/** Clients choose the combinations, so their number needs a limit, and no operation may take the memory of all. */
function noVariants(): LruCache<CompiledOperation> {
  return new LruCache(64, cacheBytes / 8)
}

/**
 * All nodes in document order, without the insides of objects and lists: those may differ between literals of one
 * shape.
 */
function allNodes(document: DocumentNode): readonly ASTNode[] {
  const nodes: ASTNode[] = []
  visit(document, {
    enter(node) {
      nodes.push(node)
      return node.kind === Kind.OBJECT || node.kind === Kind.LIST ? false : undefined
    },
  })
  return nodes
}
