import type { GraphQLError, GraphQLObjectType, OperationDefinitionNode } from 'graphql'
import { clientErrors, unexplained } from './clientErrors'
import { collectFields, type ShapeContext } from './collectFields'
import { compileComposite, ShapeRun } from './compileShape'
import { always } from './guard'
import type { OperationResult } from './knownOperation'
import type { PlanRun } from './planRun'

/** The answer to one operation: what it looks like, compiled once. */
export interface ResponseShape {
  /** Whether anything but introspection and `__typename` is asked at the root. */
  readonly needsData: boolean
  /** The run's merged data as JSON, as the operation asked for it, nulls propagated; and errors at the client's paths. */
  shape(run: PlanRun): OperationResult
}

/** Compiles an operation, valid against the public schema, into the shape of its answer. */
export function compileResponseShape(
  rootType: GraphQLObjectType,
  operation: OperationDefinitionNode,
  context: ShapeContext,
): ResponseShape {
  const source = { selectionSet: operation.selectionSet, guard: always }
  const complete = compileComposite(rootType, [source], context)
  return {
    needsData: collectFields(rootType, [source], context).some(({ name }) => !name.startsWith('__')),
    shape(run) {
      const shaping = new ShapeRun(run.variables)
      const dataText = complete(run.data, shaping, 0) ?? 'null'
      if (run.errors.length === 0 && shaping.violations.length === 0) return { dataText, errors: noErrors }
      const placed = (errors: readonly GraphQLError[]) => clientErrors(errors, source, context, run.variables)
      const errors = placed(run.errors)
      return { dataText, errors: [...errors, ...placed(unexplained(shaping.violations, errors))] }
    },
  }
}

const noErrors: readonly GraphQLError[] = Object.freeze([])
