import {
  execute,
  type GraphQLSchema,
  getNullableType,
  isListType,
  isNonNullType,
  parse,
  type ValueNode,
} from 'graphql'
import { inFetchableForm } from '../../federation/operations/fetchableForm'
import type { OperationToNormalize } from '../../federation/operations/normalize'
import type {
  FetchedField,
  NormalOperation,
  NormalVariable,
  Place,
  Shape,
  ShownField,
  VariableSource,
} from '../../federation/operations/normalOperation'
import type { ListSize, ListSizes } from '../../federation/supergraph/listSizes'
import { memoizedWeakly } from '../../lib/memoized'
import { mergeInto, type ResponseObject } from '../graphql/responseData'
import { answerTooLarge } from '../limits/answerBudget'
import { compilePlace, Serialization } from '../response/compilePlace'
import { compileListColumns, type WriteColumns } from '../response/listColumns'
import { compileAnswer, type WriteAnswer } from '../response/writeAnswer'
import type { PlanRun, Step, Variables } from '../run/planRun'
import { answerBytes, fetchBytes } from './cacheBytes'
import { takesIntrospection } from './introspectionSize'
import type { OperationEnvironment } from './operationEnvironment'

/** An operation for one combination of its conditions, ready to run with any variables and literals. */
export interface CompiledOperation {
  /** Fetches everything into the run. Rejects with ANSWER_TOO_LARGE, before any fetch, if the answer is likely to be. */
  readonly fetch: Fetch
  readonly root: Place
  readonly write: WriteAnswer
  /** Writes the data by columns, for a gateway that asks for them. */
  readonly writeColumns: WriteColumns
  /** How much memory it takes, roughly. */
  readonly bytes: number
}

/** `client` are the client's variables, coerced; `literals` are those of its text. */
type Fetch = (run: PlanRun, client: Variables, literals: readonly ValueNode[]) => Promise<void>

/** For one combination of its conditions. Throws NOT_SUPPORTED if neither of its two forms can be fetched. */
export function compileOperation(
  asked: OperationToNormalize,
  { stepFor, listSizes, budget }: Pick<OperationEnvironment, 'stepFor' | 'listSizes' | 'budget'>,
): CompiledOperation {
  return inFetchableForm(asked, ({ root, parts, introspection }) => ({
    fetch: compileFetch(
      parts.map((part) => compilePart(part, stepFor(part))),
      introspection && compileIntrospection(introspection, asked.schema),
      listSizes && compileEstimate(root, listSizes, budget.values),
    ),
    root,
    write: compileAnswer({ root, variables: parts.flatMap(({ variables }) => variables) }),
    writeColumns: compileListColumns(root),
    bytes: parts.reduce((sum, { text }) => sum + text.length * fetchBytes, answerBytes(root)),
  }))
}

/** A part of an operation that is fetched as a whole. Parts run one after the other. */
interface CompiledPart {
  readonly step: Step
  readonly variables: readonly NormalVariable[]
  /** Whether to skip the other parts, because the fetched data makes the whole answer null. */
  endsAll(data: ResponseObject): boolean
}

function compilePart({ kind, root, variables }: NormalOperation, step: Step): CompiledPart {
  const [shape] = root.shapes.values()
  const mayEndAll = kind === 'mutation' && isNonNullType(shape.fetched[0].type)
  const complete = compilePlace(root)
  return {
    step,
    variables,
    endsAll: (data) => mayEndAll && complete(data, new Serialization(), 0) === null,
  }
}

/** `introspect` answers under the keys of the merged data. */
function compileFetch(
  parts: readonly CompiledPart[],
  introspect: ReturnType<typeof compileIntrospection> | undefined,
  estimate: AnswerEstimate | undefined,
): Fetch {
  return (run, client, literals) => {
    try {
      if (estimate !== undefined) checkEstimate(estimate, run, client, literals)
      if (introspect !== undefined) mergeInto(run.data, introspect(run, client, literals))
      if (parts.length === 0 || run.refusal !== undefined) return nothingPending
      if (parts.length > 1) return inOrder(parts, run, client, literals)
      const [{ step, variables }] = parts
      run.variables = bind(variables, client, literals)
      return step(run) ?? nothingPending
    } catch (error) {
      return Promise.reject(error)
    }
  }
}

