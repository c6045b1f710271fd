import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  type OperationDefinitionNode,
  parse,
  type ValueNode,
  visit,
} from 'graphql'
import { conditionsKey, conditionVariables, readConditions } from '../../federation/operations/conditions'
import { isReadBySubgraphs } from '../../federation/operations/normalVariables'
import { LruCache } from '../../lib/lruCache'
import type { ClientRequest } from '../../lib/request/clientRequest'
import { compileVariableListCheck, type VariableListCheck } from '../limits/listLimits'
import type { Variables } from '../run/planRun'
import { type CompiledOperation, compileOperation } from './compileOperation'
import { type Coerced, compileVariables } from './compileVariables'
import type { DocumentShape } from './documentShape'
import type { KnownOperation } from './knownOperation'
import type { OperationEnvironment } from './operationEnvironment'

/** One operation of a valid document, shared by all texts that differ only in literals. Compiled once for each combination of its conditions. */
export class PreparedOperation {
  readonly name: string | null
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  private readonly conditions: readonly string[]
  private readonly coerce: (variables: Variables) => Coerced
  private readonly checkLists: VariableListCheck | undefined
  /** Names of the variables that are checked here and sent as they came. */
  private readonly readBySubgraphs: readonly string[]
  private readonly variants = new LruCache<CompiledOperation>(maxVariants, Number.POSITIVE_INFINITY)
  /** The number of each node of the document; made for the first error. */
  private places: ReadonlyMap<ASTNode, number> | undefined

  constructor(
    private readonly document: DocumentNode,
    private readonly operation: OperationDefinitionNode,
    private readonly shape: DocumentShape,
    private readonly environment: OperationEnvironment,
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

  /** As subgraphs are given them. Throws LIST_TOO_LONG. */
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

  /** What is compiled for these values of the conditions, if anything. */
  compiled(coerced: Variables): CompiledOperation | undefined {
    return this.variants.get(conditionsKey(this.conditions, coerced))
  }

  /** Throws TOO_MANY_NEW_OPERATIONS where the client has had too many compiled, NOT_SUPPORTED where it cannot be fetched rightly. */
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
    this.variants.set(conditionsKey(this.conditions, coerced), compiled, 0)
    return compiled
  }

  /** Finds the nodes of another text of this shape that correspond to nodes of the document. */
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

/** An operation as a client sent it, with the literals of its text. */
export class AskedOperation {
  /** What runs it again; made when it is first asked for. */
  known: KnownOperation | undefined
  private places: ReturnType<PreparedOperation['nodesIn']> | undefined

  constructor(
    readonly prepared: PreparedOperation,
    private readonly text: string,
    readonly literals: readonly ValueNode[],
  ) {}

  /** Finds the nodes of the client's text that correspond to nodes of the compiled document. */
  get nodesOf(): ReturnType<PreparedOperation['nodesIn']> {
    this.places ??= this.prepared.nodesIn(this.text)
    return this.places
  }
}

/** Clients choose combinations of conditions as they choose texts. */
const maxVariants = 64

function fragmentsOf({ definitions }: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>()
  for (const node of definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node)
  }
  return fragments
}

/** In the order of the document; literals of one shape may have parts of their own, which are left out. */
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
