import {
  type ASTNode,
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  parse,
  type ValueNode,
  visit,
} from 'graphql'
import type { ClientRequest } from '../../lib/clientRequest'
import { LruCache } from '../../lib/lruCache'
import type { KnownOperation } from '../knownOperation'
import { compileVariableListCheck, type VariableListCheck } from '../listLimits'
import type { Step, Variables } from '../planRun'
import { type CompiledOperation, compileOperation } from './compileOperation'
import { type Coerced, compileVariables } from './compileVariables'
import { conditionsKey, conditionVariables, readConditions } from './conditions'
import type { DocumentShape } from './documentShape'
import type { NormalOperation } from './normalOperation'
import { isReadBySubgraphs } from './normalVariables'

/** What operations of one schema are compiled and run with. */
export interface OperationEnvironment {
  readonly schema: GraphQLSchema
  readonly maxListLength: number
  /** Throws where the client has had too many operations compiled. */
  admit(request: ClientRequest): void
  /** What fetches a part of an operation. Throws NOT_SUPPORTED where nothing does, as it is written. */
  stepFor(part: NormalOperation): Step
}

/** One operation of a valid document, for all texts that differ from it in nothing but literals; compiled once for each combination of its conditions. */
export class PreparedOperation {
  readonly name: string | null
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  private readonly conditions: readonly string[]
  private readonly coerce: (variables: Variables) => Coerced
  private readonly checkLists: VariableListCheck | undefined
  /** Names of variables that are only checked here. */
  private readonly readBySubgraphs: readonly string[]
  private readonly variants = new LruCache<CompiledOperation>(maxVariants, Number.POSITIVE_INFINITY)
  /** Of the document's nodes; made when the first error must be placed. */
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
    this.conditions = conditionVariables(operation, this.fragments)
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

  /** Throws where the client has had too many compiled, or it cannot be answered rightly. */
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
    const compiled = compileOperation(asked, environment.stepFor)
    this.variants.set(conditionsKey(this.conditions, coerced), compiled, 0)
    return compiled
  }

  /** The nodes of a text of this shape that stand where these stand in the document. */
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

/** An operation that a client has sent, and the literals that it has sent it with. */
export class AskedOperation {
  /** What runs it again; made when it is first asked for. */
  known: KnownOperation | undefined
  private places: ReturnType<PreparedOperation['nodesIn']> | undefined

  constructor(
    readonly prepared: PreparedOperation,
    private readonly text: string,
    readonly literals: readonly ValueNode[],
  ) {}

  /** The nodes of the client's text that stand where these stand in the document that was compiled. */
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