/** Runs a mutation field by field, until one makes the whole answer null. */
async function inOrder(
  parts: readonly CompiledPart[],
  run: PlanRun,
  client: Variables,
  literals: readonly ValueNode[],
): Promise<void> {
  for (const { step, variables, endsAll } of parts) {
    run.variables = bind(variables, client, literals)
    await step(run)
    if (endsAll(run.data)) return
  }
}

const nothingPending = Promise.resolve()

function checkEstimate(
  estimate: AnswerEstimate,
  { budget }: PlanRun,
  client: Variables,
  literals: readonly ValueNode[],
): void {
  const read = ({ source }: NormalVariable) => readSource(source, client, literals)
  const values = estimate.values(read)
  if (values > budget.values) throw answerTooLarge('values', budget, estimate.largest(read), values)
}

/** Answers nothing if the run does not take as many values. */
function compileIntrospection({ root, text, variables }: NormalOperation, schema: GraphQLSchema) {
  const document = parse(text, { noLocation: true })
  return (run: PlanRun, client: Variables, literals: readonly ValueNode[]): ResponseObject => {
    const read: ReadVariable = ({ source }) => readSource(source, client, literals)
    if (!takesIntrospection(run, root, schema, read)) return {}
    const result = execute({ schema, document, variableValues: bind(variables, client, literals) })
    return 'data' in result && result.data ? result.data : {}
  }
}

/** The values of a part's variables. Literals are read anew each time, since a resolver may modify arguments. */
function bind(
  variables: readonly NormalVariable[],
  client: Variables,
  literals: readonly ValueNode[],
): Variables {
  const values: Record<string, unknown> = {}
  for (const { name, source } of variables) {
    if (source.kind === 'inDocument' || (source.kind === 'variable' && !Object.hasOwn(client, source.name)))
      continue
    values[name] = readSource(source, client, literals)
  }
  return values
}

/** A variable's value, from what the client sent. Undefined if it was left out or is written in the document. */
function readSource(source: VariableSource, client: Variables, literals: readonly ValueNode[]): unknown {
  if (source.kind === 'literal') return source.read(literals[source.number])
  return source.kind === 'variable' ? client[source.name] : undefined
}

/** Reads the value of a variable of the normal form. */
type ReadVariable = (variable: NormalVariable) => unknown

/** An estimate of how many values an answer has: fields of objects and items of lists. */
interface AnswerEstimate {
  values(read: ReadVariable): number
  /** The root's response key with the most values. */
  largest(read: ReadVariable): string
}

/** A number of values: constant, or computed from the variables. */
type Count = number | ((read: ReadVariable) => number)

/**
 * Compiles an estimate from the arguments that give the lengths of lists: those of `@listSize`, else `first`, `last`
 * and `limit`, else a list argument. A list of unknown length counts as one item; those of a prediction are believed up
 * to a point. Undefined if the estimate is constant and at most `most`.
 */
export function compileEstimate(root: Place, sizes: ListSizes, most: number): AnswerEstimate | undefined {
  const [shape] = root.shapes.values()
  if (shape === undefined) return undefined
  const fields = shape.shown.map((field) => ({
    name: field.responseKey,
    count: countOfField(shape, field, sizes, undefined),
  }))
  const total = sum(fields.map(({ count }) => count))
  if (typeof total === 'number' && total <= most) return undefined
  return {
    values: (read) => countWith(total, read),
    largest(read) {
      const counts = fields.map(({ count }) => countWith(count, read))
      return fields[counts.indexOf(Math.max(...counts))].name
    },
  }
}

