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
import { fragmentsOf } from '../../federation/operations/collectFields'
import { conditionVariables, readConditions } from '../../federation/operations/conditions'
import { isReadBySubgraphs } from '../../federation/operations/normalVariables'
import { LruCache } from '../../lib/lruCache'
import { type ClientRequest, explainedIn } from '../../lib/request/clientRequest'
import { Explain } from '../../lib/request/explain'
import { anonymous, shortName } from '../graphql/operationName'
import { isStackOverflow } from '../graphql/tooDeep'
import { valueTooDeep } from '../graphql/upstreamErrors'
import { compileVariableListCheck, type VariableListCheck } from '../limits/listLimits'
import { clientPlaces } from '../response/clientErrors'
import type { WrittenAnswer } from '../response/writeAnswer'
import { PlanRun, type Variables } from '../run/planRun'
import { cacheBytes, documentBytes } from './cacheBytes'
import { type CompiledOperation, compileOperation } from './compileOperation'
import type { DocumentShape } from './documentShape'
import { type Coerced, compileVariables } from './inputCoercion'
import type { OperationEnvironment } from './operationEnvironment'

/** Shared by all texts that differ only in literals. Compiled once for each combination of its conditions. */
export class PreparedOperation {
  /** Its name, as logs have it. */
  readonly name: string
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
    this.name = shortName(operation.name?.value ?? anonymous)
    this.fragments = fragmentsOf(document)
    this.conditions = shape.hasDirectives ? conditionVariables(operation, this.fragments) : []
    this.coerce = compileVariables(schema, operation)
    this.readBySubgraphs = (operation.variableDefinitions ?? [])
      .filter((definition) => isReadBySubgraphs(definition, schema))
      .map(({ variable }) => variable.name.value)
    this.checkLists = compileVariableListCheck(operation, this.fragments, schema, maxListLength)
  }

  get bytes(): number {
    return documentBytes(this.key) + this.variants.totalWeight
  }

  /** Whether it is compiled for any combination of its conditions. */
  get isCompiled(): boolean {
    return this.variants.size > 0
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
 * All nodes in document order, without what texts of one shape differ in: descriptions, and the insides of objects and
 * lists.
 */
function allNodes(document: DocumentNode): readonly ASTNode[] {
  const nodes: ASTNode[] = []
  visit(document, {
    enter(node, key) {
      if (key === 'description') return false
      nodes.push(node)
      return node.kind === Kind.OBJECT || node.kind === Kind.LIST ? false : undefined
    },
  })
  return nodes
}

/** The result of an operation: its data as JSON (a list of buffers if it is long), and the errors behind its nulls. */
export interface OperationResult extends WrittenAnswer {
  /** Present only if the request asked for explanations. */
  readonly extensions?: object
  /** The data by columns, if that was asked for and can be. Then there are no errors, and `data` is empty. */
  readonly columns?: string
}

export interface ReadyOperation {
  readonly compiled: CompiledOperation
  readonly variables: Variables
}

/** A valid operation as a client sent it, with the literals of its text. */
export class AskedOperation {
  private places: ReturnType<PreparedOperation['nodesIn']> | undefined

  constructor(
    readonly prepared: PreparedOperation,
    readonly text: string,
    readonly literals: readonly ValueNode[],
  ) {}

  /** Maps nodes of the compiled document to nodes of the client's text. */
  get nodesOf(): ReturnType<PreparedOperation['nodesIn']> {
    this.places ??= this.prepared.nodesIn(this.text)
    return this.places
  }

  /** Undefined if a variable is invalid, or if nothing is compiled for this combination of conditions. */
  ready(client: Variables): ReadyOperation | undefined {
    const { prepared } = this
    try {
      const { coerced: variables } = prepared.readVariables(client)
      const compiled = variables && prepared.compiled(variables)
      if (variables === undefined || compiled === undefined) return undefined
      prepared.environment.hits.inc()
      return { compiled, variables }
    } catch {
      return undefined
    }
  }

  /**
   * Runs it compiled for one client request, with coerced variables. Answers by columns if asked, where that is
   * possible. Rejects with a PresageError if there is no answer.
   */
  run(
    compiled: CompiledOperation,
    variables: Variables,
    request: ClientRequest,
    byColumns = false,
  ): Promise<OperationResult> {
    const { deadlines, budget, explained } = this.prepared.environment
    // A request may hold several operations, and each explains only its own predictions.
    const explain = request.explain && new Explain()
    const run = new PlanRun(explain ? explainedIn(request, explain) : request, deadlines, budget)
    const finish = (written: OperationResult): OperationResult => {
      run.dispose()
      if (explain === undefined) return written
      const told = new Explain()
      told.addPart(explain, (path) => clientPlaces(path, compiled.root, run.data).map((place) => place.path))
      const extensions = explained(told, request)
      return extensions === undefined ? written : { ...written, extensions }
    }
    // Promise chains instead of async functions, as everywhere on the hot path: a suspended async function keeps far
    // more memory.
    const fail = (error: unknown): never => {
      run.dispose()
      // The operation itself has been compiled, so it nests no deeper than may be.
      throw isStackOverflow(error) ? valueTooDeep() : error
    }
    return compiled.fetch(run, variables, this.literals).then(() => {
      try {
        if (run.refusal !== undefined) throw run.refusal
        const columns = byColumns && explain === undefined ? compiled.writeColumns(run) : undefined
        if (columns !== undefined) return finish({ data: '', errors: [], columns })
        const written = compiled.write(run, this.nodesOf)
        return written instanceof Promise ? written.then(finish, fail) : finish(written)
      } catch (error) {
        return fail(error)
      }
    }, fail)
  }
}

/** A key for a combination of values: one character per condition. */
export function conditionsKey(names: readonly string[], variables: Variables): string {
  let key = ''
  for (const name of names) {
    const value = variables[name]
    key += value === true ? '1' : value === false ? '0' : 'n'
  }
  return key
}
