import type { ASTNode, GraphQLError } from 'graphql'
import type { NormalVariable, Place } from '../../federation/operations/normalOperation'
import { maxGenerated } from '../../lib/execution/generatedCode'
import { lightError } from '../graphql/lightError'
import { locatedPresageError, singleErrors } from '../graphql/locatedError'
import type { ResponseObject } from '../graphql/responseData'
import type { PlanRun } from '../run/planRun'
import { clientErrors } from './clientErrors'
import { withClientVariables } from './clientVariables'
import { compilePlace, type NullViolation, Serialization, tooLong } from './compilePlace'
import { compileListText, type WriteList } from './listText'
import { compileLongAnswer } from './longAnswer'
import { type PlacedErrors, placedErrors } from './sharedErrors'

/** An answer without its extensions. */
export interface WrittenAnswer {
  /** The run's merged data as the client's JSON, with nulls propagated; a list of buffers if it is long. */
  readonly data: string | readonly Buffer[]
  /** At the client's paths. */
  readonly errors: readonly GraphQLError[]
  /** Further errors with many paths each; absent if there are none. */
  readonly shared?: readonly PlacedErrors[]
}

/**
 * Writes the data and errors of a run with the client's names. `nodesOf` is as for `clientErrors`. Throws or rejects
 * with a PresageError if the answer is too large or its time is up.
 */
export type WriteAnswer = (
  run: PlanRun,
  nodesOf: (nodes: readonly ASTNode[]) => readonly ASTNode[],
) => WrittenAnswer | Promise<WrittenAnswer>

/** What the errors of an operation are told by. */
interface Told {
  readonly root: Place
  /** The operation's variables. */
  readonly variables: readonly NormalVariable[]
}

export function compileAnswer(told: Told): WriteAnswer {
  const { root } = told
  const serialize = compilePlace(root)
  const mostValues = hasWideObjects(root) ? mostAtOnceIfWide : mostAtOnce
  let writeList: WriteList | undefined
  let serializeLong: ReturnType<typeof compileLongAnswer> | undefined
  return (run, nodesOf) => {
    if (run.list !== undefined) {
      writeList ??= compileListText(root, mostValues, mostCharacters)
      const data = writeList(run)
      if (data !== undefined) return { data, errors: noErrors }
    }
    const serialization = new Serialization(mostValues, mostCharacters)
    let data: string
    try {
      data = serialize(run.data, serialization, 0) ?? 'null'
    } catch (error) {
      if (error !== tooLong) throw error
      serializeLong ??= compileLongAnswer(root)
      return serializeLong(run.data, run).then(({ pieces, violations }) =>
        withErrors(pieces, run, violations, told, nodesOf),
      )
    }
    run.checkSize(serialization.values, data.length, root.type.name)
    return withErrors(data, run, serialization.violations, told, nodesOf)
  }
}

/** About as many values as can be written in one share of a turn. */
const mostAtOnce = 5000
/** The same where objects have so many fields that no code is generated for them. */
const mostAtOnceIfWide = 1000
/** About as much text as can be written in one share. */
const mostCharacters = 131_072

function hasWideObjects(place: Place, seen = new Set<Place>()): boolean {
  if (seen.has(place)) return false
  seen.add(place)
  return [...place.shapes.values()].some(
    ({ shown }) =>
      shown.length > maxGenerated ||
      shown.some((field) => field.key !== undefined && field.place && hasWideObjects(field.place, seen)),
  )
}

function withErrors(
  data: WrittenAnswer['data'],
  run: PlanRun,
  violations: readonly NullViolation[],
  { root, variables }: Told,
  nodesOf: (nodes: readonly ASTNode[]) => readonly ASTNode[],
): WrittenAnswer {
  const isWhole = run.errors.length === 0 && run.shared.length === 0
  if (isWhole && violations.length === 0) return { data, errors: noErrors }
  const errors = run.errors.map((error) => withClientVariables(error, variables))
  const shared: PlacedErrors[] = []
  for (const one of run.shared) {
    const placed = placedErrors(one, root, nodesOf)
    if (placed !== undefined) shared.push(...placed)
    // One by one: they may be more than a call takes arguments.
    else for (const error of singleErrors(one)) errors.push(error)
  }
  const ownNodes = new Map<GraphQLError, readonly ASTNode[]>()
  const seen = new Set<string>()
  for (const violation of violations) {
    if (isExplained(violation, run)) continue
    const { message, path, nodes, error: unwritable } = violation
    // Reported once: `clientErrors` repeats it for every name under which the value is shown.
    const place = path.join('.')
    if (seen.has(place)) continue
    seen.add(place)
    // Only a violation by a null condition has nodes, and then the client sent the wrong value.
    const error =
      unwritable === undefined
        ? lightError(message, { path, ...(nodes !== undefined && badInput) })
        : locatedPresageError(unwritable, path)
    errors.push(error)
    if (nodes !== undefined) ownNodes.set(error, nodes)
  }
  const written = { data, errors: clientErrors(errors, root, run.data, nodesOf, ownNodes) }
  return shared.length === 0 ? written : { ...written, shared }
}

const badInput = { extensions: { code: 'BAD_USER_INPUT' } }
const noErrors: readonly GraphQLError[] = Object.freeze([])

/** Whether an error that explains the null is reported already. */
function isExplained({ path, nodes }: NullViolation, run: PlanRun): boolean {
  if (!run.hasFailures || nodes !== undefined) return false
  let container: unknown = run.data
  for (const key of path.slice(0, -1)) container = (container as Record<string | number, unknown>)[key]
  return run.failures.has(container as ResponseObject, path[path.length - 1])
}