/** `sized` is the length that the parent field gives for this list, if any. */
function countOfField(shape: Shape, field: ShownField, sizes: ListSizes, sized: Count | undefined): Count {
  if (field.key === undefined || field.place === undefined) return 1
  const size = sizes.get(`${shape.type.name}.${field.name}`)
  const items = itemsOf(shape, field, size)
  const isSizing = size !== undefined && size.sizedFields.length > 0
  const below = isSizing
    ? countOfShapes(field.place, sizes, size.sizedFields, items)
    : countOfPlace(sizes)(field.place)()
  if (!isListType(getNullableType(field.type))) return sum([1, below])
  return sum([1, product(sized ?? (isSizing ? 1 : items), sum([1, below]))])
}

/**
 * Called once for each field above the place: several types may share it, or several uses of a fragment, level by
 * level. Then it is counted once for each request. To know the count of any other would cost more than to count it.
 */
const countOfPlace = memoizedWeakly((sizes: ListSizes) =>
  memoizedWeakly((place: Place): (() => Count) => {
    const count = countOfShapes(place, sizes, [], 1)
    if (typeof count === 'number') return () => count
    const known = memoizedWeakly(count)
    let fields = 0
    const counted = (read: ReadVariable) => (fields > 1 ? known(read) : count(read))
    return () => {
      fields++
      return counted
    }
  }),
)

function countOfShapes(place: Place, sizes: ListSizes, sizedFields: readonly string[], items: Count): Count {
  const counts = [...place.shapes.values()].map((shape) =>
    sum(
      shape.shown.map((field) =>
        countOfField(shape, field, sizes, sizedFields.includes(field.name) ? items : undefined),
      ),
    ),
  )
  // For an abstract type, the object type with the most values counts.
  if (counts.every((count) => typeof count === 'number')) return Math.max(0, ...counts)
  if (counts.length === 1) return counts[0]
  return (read) => Math.max(0, ...counts.map((count) => countWith(count, read)))
}

/** How many items a field's arguments ask for. */
function itemsOf({ type }: Shape, field: FetchedField, size: ListSize | undefined): Count {
  const slicing = new Set(size?.slicingArguments ?? ['first', 'last', 'limit'])
  const defaults = type.getFields()[field.name]?.args ?? []
  const { assumed = 1, most = Infinity } = size ?? {}
  const given = field.args.map(({ name, variable }) => ({ isSlicing: slicing.has(name), variable }))
  const named = new Set(field.args.map(({ name }) => name))
  const byDefault = defaults.flatMap(({ name, defaultValue }) =>
    slicing.has(name) && !named.has(name) && typeof defaultValue === 'number' && defaultValue >= 0
      ? defaultValue
      : [],
  )
  if (given.length === 0) return byDefault.length > 0 ? Math.min(most, Math.max(...byDefault)) : assumed
  return (read) => {
    let slice = Math.max(-1, ...byDefault)
    let longest = -1
    for (const { isSlicing, variable } of given) {
      const value = read(variable)
      if (isSlicing && typeof value === 'number') slice = Math.max(slice, value)
      else if (Array.isArray(value)) longest = Math.max(longest, value.length)
    }
    if (slice >= 0) return Math.min(most, slice)
    return longest >= 0 ? Math.min(most, longest) : assumed
  }
}

function sum(counts: readonly Count[]): Count {
  const open = counts.filter((count) => typeof count === 'function')
  const known = counts.reduce<number>(
    (total, count) => (typeof count === 'number' ? total + count : total),
    0,
  )
  if (open.length === 0) return known
  return (read) => open.reduce((total, count) => total + count(read), known)
}

function product(one: Count, other: Count): Count {
  if (typeof one === 'number' && typeof other === 'number') return one * other
  return (read) => countWith(one, read) * countWith(other, read)
}

function countWith(count: Count, read: ReadVariable): number {
  return typeof count === 'number' ? count : count(read)
}
